import Algebra
import Foundation
import Model
import ProofAggregation
import Testing
import Varuna

/// Every check of a document alone: a change that nothing else speaks about, or the words of the one that must speak of it.
///
/// `StatementForgeryTests` and their neighbours have what an attacker would write; here is what each comparison is for, so that none of them can be left out
/// unnoticed.
@Suite(.serialized) struct DocumentCheckTests {
  private typealias Change = (inout ProofDocument) -> Void
  private static let batch = PlanRequest(workers: 1, limits: ProvenRun.limits)

  /// A run and what its reader makes again of the model.
  private struct Subject {
    let run: ProvenRun
    let expectation: ModelExpectation

    init(_ run: ProvenRun) throws {
      self.run = run
      expectation = try ProvenRun.expectation(
        model: run.bytes, run.document, #require(run.document.plan))
    }

    /// The verdict about a changed document; of public values any accuracy will do.
    func verdict(_ change: Change, pins: Pins = Pins(accuracy: .any)) -> DocumentVerdict {
      var document = run.document
      change(&document)
      return DocumentVerifier(document.sealed(), pins: pins).verify(expecting: expectation)
    }
  }

  private static let open = Result { try Subject(ProvenRun("two")) }
  /// Inputs and weights are hashed.
  private static let hashed = Result {
    var request = batch
    (request.inputVisibility, request.parameterVisibility) = (.hashed, .hashed)
    return try Subject(ProvenRun("hidden", request: request))
  }
  /// Several circuits in one proof.
  private static let several = Result {
    let limits = PlanLimits(constraints: 2048, variables: 2048, nonzeros: 1 << 13)
    return try Subject(ProvenRun("deep", request: PlanRequest(workers: 2, limits: limits)))
  }

  private static let one = PublicInputPosition(group: 0, circuit: 0, instance: 0, index: 0)
  private static let first = PublicInputPosition(group: 0, circuit: 0, instance: 0, index: 1)

  // MARK: What needs no model

