import Algebra
import Circuit
import Model
import Varuna

/// Recomputes everything that a proof document claims.
///
/// Works on outside data: never traps, and every check that cannot be made fails.
public struct DocumentVerifier: Sendable {
  /// One claim and whether it holds.
  public struct Check: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// Whether the claim holds.
    public var passed: Bool
    /// What was found, or why the claim fails.
    public var detail: String

    init(_ name: String, _ failures: [String], otherwise detail: String) {
      self.name = name
      passed = failures.isEmpty
      self.detail = failures.isEmpty ? detail : failures.prefix(5).joined(separator: "; ")
    }
  }

  /// The verdicts of all checks.
  public struct Report: Codable, Equatable, Sendable {
    /// All checks in the order they were made.
    public var checks: [Check]
    /// What a reader must know even if every check holds.
    public var warnings: [String]
    /// Whether every check holds.
    public var accepted: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }
  }

  /// What the model and the document's recipe give when the plan is made again.
  public struct Expectation: Sendable {
    /// SHA-256 of the ONNX file, in hexadecimal.
    public var modelDigest: String
    /// The plan and every circuit's key, recomputed.
    public var layout: DocumentLayout
    /// The integers of each committed tensor of weights.
    public var parameters: [[Int64]]

    /// Collects the fields.
    public init(modelDigest: String, layout: DocumentLayout, parameters: [[Int64]] = []) {
      self.modelDigest = modelDigest
      self.layout = layout
      self.parameters = parameters
    }
  }

  let document: ProofDocument
  /// Whether versions 1 and 2, which have a public soundness flaw, may be accepted.
  private let allowUnsoundVersion: Bool

  /// Collects the fields.
  public init(_ document: ProofDocument, allowUnsoundVersion: Bool = false) {
    self.document = document
    self.allowUnsoundVersion = allowUnsoundVersion
  }

  /// Runs every check; those about the model or the circuits only if they are given.
  public func verify(
    expecting expectation: Expectation? = nil, circuits: [GivenCircuit]? = nil,
    sameWeightsAs others: [(name: String, document: ProofDocument)] = []
  ) -> Report {
    var checks = [formatCheck, versionCheck]
    if let digest = document.digest { checks.append(contentCheck(digest)) }
    let (parameters, srsCheck) = srsCheck
    checks.append(srsCheck)
    for index in document.groups.indices {
      checks.append(proofCheck(group: index, parameters: parameters))
    }
    checks.append(linkCheck)
    for (kind, tensors) in document.boundTensors {
      for tensor in tensors { checks.append(tensorCheck(kind, tensor)) }
    }
    if let expectation { checks += modelChecks(expectation) }
    if let circuits { checks += circuitChecks(circuits) }
    for other in others { checks.append(sameWeightsCheck(other.name, other.document)) }
    return Report(
      checks: checks, warnings: warnings(keysKnown: expectation != nil || circuits != nil))
  }

  private func warnings(keysKnown: Bool) -> [String] {
    var warnings: [String] = []
    if document.srs.kind == .development {
      warnings.append("development SRS: not sound; anybody can forge proofs under it")
    }
    if document.varunaVersion < 3 {
      warnings.append(
        "Varuna V\(document.varunaVersion) is unsound: false statements have accepted proofs")
    }
    if !keysKnown {
      warnings.append(
        document.model != nil
          ? "the verifying keys were not compared with a model (--model FILE does)"
          : "the verifying keys were not compared with circuits (--r1cs FILE does)")
    }
    if document.parameters?.contains(where: { $0.visibility == .private }) == true {
      warnings.append(
        "the weights are private: the proofs are about some weights behind these commitments, and no "
          + "model file shows which")
    }
    return warnings
  }

  // MARK: - Checks without the model

  private var formatCheck: Check {
    var failures: [String] = []
    if document.format != ProofDocument.format { failures.append("format '\(document.format)'") }
    if document.groups.isEmpty { failures.append("no proof in the document") }
    if (document.model == nil) != (document.plan == nil) {
      failures.append("a model without a plan, or a plan without a model")
    }
    if document.model != nil, document.circuits != nil {
      failures.append("both a model and circuits")
    }
    if let circuits = document.circuits,
      circuits.count != document.groups.first?.verifyingKeys.count
    {
      failures.append("\(circuits.count) circuits are named, not one per key")
    }
    return Check("format", failures, otherwise: document.format)
  }

  /// A damaged document is named as such even where no proof, link or commitment speaks about the damaged field.
  private func contentCheck(_ digest: String) -> Check {
    let found = document.contentDigest
    return Check(
      "content",
      digest == found
        ? [] : ["its digest is \(found ?? "unknown"), the document says \(digest)"],
      otherwise: digest)
  }

  private var versionCheck: Check {
    let version = document.varunaVersion
    var failures: [String] = []
    if VarunaVersion(rawValue: version) == nil {
      failures.append("unknown Varuna version \(version)")
    } else if version < 3, !allowUnsoundVersion {
      failures.append(
        "Varuna V\(version) is unsound; --allow-unsound-version checks the proof all the same")
    }
    return Check("varuna version", failures, otherwise: "V\(version)")
  }

  private var srsCheck: (SRSVerifierParameters?, Check) {
    let parameters: SRSVerifierParameters?
    switch document.srs.kind {
    case .mainnet: parameters = .mainnet
    case .development:
      parameters = document.srs.seed.flatMap {
        $0.utf8.count <= SRS.maximalSeedBytes ? SRSVerifierParameters.development(seed: $0) : nil
      }
    }
    var failures: [String] = []
    if let parameters {
      if parameters.id != document.srs.id {
        failures.append("id '\(document.srs.id)', the parameters' own is '\(parameters.id)'")
      }
    } else {
      failures.append("development parameters without a usable seed")
    }
    return (
      failures.isEmpty ? parameters : nil,
      Check("srs", failures, otherwise: "\(document.srs.kind.rawValue) \(document.srs.id)")
    )
  }

  private func proofCheck(group index: Int, parameters: SRSVerifierParameters?) -> Check {
    let group = document.groups[index]
    var failures: [String] = []
    do {
      guard let parameters else { throw Unusable("the SRS is not known") }
      guard let version = VarunaVersion(rawValue: document.varunaVersion) else {
        throw Unusable("the version is not known")
      }
      guard group.verifyingKeys.count == group.publicInputs.count else {
        throw Unusable(
          "\(group.verifyingKeys.count) keys and public inputs for \(group.publicInputs.count)")
      }
      let keys = try group.verifyingKeys.map { text in
        guard let bytes = Hexadecimal.decode(text) else {
          throw Unusable("a key is not hexadecimal")
        }
        return try VerifyingKey(bytes: bytes)
      }
      let inputs = try group.publicInputs.map { instances in
        try instances.map { elements in
          try elements.map { text in
            guard let element = Fr(decimal: text) else {
              throw Unusable("a public input is not a decimal field element")
            }
            return element
          }
        }
      }
      let ids = keys.map(\.circuitID)
      for (first, second) in zip(ids, ids.dropFirst())
      where !first.lexicographicallyPrecedes(second) {
        throw Unusable("circuits are not in the order of their ids")
      }
      guard let bytes = Hexadecimal.decode(group.proof) else {
        throw Unusable("the proof is not hexadecimal")
      }
      let statement = try Statement(Array(zip(keys, inputs)))
      let verdict = Verifier.verify(
        try Proof(bytes: bytes), statement, version: version, parameters: parameters)
      if case .rejected(let rejection) = verdict { failures.append("rejected: \(rejection)") }
    } catch let error as Unusable {
      failures.append(error.reason)
    } catch {
      failures.append("\(error)")
    }
    let instances = group.publicInputs.reduce(0) { $0 + $1.count }
    return Check(
      Self.proofCheckName(index), failures,
      otherwise: "\(group.verifyingKeys.count) circuits, \(instances) instances, "
        + "\(group.proof.utf8.count / 2) bytes")
  }

  /// What the check of a group's proof is called.
  static func proofCheckName(_ group: Int) -> String { "proof of group \(group)" }

  private struct Unusable: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private func publicInput(_ position: PublicInputPosition) -> String? {
    document.publicInput(position)
  }

  private var linkCheck: Check {
    let failures = document.links.compactMap { link -> String? in
      guard let from = publicInput(link.from), let to = publicInput(link.to) else {
        return "\(link.from) to \(link.to): no such public input"
      }
      // Both texts are canonical: the proof check accepts no other decimal form of an element.
      return canonical(from) == canonical(to) && canonical(from) != nil
        ? nil : "\(link.from) and \(link.to) differ"
    }
    return Check("links", failures, otherwise: "\(document.links.count) equal pairs")
  }

  private func canonical(_ text: String) -> Fr? { Fr(decimal: text) }

  private func tensorCheck(_ kind: String, _ tensor: BoundTensor) -> Check {
    var failures: [String] = []
    let count = elementCount(tensor.shape)
    var covered = 0
    for (number, commitment) in tensor.commitments.enumerated() {
      let place = "commitment \(number)"
      if commitment.start != covered || commitment.count <= 0 {
        failures.append("\(place) does not continue at element \(covered)")
      }
      covered = max(covered, commitment.start &+ max(0, commitment.count))
      if commitment.hash != BoundTensor.Commitment.hash {
        failures.append("\(place) has the unknown hash '\(commitment.hash)'")
      }
      guard let value = Fr(decimal: commitment.value) else {
        failures.append("\(place) is not a field element")
        continue
      }
      if commitment.positions.isEmpty { failures.append("\(place) binds no public input") }
      for position in commitment.positions
      where publicInput(position).flatMap(canonical) != value {
        failures.append("\(place) differs from the public input at \(position)")
      }
      if commitment.salted != (tensor.visibility == .private) {
        failures.append("\(place): salting does not fit the visibility \(tensor.visibility)")
      }
    }
    if covered != count { failures.append("\(covered) of \(count ?? 0) elements are committed") }
    failures += valueFailures(tensor, count: count)
    var detail = "\(tensor.visibility), \(covered) elements"
    if kind == "parameter" {
      if tensor.visibility == .public { failures.append("weights are hashed or private") }
      detail += ", committed to as " + tensor.commitments.map(\.value).joined(separator: ", ")
    }
    return Check("\(kind) '\(tensor.name)'", failures, otherwise: detail)
  }

  /// What is wrong with the values of a public tensor: their commitments are recomputed.
  private func valueFailures(_ tensor: BoundTensor, count: Int?) -> [String] {
    guard tensor.visibility == .public else {
      return tensor.integers == nil && tensor.floats == nil
        ? [] : ["values are given although the tensor is \(tensor.visibility)"]
    }
    guard let integers = tensor.integers, let floats = tensor.floats, integers.count == count,
      floats.count == count
    else { return ["the values of a public tensor are missing or of another number"] }
    guard tensor.scale > 0, tensor.scale.isFinite,
      zip(integers, floats).allSatisfy({ Double($0) / tensor.scale == $1 })
    else { return ["floats are not integers divided by the scale"] }
    return tensor.commitments.enumerated().compactMap { number, commitment in
      guard !commitment.salted,
        let encoding = BoundaryEncoding(
          checkedBitWidth: commitment.bitWidth, offset: commitment.offset, salted: false),
        commitment.start >= 0, commitment.count >= 0,
        commitment.start <= integers.count - commitment.count
      else { return "commitment \(number) has an unusable encoding" }
      let values = Array(integers[commitment.start..<commitment.start + commitment.count])
      guard let recomputed = try? encoding.commitment(values: values, salt: nil) else {
        return "a value is outside the range of commitment \(number)"
      }
      return recomputed == Fr(decimal: commitment.value)
        ? nil : "commitment \(number) is not that of the values"
    }
  }

  private func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension > 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  // MARK: - Checks against the model

  private func modelChecks(_ expectation: Expectation) -> [Check] {
    let layout = expectation.layout
    var model: [String] = []
    if document.model?.digest != expectation.modelDigest {
      model.append(
        "the document is about \(document.model?.digest ?? "no model"), "
          + "the file is \(expectation.modelDigest)")
    }
    var plan: [String] = []
    let digest = Hexadecimal.encode(layout.plan.digest)
    if document.plan?.digest != digest { plan.append("digest is \(digest)") }

    let keys = layout.keys.map { $0.map { Hexadecimal.encode($0.bytes) } }
    var keyFailures: [String] = []
    if document.groups.map(\.verifyingKeys) != keys {
      keyFailures.append("the verifying keys are not those of the model under this plan")
    }
    let instances = layout.circuits.indices.map { group in
      layout.chunks(ofGroup: group).map(\.count)
    }
    if document.groups.map({ $0.publicInputs.map(\.count) }) != instances {
      keyFailures.append("the numbers of instances are not those of the plan")
    }
    if let chunks = document.chunks, chunks != layout.chunks {
      plan.append("the chunks are not those of the plan")
    }
    var links: [String] = []
    if Set(document.links) != Set(layout.links) {
      links.append("the links are not those that the plan demands")
    }
    return [
      Check("model digest", model, otherwise: expectation.modelDigest),
      Check("plan digest", plan, otherwise: digest),
      Check("keys of the model", keyFailures, otherwise: "all \(keys.joined().count) recomputed"),
      Check("links of the plan", links, otherwise: "\(layout.links.count)"),
      endsCheck("inputs of the plan", document.inputs, layout: layout, pieces: inputPieces(layout)),
      endsCheck(
        "outputs of the plan", document.outputs, layout: layout, pieces: layout.plan.outputs),
    ] + weightChecks(expectation)
  }

  private func inputPieces(_ layout: DocumentLayout) -> [[Plan.OutputPiece]] {
    layout.plan.inputs.map { boundary in
      let tensor = layout.plan.graph.tensors[layout.plan.boundaries[boundary].tensor]
      return [Plan.OutputPiece(boundary: boundary, start: 0, count: tensor.count)]
    }
  }

  /// Whether the tensors' commitments stand where the plan puts them, encoded as the plan says.
  func endsCheck(
    _ name: String, _ tensors: [BoundTensor], layout: DocumentLayout, pieces: [[Plan.OutputPiece]]
  ) -> Check {
    var failures: [String] = []
    if tensors.count != pieces.count {
      failures.append("\(tensors.count) tensors, the plan has \(pieces.count)")
    }
    for (tensor, pieces) in zip(tensors, pieces) {
      let expected = pieces.map { piece -> [AnyHashable] in
        let boundary = layout.plan.boundaries[piece.boundary]
        return [
          piece.start, piece.count, boundary.encoding.bitWidth, boundary.encoding.offset,
          boundary.encoding.salted, Set(layout.positions(of: boundary)),
        ]
      }
      let found = tensor.commitments.map { commitment -> [AnyHashable] in
        [
          commitment.start, commitment.count, commitment.bitWidth, commitment.offset,
          commitment.salted, Set(commitment.positions),
        ]
      }
      let scaleBits = pieces.first.map {
        layout.plan.graph.tensors[layout.plan.boundaries[$0.boundary].tensor].scaleBits
      }
      if expected != found { failures.append("'\(tensor.name)' is bound to other public inputs") }
      if let scaleBits, tensor.scale != powerOfTwo(scaleBits) {
        failures.append("'\(tensor.name)' has another scale")
      }
    }
    return Check(name, failures, otherwise: "\(tensors.count)")
  }
}
