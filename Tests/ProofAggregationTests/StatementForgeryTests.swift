import Algebra
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Documents that say something false about a right proof, each made in a way that a verifier once accepted.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | honest runs | are accepted, with every kind of visibility and aggregation |
/// | other weights | a recipe without, or with public, weights does not switch their check off |
/// | visibility | what the reader pins is what the document must have; private weights are none of the model's |
/// | exchanged outputs | names, shapes and order are those of the model |
/// | two runs | chunks without links are refused, by the plan and without it |
/// | fixed inputs | the verdict names their numbers; others make another plan |
/// | questions | a document of another kind is no answer |
@Suite(.serialized) struct StatementForgeryTests {
  @Test func honestRunsAreAccepted() throws {
    for run in [try ForgedRun.hidden.get(), try ForgedRun.two.get(), try ForgedRun.hashed.get()] {
      let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
      #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
      let read = try ProvenRun.verdict(onJSON: run.document.json(), model: run.bytes)
      #expect(read == verdict)
      #expect(DocumentVerifier(run.document).verify().accepted)
    }
    for visibility in [Visibility.hashed, .private] {
      let request = PlanRequest(
        workers: 1, limits: ProvenRun.limits, inputVisibility: visibility,
        outputVisibility: visibility, parameterVisibility: visibility)
      let run = try ProvenRun("hidden", request: request)
      let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
      #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
      #expect(verdict.warnings.contains { $0.contains("THE PRECISION WAS THE PROVER'S CHOICE") })
      #expect(verdict.notEstablished.contains { $0.contains("float model") })
      let pinned = try ProvenRun.verdict(
        on: run.document, model: run.bytes, pins: Pins(settings: run.document.plan?.settings))
      #expect(pinned.accepted && !pinned.warnings.contains { $0.contains("PRECISION") })
    }
  }

  @Test func anInputThatNothingReadsIsSaidToBeOne() throws {
    for visibility in Visibility.allCases {
      var request = ForgedRun.batch
      request.inputVisibility = visibility
      let run = try ProvenRun(
        "unread", input: [[0.5, -1, 0.25, 2], [1, 2, 3, 4]], request: request)
      #expect(run.document.inputs[1].commitments.isEmpty)
      let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
      #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
      #expect(verdict.notEstablished.contains { $0.contains("about input 'c'") })
      // An input that is read cannot be said not to be.
      var silent = run.document
      silent.inputs[0].commitments = []
      #expect(DocumentVerifier(silent.sealed()).verify().failed == ["ties"])
      let told = try ProvenRun.verdict(on: silent.sealed(), model: run.bytes)
      #expect(told.failed == ["ties"])
    }
  }

  @Test func otherWeightsAreFoundWhateverTheRecipeSays() throws {
    var request = ForgedRun.batch
    request.parameterVisibility = .hashed
    let run = try ProvenRun(
      "hidden_retrained", request: request, calibratedWith: "hidden")
    let model = try ProvenRun.model("hidden")
    var forged = run.document
    forged.model?.digest = FileDigest(of: model)
    let plain = try ProvenRun.verdict(
      on: forged.sealed(), model: model, pins: Pins(accuracy: .any))
    #expect(plain.failed == ["weights of the model", "recorded accuracy"])
    for visibility in [nil, Visibility.public, .private] {
      var changed = forged
      changed.plan?.manifest.request.parameterVisibility = visibility
      for settings in [true, false] {
        if !settings { changed.plan?.manifest.settings.parameters = nil }
        let manifest = try #require(changed.plan?.manifest)
        changed.plan?.settings = manifest.settingsDigest
        let verdict = try ProvenRun.verdict(
          onJSON: changed.sealed().json(), model: model, pins: Pins(accuracy: .any))
        #expect(!verdict.accepted, "\(String(describing: visibility)) \(settings)")
      }
    }
  }

  @Test func pinnedVisibilityIsCompared() throws {
    var request = ForgedRun.batch
    request.parameterVisibility = .private
    let run = try ProvenRun("hidden", request: request)
    func failed(_ visibility: VisibilityPins) throws -> [String] {
      try ProvenRun.verdict(
        on: run.document, model: run.bytes, pins: Pins(visibility: visibility)
      ).failed
    }
    #expect(try failed(VisibilityPins()) == [])
    #expect(try failed(VisibilityPins(inputs: .public, outputs: .public, weights: .private)) == [])
    #expect(try failed(VisibilityPins(weights: .hashed)) == ["visibility"])
    #expect(try failed(VisibilityPins(weights: .fixed)) == ["visibility"])
    #expect(try failed(VisibilityPins(inputs: .private)) == ["visibility"])
    #expect(try failed(VisibilityPins(outputs: .hashed)) == ["visibility"])
  }

  @Test func exchangedNamesShapesAndOrdersAreRefused() throws {
    let run = try ForgedRun.two.get()
    func refused(_ check: String, _ change: (inout ProofDocument) -> Void) throws {
      var forged = run.document
      change(&forged)
      let sealed = forged.sealed()
      let verdict = try ProvenRun.verdict(on: sealed, model: run.bytes, pins: Pins(accuracy: .any))
      #expect(verdict.failed.filter { $0 != "recorded accuracy" } == [check])
    }
    try refused("outputs of the plan") { document in
      let name = document.outputs[0].name
      document.outputs[0].name = document.outputs[1].name
      document.outputs[1].name = name
    }
    try refused("outputs of the plan") { $0.outputs[0].shape = [4, 1] }
    try refused("outputs of the plan") { $0.outputs.swapAt(0, 1) }
    try refused("inputs of the plan") { $0.inputs[0].name = "y" }
    try refused("settings") { $0.inputs[0].shape = [2, 2] }
    try refused("plan of the model") { $0.chunks?[0].operators.reverse() }
    try refused("plan of the model") { $0.aggregate = .none }
  }

