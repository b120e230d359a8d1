import Algebra
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Documents that say something false, each made in a way that a verifier once accepted.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | honest runs | are accepted, with every kind of visibility and aggregation |
/// | other weights | a recipe without, or with public, weights does not switch their check off |
/// | coarse settings | a hidden layer or weights rounded to 0 fail against the float model; pinned settings fail anyway |
/// | recorded accuracy | another error than the one that is computed again fails; one about hidden values is malformed |
/// | coarse settings, hidden run | fail on random inputs, unless the reader pins them |
/// | settings that accept no random input, hidden run | a warning says that nothing speaks for them; pinned settings fail |
/// | hidden classifier | settings that leave one class for all inputs fail on random inputs |
/// | visibility | what the reader pins is what the document must have; private weights are none of the model's |
/// | absurd recipes | nothing is made again for a document that fails without it, no plan for a model far larger than its circuits, no key for circuits of other sizes |
/// | large whole numbers | honest ones are accepted, neighbours that a double cannot tell apart are not |
/// | masks | honest settings of a mask pass on random inputs |
/// | drafts | what a verifier would refuse is found before there are proofs |
/// | exchanged outputs | names, shapes and order are those of the model |
/// | two runs | chunks without links are refused, by the plan and without it |
/// | recipes | numbers outside their bounds are errors, not traps |
/// | questions | a document of another kind is no answer |
@Suite(.serialized) struct ForgeryTests {
  private static let batch = PlanRequest(workers: 1, limits: ProvenRun.limits)
  private static let hidden = Result { try ProvenRun("hidden") }
  private static let two = Result { try ProvenRun("two") }
  private static let hashed = Result { () throws -> ProvenRun in
    var request = batch
    request.parameterVisibility = .hashed
    return try ProvenRun("hidden", request: request)
  }
  /// One proof per chunk, several chunks.
  private static func apart(
    _ input: [[Double]], settings: QuantizationSettings? = nil
  ) throws -> ProvenRun {
    let limits = PlanLimits(constraints: 2048, variables: 2048, nonzeros: 1 << 13)
    return try ProvenRun(
      "deep", input: input,
      request: PlanRequest(workers: 2, limits: limits, aggregation: .none)
    ) { if let settings { $0 = settings } }
  }