  @Test func everyFaultOfATensorIsNamed() throws {
    func expect(
      _ subject: Subject, _ check: String, _ words: String, _ change: @escaping Change,
      line: Int = #line
    ) {
      let found = subject.verdict(change).checks.first { $0.name == check && !$0.passed }
      let detail = found?.detail ?? "nothing"
      #expect(detail.contains(words), "line \(line): \(detail)")
    }
    let (open, hashed) = (try Self.open.get(), try Self.hashed.get())
    for subject in [open, hashed] { #expect(subject.verdict { _ in }.failed == []) }
    let weights = "parameter '\(try #require(hashed.run.document.parameters)[0].name)'"
    func value(_ words: String, _ change: @escaping Change, line: Int = #line) {
      expect(open, "input 'x'", words, change, line: line)
    }
    func hash(_ words: String, _ change: @escaping Change, line: Int = #line) {
      expect(hashed, "input 'x'", words, change, line: line)
    }
    hash("commitment 1 does not continue at element 4") {
      $0.inputs[0].commitments.append($0.inputs[0].commitments[0])
    }
    // Elements of inputs that no circuit reads have no commitment; those of outputs all have.
    expect(open, "output 'p'", "commitment 0 does not continue at element 0") {
      $0.outputs[0].commitments[0].start = 1
      $0.outputs[0].commitments[0].count = 3
    }
    expect(open, "output 'p'", "3 of 4 elements are committed") {
      $0.outputs[0].commitments[0].count = 3
    }
    hash("5 of 4 elements are committed") { $0.inputs[0].commitments[0].count = 5 }
    hash("binds no public input") { $0.inputs[0].commitments[0].positions = [] }
    hash("differs from the public input") { $0.inputs[0].commitments[0].value += .one }
    hash("differs from the public input") {
      $0.inputs[0].commitments[0].value = .one
      $0.inputs[0].commitments[0].positions = [Self.one]
    }
    hash("salting does not fit") { $0.inputs[0].commitments[0].salted = true }
    hash("salting does not fit") { $0.inputs[0].visibility = .private }
    hash("values are given although") { $0.inputs[0].integers = [1, 2, 3, 4] }
    hash("values are given although") { $0.inputs[0].floats = [1, 2, 3, 4] }
    for scale in [3, 0, -2, .infinity] {
      hash("the scale is no power of two") { $0.inputs[0].scale = scale }
    }
    for shape in [[-1, 4], [.max, .max]] {
      hash("an unusable shape") { $0.inputs[0].shape = shape }
    }
    value("missing or of another number") { $0.inputs[0].integers?.append(0) }
    value("missing or of another number") { $0.inputs[0].floats?.removeLast() }
    value("missing or of another number") { $0.inputs[0].integers = nil }
    value("floats are not integers") { $0.inputs[0].floats?[0] += 1 }
    value("is not that of the values") { document in
      document.inputs[0].integers?[0] += 1
      document.inputs[0].floats = document.inputs[0].integers.map { integers in
        integers.map { Double($0) / document.inputs[0].scale }
      }
    }
    value("has an unusable encoding") { $0.inputs[0].commitments[0].salted = true }
    value("outside the range") { $0.inputs[0].commitments[0].bitWidth = 1 }
    expect(hashed, weights, "weights are hashed or private") {
      $0.parameters?[0].visibility = .public
    }
  }

  /// The leading ones are equal to each other and to nothing that commits.
  @Test func theConstantIsNoEndOfALink() throws {
    let subject = try Self.open.get()
    for (from, to) in [
      (Self.one, Self.first), (Self.first, Self.one), (Self.one, Self.one),
      (Self.first, PublicInputPosition(group: 1, circuit: 0, instance: 0, index: 1)),
    ] {
      let failed = subject.verdict {
        $0.groups[0].publicInputs[0][0][1] = .one
        $0.links = [ProofDocument.Link(from: from, to: to)]
      }.failed
      #expect(failed.contains("links"), "\(from) \(to)")
    }
  }

  @Test func versionAndPowersAreCompared() throws {
    let subject = try Self.open.get()
    func found(_ check: String, _ change: @escaping Change) -> String? {
      subject.verdict(change).checks.first { $0.name == check && !$0.passed }?.detail
    }
    for version in [VarunaVersion.v1, .v2] {
      #expect(found("varuna version") { $0.varunaVersion = version } != nil)
    }
    var pins = Pins(accuracy: .any)
    pins.allowsUnsoundVersion = true
    let tolerated = subject.verdict({ $0.varunaVersion = .v2 }, pins: pins)
    #expect(!tolerated.failed.contains("varuna version"))
    #expect(found("srs") { $0.srs.id = "other" }?.contains("the parameters' own is") == true)
    #expect(found("srs") { $0.srs.seed = "other" }?.contains("the parameters' own is") == true)
    #expect(found("srs") { $0.srs.seed = nil }?.contains("without a usable seed") == true)
    let long = String(repeating: "a", count: SRS.maximalSeedBytes + 1)
    #expect(found("srs") { $0.srs.seed = long }?.contains("without a usable seed") == true)
    let mainnet = SRSVerifierParameters.mainnet.id
    #expect(
      found("srs") {
        ($0.srs.kind, $0.srs.id) = (.mainnet, mainnet)
      }?.contains("a seed beside") == true)
    #expect(
      found("proof of group 0") { $0.groups[0].publicInputs.removeLast() }?
        .contains("not as many public inputs as keys") == true)
  }

  // MARK: What the model decides

