import Algebra
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Documents that nobody honest writes: refused without a trap, and without work for them.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | absurd recipes | nothing is made again for a document that fails without it, no plan for a model far larger than its circuits, no key for circuits of other sizes |
/// | drafts | what a verifier would refuse is found before there are proofs |
/// | recipes, commitments | numbers outside their bounds are errors, not traps |
/// | texts | what is no document is an error of bounded size |
@Suite(.serialized) struct MalformedDocumentTests {
  private struct UnwantedPlan: Error {}

  /// A recipe may make a small model large, and a plan may be right and its keys others: both show before long work.
  @Test func whatTheKeysCannotBeAboutIsFoundByCounting() throws {
    let run = try ForgedRun.two.get()
    let bytes = try ProvenRun.model("pairs")
    for (count, isTooLarge) in [(4, false), (256, false), (2048, true)] {
      let model = try Model.load(bytes, inputShapes: [[1, count]])
      #expect((run.document.misfit(of: model) != nil) == isTooLarge, "\(count)")
    }
    #expect(run.document.misfit(of: run.plan) == nil)
    #expect(run.document.misfit(of: try ProvenRun("hidden", input: [[1, 2, 3, 4]]).plan) != nil)
    var fewer = run.document
    fewer.groups[0].publicInputs[0].removeLast()
    #expect(fewer.misfit(of: run.plan)?.check == "keys of the model")
  }