  @Test func chunksOfTwoRunsAreRefused() throws {
    let first = try ForgedRun.apart([[0.5, -1, 0.25, 2]])
    let second = try ForgedRun.apart(
      [[0.25, 0.5, -0.25, 1.5]], settings: first.document.plan?.manifest.settings)
    try #require(first.document.groups.count > 1 && !first.document.links.isEmpty)
    for run in [first, second] {
      let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
      #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
    }
    try #require(first.document.plan == second.document.plan)
    var mixed = first.document
    mixed.groups[mixed.groups.count - 1] = second.document.groups[mixed.groups.count - 1]
    for output in mixed.outputs.indices { mixed.outputs[output] = second.document.outputs[output] }
    #expect(DocumentVerifier(mixed.sealed()).verify().failed.contains("links"))
    mixed.links = []
    #expect(DocumentVerifier(mixed.sealed()).verify().failed.contains("ties"))
    #expect(
      try ProvenRun.verdict(on: mixed.sealed(), model: first.bytes).failed
        .contains("ties"))
    #expect(DocumentVerifier.mismatch(of: mixed, model: false, pins: Pins(circuits: [])) != nil)
    // Without the model's fields it is no document of circuits either.
    var bare = mixed
    (bare.model, bare.plan, bare.chunks) = (nil, nil, nil)
    (bare.inputs, bare.outputs) = ([], [])
    let read = #expect(throws: DocumentError.self) {
      try ProofDocument(json: bare.sealed().json())
    }
    guard case .malformed("accuracy", _)? = read else {
      Issue.record("\(String(describing: read))")
      return
    }
  }

  /// An input that shapes depend on is in the settings alone: whoever relies on the verdict must see its numbers there, and
  /// others make another plan.
  @Test func inputsThatTheProgramWasMadeForAreNamed() throws {
    let run = try ProvenRun(
      "fixed", file: #"{"input_data": {"x": [[0.5, -1, 0.25, 2]], "shape": [2, 2]}}"#)
    let honest = try ProvenRun.verdict(on: run.document, model: run.bytes)
    #expect(honest.accepted, "\(honest.failed)")
    let choice = try #require(honest.choices.first { $0.what == "input 'shape'" })
    #expect(choice.value == "[2.0, 2.0]" && choice.source == .prover)
    #expect(honest.established[0].contains("[2.0, 2.0] for input 'shape'"))

    var forged = run.document
    var plan = try #require(forged.plan)
    plan.manifest.settings.fixedInputs![0].values = [4, 1]
    plan.settings = plan.manifest.settingsDigest
    forged.plan = plan
    #expect(!(try ProvenRun.verdict(on: forged.sealed(), model: run.bytes).accepted))
    plan.manifest.settings.fixedInputs = nil
    plan.settings = plan.manifest.settingsDigest
    forged.plan = plan
    #expect(!(try ProvenRun.verdict(on: forged.sealed(), model: run.bytes).accepted))
  }

  @Test func aDocumentOfAnotherKindIsNoAnswer() throws {
    let run = try ForgedRun.two.get()
    let circuits = Pins(circuits: [])
    #expect(DocumentVerifier(run.document, pins: circuits).verify().failed.contains("question"))
    let group = run.document.groups[0]
    let proofs = ProofDocument(
      varunaVersion: .v3, srs: run.document.srs,
      circuits: group.verifyingKeys.map { _ in .init(name: "c", digest: FileDigest(of: [1])) },
      groups: [group], timings: run.document.timings
    ).sealed()
    #expect(DocumentVerifier(proofs).verify().accepted)
    #expect(try ProvenRun.verdict(on: proofs, model: run.bytes).failed == ["question"])
    for pins in [
      Pins(settings: run.document.plan?.settings),
      Pins(sameWeights: [.init(name: "other", document: run.document)]),
    ] {
      #expect(DocumentVerifier(run.document, pins: pins).verify().failed.contains("question"))
    }
  }

  @Test func committedWeightsOfZeroAreRefused() throws {
    var request = ForgedRun.batch
    request.parameterVisibility = .hashed
    let evil = try ProvenRun("hidden", request: request) { settings in
      settings.parameters = settings.parameters?.map { format in
        format.map { ParameterFormat(scaleBits: $0.scaleBits - 20, bits: $0.bits) }
      }
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["float model"], "\(verdict.checks)")
  }

  @Test func aProgramHasAValueForWhatCircuitsSpeakAbout() throws {
    let unread = try ProvenRun("unread", input: [[0.5, -1, 0.25, 2], [1, 2, 3, 4]])
    for run in [unread, try ForgedRun.two.get()] {
      let planned = try run.plan.verifierProgram(
        name: "a_model", modelDigest: [UInt8](repeating: 1, count: 32))
      let made = try run.document.onChain().program
      #expect(planned.values.count == made.values.count)
    }
  }
}