  @Test func everyFieldThatThePlanDecidesIsCompared() throws {
    let (open, hashed) = (try Self.open.get(), try Self.hashed.get())
    func expect(
      _ subject: Subject, _ failed: [String], _ change: @escaping Change, line: Int = #line
    ) {
      let found = subject.verdict(change).failed.filter { $0 != "recorded accuracy" }
      #expect(found == failed, "line \(line)")
    }
    let (inputs, outputs) = ("inputs of the plan", "outputs of the plan")
    let weights = "weights of the plan"
    expect(hashed, [inputs]) { $0.inputs[0].scale *= 2 }
    expect(hashed, [inputs]) { $0.inputs[0].name = "y" }
    expect(hashed, [inputs]) { $0.inputs[0].commitments[0].bitWidth += 1 }
    expect(hashed, [inputs]) { $0.inputs[0].commitments[0].offset += 1 }
    expect(hashed, ["input 'x'", inputs]) { $0.inputs[0].commitments[0].salted = true }
    expect(hashed, [inputs]) {
      $0.inputs[0].visibility = .private
      $0.inputs[0].commitments[0].salted = true
    }
    expect(hashed, [inputs]) { document in
      let position = document.inputs[0].commitments[0].positions[0]
      document.inputs[0].commitments[0].positions.append(position)
    }
    expect(hashed, ["ties", inputs]) { $0.inputs[0].commitments = [] }
    expect(hashed, [weights]) { $0.parameters?[0].commitments[0].count -= 1 }
    expect(hashed, [weights]) {
      $0.parameters?[0].commitments[0].start += 1
      $0.parameters?[0].commitments[0].count -= 1
    }
    expect(hashed, [weights]) { $0.parameters?[0].shape.append(1) }
    expect(hashed, ["ties", weights, "weights of the model"]) { $0.parameters = nil }
    // The same integers at another scale are other numbers; nothing else in the document contradicts them.
    expect(open, [outputs]) { document in
      document.outputs[0].scale *= 2
      document.outputs[0].floats = document.outputs[0].floats.map { $0.map { $0 / 2 } }
    }
    expect(open, [outputs]) {
      $0.outputs[0].visibility = .hashed
      ($0.outputs[0].integers, $0.outputs[0].floats) = (nil, nil)
      $0.accuracy?.reached = nil
    }
    expect(open, ["model digest"]) { $0.model?.digest = FileDigest(of: [1]) }
    expect(open, ["plan of the model"]) { $0.plan?.digest = FileDigest(of: [1]) }
    expect(open, ["proof of group 0", "ties", "keys of the model"]) {
      $0.groups[0].publicInputs[0][0].append(.one)
    }
    // Without a plan made again nobody computes keys.
    var other = open.run.document
    other.plan?.digest = FileDigest(of: [1])
    #expect(
      try ProvenRun.verdict(on: other.sealed(), model: open.run.bytes).failed == ["plan digest"])
  }

  /// A file that the document is not about may be anything: its digest is all that is looked at.
  @Test func anotherFileIsNotRead() throws {
    let run = try Self.open.get().run
    for bytes in [[1, 2, 3], try ProvenRun.model("hidden")] {
      #expect(try ProvenRun.verdict(on: run.document, model: bytes).failed == ["model digest"])
    }
  }

  /// Two ways to write one letter are equal as texts, and two names all the same.
  @Test func namesAreComparedByteByByte() throws {
    let subject = try Self.hashed.get()
    var (form, tensor) = (subject.expectation.form.inputs[0], subject.run.document.inputs[0])
    #expect(form.differences(from: tensor) == [])
    (form.name, tensor.name) = ("\u{e9}", "e\u{301}")
    #expect(form.name == tensor.name)
    #expect(form.differences(from: tensor) == ["its name, in the model '\u{e9}'"])
  }

  /// Outputs that the model does not have, or has only once.
  @Test func moreOutputsThanThePlanHasAreRefused() throws {
    let subject = try Self.hashed.get()
    let twice = subject.verdict { $0.outputs.append($0.outputs[0]) }
    #expect(twice.failed == ["outputs of the plan"])
  }

  /// Weights in the circuits are in the keys: those of another model have others, whatever plan a document names.
  @Test func otherWeightsInTheCircuitsAreOtherKeys() throws {
    let honest = try Subject(ProvenRun("hidden"))
    let retrained = try ProvenRun("hidden_retrained", calibratedWith: "hidden")
    let failed = honest.verdict { document in
      document = retrained.document
      document.model = honest.run.document.model
      document.plan = honest.run.document.plan
    }.failed
    #expect(failed.filter { $0 != "recorded accuracy" } == ["keys of the model"])
  }

  /// Links of public inputs with themselves hold and leave nothing loose: only the plan says what must be linked.
  @Test func linksWithoutMeaningAreRefused() throws {
    let subject = try Self.several.get()
    try #require(!subject.run.document.links.isEmpty)
    let verdict = subject.verdict { document in
      document.links = document.links.flatMap { link in
        [link.from, link.to].map { ProofDocument.Link(from: $0, to: $0) }
      }
    }
    #expect(verdict.failed == ["links of the plan"])
  }

  // MARK: What else a reader brings along

  @Test func sameWeightsAreTheSameInEveryRespect() throws {
    let subject = try Self.hashed.get()
    func detail(_ change: Change, mine: Change = { _ in }) -> String? {
      var (document, other) = (subject.run.document, subject.run.document)
      mine(&document)
      change(&other)
      let pins = Pins(accuracy: .any, sameWeights: [.init(name: "other", document: other)])
      let verdict = DocumentVerifier(document, pins: pins).verify(expecting: subject.expectation)
      return verdict.checks.first { $0.name == "same weights as other" && !$0.passed }?.detail
    }
    #expect(detail { _ in } == nil)
    #expect(detail { $0.parameters?[0].name = "other" }?.contains("other tensors") == true)
    #expect(detail { $0.parameters?.removeLast() }?.contains("other tensors") == true)
    #expect(
      detail { $0.groups[0].verifyingKeys.removeLast() }?.contains("other circuits") == true)
    #expect(
      detail { $0.parameters?[0].commitments[0].value += .one }?.contains("other commitments")
        == true)
    #expect(detail { $0.parameters?[0].scale *= 2 }?.contains("other commitments") == true)
    #expect(detail { $0.parameters?[0].shape.append(1) }?.contains("other commitments") == true)
    #expect(
      detail({ $0.parameters = nil }, mine: { $0.parameters = nil })?
        .contains("no weights are committed to") == true)
  }

  @Test func circuitsAreExactlyThoseOfTheReader() throws {
    let subject = try Self.open.get()
    let group = subject.run.document.groups[0]
    let file = FileDigest(of: [1])
    let document = ProofDocument(
      varunaVersion: .v3, srs: subject.run.document.srs,
      circuits: group.verifyingKeys.map { _ in .init(name: "c", digest: file) }, groups: [group],
      timings: subject.run.document.timings
    ).sealed()
    let other = try #require(try Self.hashed.get().run.document.groups[0].verifyingKeys.first)
    func failed(_ circuits: [Pins.GivenCircuit]) -> [String] {
      DocumentVerifier(document, pins: Pins(circuits: circuits)).verify().failed
    }
    let honest = zip(group.verifyingKeys, group.publicInputs).map { key, instances in
      Pins.GivenCircuit(name: "c", digest: file, key: key, publicCount: instances[0].count)
    }
    let inputs = "public inputs of the circuits"
    #expect(failed(honest) == [])
    #expect(failed([]) == ["keys of the circuits", "circuit digests", inputs])
    #expect(
      failed(
        honest + [.init(name: "d", digest: FileDigest(of: [2]), key: other, publicCount: 1)])
        == ["keys of the circuits"])
    func changed(_ change: (inout Pins.GivenCircuit) -> Void) -> [String] {
      failed(
        honest.map {
          var circuit = $0
          change(&circuit)
          return circuit
        })
    }
    #expect(changed { $0.digest = FileDigest(of: [2]) } == ["circuit digests", inputs])
    // The key is the same for files with more or fewer public inputs that are padded alike.
    #expect(changed { $0.publicCount -= 1 } == [inputs])
    #expect(changed { $0.publicCount += 1 } == [inputs])
  }

  // MARK: What can be read

  @Test func everyKindHasItsFields() throws {
    let model = try Self.open.get().run.document
    let group = model.groups[0]
    var proofs = ProofDocument(
      varunaVersion: .v3, srs: model.srs, circuits: [], groups: [group], timings: model.timings)
    proofs.circuits = nil
    func expect(
      _ document: ProofDocument, _ field: String, _ change: Change, sealed: Bool = true,
      line: Int = #line
    ) throws {
      var changed = document
      change(&changed)
      if sealed { changed = changed.sealed() }
      let error = #expect(throws: DocumentError.self, "line \(line)") {
        try ProofDocument(json: changed.json())
      }
      guard case .malformed(let found, _)? = error else {
        Issue.record("line \(line): \(String(describing: error))")
        return
      }
      #expect(found == field, "line \(line)")
      // The same of a value that nobody has read.
      let verdict = DocumentVerifier(changed).verify()
      #expect(
        verdict.checks.contains { $0.name == "document" && $0.detail.hasPrefix(field) },
        "line \(line)")
    }
    try expect(model, "groups", { $0.groups = [] })
    try expect(model, "plan", { $0.plan = nil })
    try expect(model, "chunks", { $0.chunks = nil })
    try expect(model, "circuits", { $0.circuits = [] })
    try expect(model, "parameters", { $0.parameters = [] })
    try expect(model, "accuracy", { $0.accuracy = nil })
    try expect(model, "accuracy", { $0.accuracy?.reached?.append(0) })
    try expect(model, "digest", { $0.digest = nil }, sealed: false)
    try expect(proofs, "plan", { $0.plan = model.plan })
    try expect(proofs, "chunks", { $0.chunks = model.chunks })
    try expect(proofs, "accuracy", { $0.accuracy = model.accuracy })
    try expect(proofs, "aggregate", { $0.aggregate = .none })
    try expect(proofs, "links", { $0.links = [.init(from: Self.first, to: Self.first)] })
    try expect(proofs, "inputs", { $0.inputs = model.inputs })
    try expect(proofs, "outputs", { $0.outputs = model.outputs })
    try expect(proofs, "parameters", { $0.parameters = model.inputs })
    try expect(proofs, "circuits", { $0.circuits = [] })
  }

  @Test func theNumbersOfAGroupFitEachOther() throws {
    let document = try Self.several.get().run.document
    func expect(_ words: String, _ change: (inout ProofDocument.Group) -> Void) throws {
      var changed = document
      change(&changed.groups[0])
      let error = #expect(throws: DocumentError.self, "\(words)") {
        try ProofDocument(json: changed.sealed().json())
      }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    try expect("keys and public inputs for") { $0.verifyingKeys.removeLast() }
    try expect("not field elements after a 1") { $0.publicInputs[0][0][0] = .zero }
    try expect("not field elements after a 1") { $0.publicInputs[0][0] = [] }
    try expect("not as many instances as the proof has") { group in
      group.publicInputs[0].append(group.publicInputs[0][0])
    }
    let sizes = document.groups[0].publicInputs.map(\.count)
    let equal = try #require(sizes.indices.dropLast().first { sizes[$0] == sizes[$0 + 1] })
    try expect("circuits are not in the order of their ids") { group in
      group.verifyingKeys.swapAt(equal, equal + 1)
      group.publicInputs.swapAt(equal, equal + 1)
    }
  }

  /// A document of more than can be read is found before there are proofs.
  @Test func aDraftThatNobodyCouldReadIsRefused() throws {
    let draft = try Self.open.get().run.document
    let many = [[[Fr]]](repeating: [], count: ProofDocument.maximumBytes / 2000)
    let fault = draft.draftFault(publicInputs: [many])
    #expect(fault?.name == "document" && fault?.detail.contains("can be read") == true)
  }
}
