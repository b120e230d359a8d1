import Model
import ProofAggregation
import Testing
import Varuna

/// Inputs that are shown and that no circuit reads as they are shown.
@Suite(.serialized) struct ShownInputTests {
  private typealias Change = (inout QuantizationSettings, BoundTensor) -> Void

  private static let shown = Result { try ProvenRun("two") }
  private static let hashed = Result {
    var request = PlanRequest(workers: 1, limits: ProvenRun.limits)
    request.inputVisibility = .hashed
    return try ProvenRun("two", request: request)
  }

  /// Why a check fails after a change of the settings; nil if it holds. No model is needed.
  private static func detail(
    _ check: String, _ run: ProvenRun, _ change: Change
  ) throws -> String? {
    var document = run.document
    var plan = try #require(document.plan)
    change(&plan.manifest.settings, document.inputs[0])
    plan.settings = plan.manifest.settingsDigest
    document.plan = plan
    let sealed = document.sealed()
    let found = DocumentVerifier(sealed).verify().checks.first { $0.name == check }
    // The same before there are any proofs.
    let draft = sealed.draftFault(publicInputs: sealed.groups.map(\.publicInputs))
    #expect((draft == nil) == (found?.passed == true))
    return try #require(found).passed ? nil : found?.detail
  }

  @Test func whatTheProgramWasMadeForIsWhatIsShown() throws {
    let values = [0.5, -1, 0.25, 2]
    for (run, words) in [
      (try Self.shown.get(), "the settings fix another number"),
      (try Self.hashed.get(), "is not that of the values"),
    ] {
      func detail(_ values: [Double]) throws -> String? {
        try Self.detail("fixed inputs", run) { settings, input in
          settings.fixedInputs = [
            FixedInput(name: input.name, shape: input.shape, values: values)
          ]
        }
      }
      #expect(try detail(values) == nil)
      #expect(try detail([0.5, -1, 0.25, 1])?.contains(words) == true)
      #expect(try detail([0.5, -1, 0.25, 1e300])?.contains("no integers at this scale") == true)
    }
    let count = try Self.detail("fixed inputs", Self.shown.get()) { settings, input in
      settings.fixedInputs = [FixedInput(name: input.name, shape: [1], values: [0.5])]
    }
    #expect(count?.contains("not as many numbers") == true)
  }

  @Test func noNumberThatIsShownIsReadAsMissing() throws {
    func detail(_ mark: Double) throws -> String? {
      try Self.detail("missing numbers", Self.shown.get()) { settings, input in
        settings.missing = [MissingMark(name: input.name, mark: mark)]
      }
    }
    #expect(try detail(-4) == nil)
    #expect(try detail(-2)?.contains("element 3 is beyond") == true)
    #expect(try detail(-1)?.contains("element 3 is beyond") == true)
    #expect(try detail(-0x1p-100)?.contains("no mark at this scale") == true)
  }

  /// A program without inputs has one that no circuit reads: what is shown of it are the numbers that the program was made for, and
  /// the verdict speaks of these.
  @Test func aProgramThatFixesAllInputsShowsThem() throws {
    let name = try Self.shown.get().document.inputs[0].name
    let file = #"{"input_data": {"\#(name)": [[0.5, -1, 0.25, 2]]}}"#
    let run = try ProvenRun(
      "two", file: file, choices: InputChoices(fixed: [name: [0.5, -1, 0.25, 2]]))
    let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
    #expect(verdict.accepted, "\(verdict.failed)")
    #expect(run.document.inputs[0].floats == [0.5, -1, 0.25, 2])
    let said = try #require(verdict.established.first)
    #expect(said.contains("[0.5, -1.0, 0.25, 2.0] for input '\(name)', gives output"))
    #expect(!said.contains("input '\(name)' as shown"))
    var forged = run.document
    forged.inputs[0].integers![1] += 1
    forged.inputs[0].floats![1] += 1 / forged.inputs[0].scale
    let found = try ProvenRun.verdict(on: forged.sealed(), model: run.bytes)
    #expect(found.failed.contains("fixed inputs"))
  }
}