  @Test func honestRunsAreAccepted() throws {
    for run in [try Self.hidden.get(), try Self.two.get(), try Self.hashed.get()] {
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
      var request = Self.batch
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
    var request = Self.batch
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

  @Test func settingsThatRoundTheModelAwayAreRefused() throws {
    let evil = try ProvenRun("hidden") { settings in
      for value in settings.highest.indices where settings.highest[value] > 0 {
        settings.highest[value] = max(settings.highest[value], 0x1p40)
      }
    }
    let float = try #require(try Self.hidden.get().document.outputs[0].floats)
    #expect(evil.document.outputs[0].floats != float)
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["float model"], "\(verdict.checks)")
    let loose = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(accuracy: .any))
    #expect(loose.accepted && loose.warnings.contains { $0.contains("any accuracy") })
    let honest = try #require(try Self.hidden.get().document.plan?.settings)
    let pinned = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(settings: honest, accuracy: .any))
    #expect(pinned.failed == ["settings"])
    // Naming the honest settings does not help.
    var named = evil.document
    named.plan?.settings = honest
    #expect(
      try ProvenRun.verdict(on: named.sealed(), model: evil.bytes).failed.contains("settings"))
  }

  @Test func recordedErrorsAreComputedAgain() throws {
    let run = try Self.two.get()
    let honest = try #require(run.document.accuracy)
    #expect(honest.tolerance == 0.001 && honest.reached?.count == run.document.outputs.count)
    for change in [0.01, .nan] {
      var document = run.document
      document.accuracy?.reached = try #require(honest.reached).map {
        change.isNaN ? nil : $0.map { $0 + change }
      }
      let verdict = try ProvenRun.verdict(on: document.sealed(), model: run.bytes)
      #expect(verdict.failed == ["recorded accuracy"])
    }
    var document = run.document
    document.accuracy = nil
    #expect(try !ProvenRun.verdict(on: document.sealed(), model: run.bytes).accepted)
    document = run.document
    document.accuracy?.reached = nil
    #expect(try !ProvenRun.verdict(on: document.sealed(), model: run.bytes).accepted)
    // Of hidden values nobody may learn how far they are off.
    var request = Self.batch
    request.inputVisibility = .private
    var hidden = try ProvenRun("two", request: request).document
    #expect(hidden.accuracy?.reached == nil && hidden.accuracy?.tolerance == 0.001)
    hidden.accuracy?.reached = honest.reached
    #expect(try !ProvenRun.verdict(on: hidden.sealed(), model: run.bytes).accepted)
  }

  @Test func settingsThatRoundHiddenRunsAwayAreRefused() throws {
    for (input, output) in [(Visibility.private, Visibility.public), (.public, .hashed)] {
      var request = Self.batch
      (request.inputVisibility, request.outputVisibility) = (input, output)
      let honest = try ProvenRun("hidden", request: request)
      let fine = try ProvenRun.verdict(on: honest.document, model: honest.bytes)
      #expect(fine.accepted, "\(fine.checks.filter { !$0.passed })")
      #expect(try #require(fine.trial?.worst) < 0.05)
      for bits in [40, 6] {
        let evil = try ProvenRun("hidden", request: request) { settings in
          for value in settings.highest.indices where settings.highest[value] > 0 {
            settings.highest[value] = max(
              settings.highest[value], Double(sign: .plus, exponent: bits, significand: 1))
          }
          if bits < 40 { settings.activationBits = 2 }
        }
        let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
        #expect(verdict.failed == ["settings on random inputs"], "\(bits): \(verdict.checks)")
        for pins in [Pins(settings: evil.document.plan?.settings), Pins(accuracy: .any)] {
          #expect(
            try ProvenRun.verdict(on: evil.document, model: evil.bytes, pins: pins).accepted)
        }
      }
    }
  }

  /// Integers that could hold far more than ever occurs, so coarsely that the input is another one: no random input is accepted by
  /// the layers, so that nothing is compared, which the verdict says; the model's own settings, pinned, refuse them.
  @Test func settingsThatAcceptNoRandomInputAreWarnedOf() throws {
    var request = Self.batch
    request.inputVisibility = .private
    let evil = try ProvenRun("hidden", request: request) { settings in
      settings.inputScaleBits = [0]
      settings.inputWidths = [32]
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.trial?.inputs == 0)
    #expect(
      verdict.warnings.contains { $0.contains("nothing speaks for them") }, "\(verdict.warnings)")
    let honest = try ProvenRun("hidden", request: request).document.plan?.settings
    let pinned = try ProvenRun.verdict(
      on: evil.document, model: evil.bytes, pins: Pins(settings: honest))
    #expect(!pinned.accepted)
  }

  @Test func hiddenClassifiersAreTriedToo() throws {
    var request = Self.batch
    request.inputVisibility = .private
    let honest = try ProvenRun("classes", request: request)
    #expect(try ProvenRun.verdict(on: honest.document, model: honest.bytes).accepted)
    let evil = try ProvenRun("classes", request: request) { settings in
      for value in settings.highest.indices {
        settings.highest[value] = max(settings.highest[value], 0x1p40)
      }
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["settings on random inputs"], "\(verdict.checks)")
  }

  @Test func pinnedVisibilityIsCompared() throws {
    var request = Self.batch
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

  /// A recipe may make a small model large, and a plan may be right and its keys others: both show before long work.
  @Test func whatTheKeysCannotBeAboutIsFoundByCounting() throws {
    let run = try Self.two.get()
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
    let run = try Self.two.get()
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
    let run = try Self.hidden.get()
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

  private struct UnwantedPlan: Error {}

  /// 2^53 + 1 and its sums are none of the doubles.
  @Test func largeWholeNumbersAreComparedExactly() throws {
    let file = #"{"input_data": [[[9007199254740993, -9007199254740993, 9007199254740995, 7]]]}"#
    let run = try ProvenRun("counts", file: file)
    #expect(
      run.document.outputs[0].integers
        == [9_007_199_254_740_994, -9_007_199_254_740_991, 9_007_199_254_740_998, 11])
    let verdict = try ProvenRun.verdict(on: run.document, model: run.bytes)
    #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")
    let model = try Model.load(run.bytes, inputCounts: [4])
    let inputs = [Numbers.integers([9_007_199_254_740_993, 0, 0, 0])]
    for (output, failing) in [(9_007_199_254_740_994, 0), (9_007_199_254_740_993, 1)] {
      let judgement = try model.judge(
        outputs: [.integers([Int128(output), 2, 3, 4])], ofInputs: inputs, by: .standard)
      #expect(judgement.outputs[0].failing == failing)
    }
  }

  /// A value that was put together, not read, is judged by what it lacks.
  @Test func aDocumentWithoutItsPartsIsRefused() throws {
    let run = try Self.two.get()
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

  @Test func masksAreTriedAtTheirEnds() throws {
    var request = Self.batch
    request.inputVisibility = .private
    let input = [[0.3, -0.2, 0.5, 0.1], [1, 1, 1, 0]]
    let honest = try ProvenRun("masked", input: input, request: request)
    let fine = try ProvenRun.verdict(on: honest.document, model: honest.bytes)
    #expect(fine.accepted, "\(fine.checks.filter { !$0.passed })")
    #expect(try #require(fine.trial?.worst) < SettingsTrial.largestLoss)
  }

  @Test func whatWouldBeRefusedIsFoundWithoutProofs() throws {
    let run = try Self.apart([[0.5, -1, 0.25, 2]])
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

  @Test func aProgramHasAValueForWhatCircuitsSpeakAbout() throws {
    let unread = try ProvenRun("unread", input: [[0.5, -1, 0.25, 2], [1, 2, 3, 4]])
    for run in [unread, try Self.two.get()] {
      let planned = try run.plan.verifierProgram(
        name: "a_model", modelDigest: [UInt8](repeating: 1, count: 32))
      let made = try run.document.onChain(name: "a_model.aleo").program
      #expect(planned.values.count == made.values.count)
    }
  }

  @Test func committedWeightsOfZeroAreRefused() throws {
    var request = Self.batch
    request.parameterVisibility = .hashed
    let evil = try ProvenRun("hidden", request: request) { settings in
      settings.parameters = settings.parameters?.map { format in
        format.map { ParameterFormat(scaleBits: $0.scaleBits - 20, bits: $0.bits) }
      }
    }
    let verdict = try ProvenRun.verdict(on: evil.document, model: evil.bytes)
    #expect(verdict.failed == ["float model"], "\(verdict.checks)")
  }

  @Test func exchangedNamesShapesAndOrdersAreRefused() throws {
    let run = try Self.two.get()
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
    let first = try Self.apart([[0.5, -1, 0.25, 2]])
    let second = try Self.apart(
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

  @Test func recipesOutsideTheirBoundsAreErrors() throws {
    let run = try Self.two.get()
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
    var open = try Self.hashed.get().document
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
    let run = try Self.two.get()
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
    let honest = String(decoding: try Self.two.get().document.json(), as: UTF8.self)
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
    let digest = try #require(try Self.two.get().document.plan).digest.hex
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

  @Test func aDocumentOfAnotherKindIsNoAnswer() throws {
    let run = try Self.two.get()
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
}

/// The documents of the folder `shared/forgeries`: whatever format they have, none is accepted.
@Suite struct SharedForgeryTests {
  private static let documents: [(name: String, model: String?)] = [
    ("docForged", "tanh512"), ("docW", "denseA"), ("docWpub", "denseA"), ("docZ", "denseA"),
    ("docN", "two"), ("docS", nil), ("docMix", nil), ("fz", "two"),
  ]

  @Test(.needsShared, arguments: documents.indices)
  func noneIsAccepted(_ index: Int) throws {
    let (name, model) = Self.documents[index]
    let folder = try #require(sharedFolder).appendingPathComponent("forgeries")
    let file = folder.appendingPathComponent(name + ".json")
    try #require(FileManager.default.fileExists(atPath: file.path))
    // As it is, and as an attacker would bring it up to date.
    let text = try String(contentsOf: file, encoding: .utf8)
    let example = packageRoot.appendingPathComponent("examples/digits_mlp.onnx")
    let bytes = try Data(
      contentsOf: model.map { folder.appendingPathComponent($0 + ".onnx") } ?? example)
    for json in [text, text.replacing("ezkl-proof/1", with: ProofDocument.format)] {
      var isAccepted = false
      if let document = try? ProofDocument(json: Data(json.utf8)) {
        let verdict = try ProvenRun.verdict(on: document.sealed(), model: [UInt8](bytes))
        isAccepted = verdict.accepted
      }
      #expect(!isAccepted)
    }
  }
}