  /// Making a plan again may take long: it is not begun for a document that is refused whatever comes of it.
  @Test func nothingIsMadeAgainForARefusedDocument() throws {
    struct Begun: Error {}
    let run = try ForgedRun.two.get()
    func failed(_ document: ProofDocument, pins: Pins = Pins()) throws -> [String] {
      try DocumentVerifier(document, pins: pins).verify { _ in throw Begun() }.failed
    }
    #expect(throws: Begun.self) { try failed(run.document) }
    var huge = run.document
    huge.plan?.manifest.settings.inputShapes = [[1, 1 << 20]]
    let digest = try #require(huge.plan?.manifest.settingsDigest)
    huge.plan?.settings = digest
    #expect(try failed(huge) == ["content", "settings", "size"])
    #expect(try failed(huge.sealed()) == ["settings", "size"])
    huge.inputs[0].shape = [1, 1 << 20]
    #expect(try failed(huge.sealed()) == ["input 'x'", "size"])
    #expect(
      try failed(run.document, pins: Pins(visibility: VisibilityPins(weights: .hashed)))
        == ["visibility"])
    var unproven = run.document
    unproven.groups[0].publicInputs[0][0][1] += .one
    #expect(try failed(unproven.sealed()).contains("proof of group 0"))
  }

  /// A recipe for inputs that the circuits cannot have read would have a verifier plan for minutes, in vain.
  @Test func nothingIsPlannedForMoreThanTheCircuitsRead() throws {
    let run = try ForgedRun.hidden.get()
    var document = run.document
    document.plan?.manifest.settings.inputShapes = [[1 << 20]]
    document.inputs[0].shape = [1 << 20]
    let digest = document.plan?.manifest.settingsDigest
    document.plan?.settings = try #require(digest)
    let verdict = try DocumentVerifier(document.sealed()).verify { _ in
      Issue.record("it is planned")
      throw UnwantedPlan()
    }
    #expect(verdict.checks.contains { $0.detail.contains("the circuits have") })
  }

  /// A value that was put together, not read, is judged by what it lacks.
  @Test func aDocumentWithoutItsPartsIsRefused() throws {
    let run = try ForgedRun.two.get()
    var bare = run.document
    bare.plan = nil
    #expect(try !ProvenRun.verdict(on: bare.sealed(), model: run.bytes).accepted)
    #expect(DocumentVerifier(bare.sealed()).verify().failed == ["document"])
    var short = run.document
    short.groups[0].publicInputs.removeLast()
    #expect(DocumentVerifier(short.sealed()).verify().failed.contains("proof of group 0"))
    var negative = run.document
    var floats = try #require(negative.inputs[0].floats)
    floats[0] = -0.0
    negative.inputs[0].floats = floats
    negative.inputs[0].integers?[0] = 0
    let failed = DocumentVerifier(negative.sealed()).verify().checks.first {
      $0.name == "input 'x'"
    }
    #expect(failed?.detail.contains("floats are not integers") == true)
  }

  @Test func whatWouldBeRefusedIsFoundWithoutProofs() throws {
    let run = try ForgedRun.apart([[0.5, -1, 0.25, 2]])
    let inputs = run.document.groups.map(\.publicInputs)
    func fault(_ change: (inout ProofDocument) throws -> Void) rethrows -> String? {
      var draft = run.document
      (draft.groups, draft.digest) = ([], nil)
      try change(&draft)
      return draft.draftFault(publicInputs: inputs)?.name
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0.links.removeFirst() } == "ties")
    #expect(fault { $0.links[0].to.index = 9 } == "links")
    #expect(fault { $0.outputs[0].commitments = [] } == "ties")
    let name = run.document.outputs[0].name
    #expect(fault { $0.outputs[0].integers?[0] += 1 } == "output '\(name)'")
    #expect(fault { $0.outputs[0].floats?[0] += 1 } == "output '\(name)'")
    #expect(fault { $0.outputs[0].shape = [7, 7] } == "output '\(name)'")
    #expect(fault { $0.plan?.manifest.request.workers = 1025 } == "document")
    #expect(fault { $0.plan?.manifest.settings.inputShapes = [[1 << 25]] } == "document")
    #expect(fault { $0.outputs[0].floats?[0] = .nan } == "document")
    #expect(fault { $0.varunaVersion = .v2 } == nil)
  }

  @Test func recipesOutsideTheirBoundsAreErrors() throws {
    let run = try ForgedRun.two.get()
    typealias Change = (inout PlanManifest) -> Void
    let changes: [Change] = [
      { $0.request.workers = 1 << 62 }, { $0.request.workers = 0 }, { $0.request.workers = -1 },
      { $0.request.workers = 1025 }, { $0.request.memory = [] },
      { $0.request.memory = [.min] }, { $0.request.memory = [Int](repeating: .max, count: 3) },
      { $0.request.memory = [0] }, { $0.request.limits.constraints = -1 },
      { $0.request.limits = PlanLimits(constraints: .max, variables: .max, nonzeros: .max) },
      { $0.request.parameterVisibility = .public }, { $0.request.parameterVisibility = .hashed },
      { $0.settings.inputShapes = [[-1, 4]] }, { $0.settings.inputShapes = [[.max, .max]] },
      { $0.settings.inputShapes = [[1 << 25]] }, { $0.settings.inputScaleBits = [-141] },
      { $0.settings.extraBits[0] = .max }, { $0.settings.extraBits[0] = .min },
      { $0.settings.highest[0] = 1e308 }, { $0.settings.activationBits = 99 },
      { $0.settings.headroomBits = -1 }, { $0.settings.inputWidths = [7] },
      { $0.settings.lowest.removeLast() }, { $0.settings.format = "other" },
      { $0.settings.fixedInputs = [FixedInput(name: "a", shape: [.max, .max], values: [1])] },
      { $0.settings.fixedInputs = [FixedInput(name: "a", shape: [-1], values: [1])] },
      { $0.settings.fixedInputs = [FixedInput(name: "a", shape: [2], values: [1])] },
      {
        let fixed = FixedInput(name: "a", shape: [1], values: [1])
        $0.settings.fixedInputs = [fixed, fixed]
      },
    ]
    for (number, change) in changes.enumerated() {
      var forged = run.document
      var plan = try #require(forged.plan)
      change(&plan.manifest)
      plan.settings = plan.manifest.settingsDigest
      forged.plan = plan
      let error = #expect(throws: DocumentError.self, "change \(number)") {
        try ProofDocument(json: forged.sealed().json())
      }
      if let error { #expect("\(error)".contains("plan.recipe"), "\(number): \(error)") }
    }
    // Weights that are committed to are never public.
    var open = try ForgedRun.hashed.get().document
    open.plan?.manifest.request.parameterVisibility = .public
    let error = #expect(throws: DocumentError.self) {
      try ProofDocument(json: open.sealed().json())
    }
    #expect(error?.description.contains("weights are hashed or private") == true)
    // Within the bounds, but no plan of this model.
    let unfit: [Change] = [
      { $0.request.memory = [1] }, { $0.request.workers = 1024 },
      { $0.request.limits = PlanLimits(constraints: 1, variables: 1, nonzeros: 1) },
      { $0.settings.inputShapes = [[4, 4]] }, { $0.settings.inputScaleBits = [-64] },
      { $0.settings.inputScaleBits = [64] }, { $0.settings.activationBits = 32 },
      { $0.settings.inputShapes = [[1, 4], [1, 4]] },
      { $0.settings.highest = [Double](repeating: 0x1p64, count: $0.settings.highest.count) },
      { $0.settings.extraBits = [Int](repeating: -16, count: $0.settings.extraBits.count) },
      { $0.request.target = .mainnet }, { $0.request.aggregation = .none },
    ]
    for (number, change) in unfit.enumerated() {
      var forged = run.document
      var plan = try #require(forged.plan)
      change(&plan.manifest)
      plan.settings = plan.manifest.settingsDigest
      forged.plan = plan
      let verdict = try ProvenRun.verdict(onJSON: forged.sealed().json(), model: run.bytes)
      let pinned = try ProvenRun.verdict(
        onJSON: forged.sealed().json(), model: run.bytes,
        pins: Pins(settings: run.document.plan?.settings))
      // A request that leads to the same plan says the same; settings that lead to the same circuits as well, and the verdict
      // names them.
      let isSame = forged.plan!.manifest.settings == run.document.plan!.manifest.settings
      #expect(
        !verdict.accepted || isSame || verdict.settings != run.document.plan?.settings,
        "change \(number)")
      #expect(!pinned.accepted || isSame, "change \(number)")
    }
  }

  @Test func commitmentsOutsideTheirBoundsAreErrors() throws {
    let run = try ForgedRun.two.get()
    typealias Change = (inout BoundTensor.Commitment) -> Void
    let changes: [Change] = [
      { $0.count = .max }, { $0.count = 0 }, { $0.count = -1 }, { $0.start = .max },
      { $0.start = -1 }, { $0.start = 1 << 33 }, { $0.count = 1 << 33 }, { $0.bitWidth = 0 },
      { $0.bitWidth = 65 }, { $0.bitWidth = .max }, { $0.bitWidth = .min }, { $0.offset = .max },
    ]
    for (number, change) in changes.enumerated() {
      var forged = run.document
      change(&forged.inputs[0].commitments[0])
      // Twice, so that sums of them would overflow.
      forged.inputs[0].commitments.append(forged.inputs[0].commitments[0])
      #expect(throws: DocumentError.self, "change \(number)") {
        try ProofDocument(json: forged.sealed().json())
      }
    }
    var wide = run.document
    wide.inputs[0].commitments[0].count = 1 << 32
    wide.inputs[0].commitments.append(wide.inputs[0].commitments[0])
    let verdict = try ProvenRun.verdict(onJSON: wide.sealed().json(), model: run.bytes)
    #expect(!verdict.accepted)
  }

  @Test func textThatIsNoDocumentIsAnErrorOfBoundedSize() throws {
    let honest = String(decoding: try ForgedRun.two.get().document.json(), as: UTF8.self)
    func refused(_ text: String, _ comment: Comment, because reason: String = "") {
      let error = #expect(throws: DocumentError.self, comment) {
        try ProofDocument(json: Data(text.utf8))
      }
      guard let error, !reason.isEmpty else { return }
      #expect(error.description.contains(reason), comment)
    }
    refused(String(repeating: "[", count: 1 << 20), "deep", because: "nested too deeply")
    refused(
      String(repeating: "{\"a\":", count: 1 << 16), "deep objects", because: "nested too deeply")
    refused(
      "[" + String(repeating: "1,", count: StrictJSON.maximumValues) + "1]", "long",
      because: "too many values")
    refused(
      "[" + String(repeating: "{},", count: StrictJSON.maximumValues / 8) + "1]", "many objects",
      because: "too many values")
    refused(honest + "{}", "more", because: "something follows")
    #expect(
      throws: DocumentError.tooLarge(
        bytes: ProofDocument.maximumBytes + 1, limit: ProofDocument.maximumBytes)
    ) { try ProofDocument(json: Data(count: ProofDocument.maximumBytes + 1)) }
    // Unknown fields, and texts that are not written as this version writes them.
    refused(
      honest.replacing("\"format\"", with: "\"other\": 1, \"format\""), "unknown",
      because: "'other' is malformed: no such field")
    let digest = try #require(try ForgedRun.two.get().document.plan).digest.hex
    refused(
      honest.replacing(digest, with: digest.uppercased()), "capitals", because: "'plan.digest'")
    refused(honest.replacing("\"scale\"", with: "\"scal\\u0065\":1,\"scale\""), "an escaped key")
    refused(honest.replacing("\"format\"", with: "\"format\":\"ezkl-proof/3\",\"format\""), "twice")
    for number in [
      "NaN", "1e999", "-Infinity", "1" + String(repeating: "0", count: 80), "0x10", "01",
    ] {
      for field in ["\"start\" : 0", "\"plan_seconds\" : 1"] {
        #expect(honest.contains(field))
        refused(honest.replacing(field, with: field.dropLast() + number), "\(field) \(number)")
      }
    }
  }
}
