import Algebra
import Circuit
import Foundation
import Model
import Varuna

extension KeyedDecodingContainer {
  /// A decimal field element.
  fileprivate func element(_ key: Key) throws -> Fr {
    try Self.element(decode(String.self, forKey: key), codingPath + [key])
  }

  fileprivate static func element(_ text: String, _ path: [any CodingKey]) throws -> Fr {
    guard let element = Fr(decimal: text) else {
      throw unreadable(path, "not a decimal field element")
    }
    return element
  }

  /// Hexadecimal bytes of something that reads itself.
  fileprivate static func parsed<Value>(
    _ text: String, _ path: [any CodingKey], _ read: ([UInt8]) throws -> Value
  ) throws -> Value {
    guard let bytes = Hexadecimal.decode(text) else { throw unreadable(path, "not hexadecimal") }
    do { return try read(bytes) } catch { throw unreadable(path, "\(error)") }
  }
}

private func unreadable(_ path: [any CodingKey], _ reason: String) -> DecodingError {
  .dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: reason))
}

extension ProofDocument: Codable {
  enum CodingKeys: String, CodingKey {
    case format, aggregate, srs, model, plan, circuits, chunks, groups, links, inputs, outputs
    case parameters, accuracy, timings, digest
    case varunaVersion = "varuna_version"
  }

  /// Decodes every field into its own type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard try container.decode(String.self, forKey: .format) == Self.format else {
      throw unreadable([CodingKeys.format], "another format")
    }
    guard
      let version = VarunaVersion(rawValue: try container.decode(Int.self, forKey: .varunaVersion))
    else { throw unreadable([CodingKeys.varunaVersion], "there are the versions 1, 2 and 3") }
    varunaVersion = version
    aggregate = try container.decode(Aggregation.self, forKey: .aggregate)
    srs = try container.decode(SRSReference.self, forKey: .srs)
    model = try container.decodeIfPresent(ModelReference.self, forKey: .model)
    plan = try container.decodeIfPresent(PlanReference.self, forKey: .plan)
    circuits = try container.decodeIfPresent([CircuitReference].self, forKey: .circuits)
    chunks = try container.decodeIfPresent([ChunkReference].self, forKey: .chunks)
    groups = try container.decode([Group].self, forKey: .groups)
    links = try container.decode([Link].self, forKey: .links)
    inputs = try container.decode([BoundTensor].self, forKey: .inputs)
    outputs = try container.decode([BoundTensor].self, forKey: .outputs)
    parameters = try container.decodeIfPresent([BoundTensor].self, forKey: .parameters)
    accuracy = try container.decodeIfPresent(RecordedAccuracy.self, forKey: .accuracy)
    timings = try container.decode(Timings.self, forKey: .timings)
    digest = try container.decodeIfPresent(FileDigest.self, forKey: .digest)
  }

  /// Checks that the fields are those of the document's kind, and none is missing; drafts are not so.
  ///
  /// - Throws: `malformed` with the field.
  func checkKind() throws(DocumentError) {
    if let (field, reason) = misfit {
      throw .malformed(field: field.rawValue, reason: reason)
    }
  }

  /// A field that does not fit the kind of the document.
  var misfit: (CodingKeys, String)? {
    if groups.isEmpty { return (.groups, "no proof in the document") }
    if parameters?.isEmpty == true { return (.parameters, "a list without weights") }
    switch kind {
    case .model:
      if plan == nil { return (.plan, "a model without a plan") }
      if chunks == nil { return (.chunks, "a model without chunks") }
      if circuits != nil { return (.circuits, "both a model and circuits") }
      guard let accuracy else { return (.accuracy, "missing") }
      let compared = showsValues ? outputs.count : nil
      if accuracy.reached?.count != compared {
        return (.accuracy, "not one number for every output where all values are public")
      }
      if digest == nil { return (.digest, "missing") }
    case .circuits, .proofs:
      if plan != nil { return (.plan, "a plan without a model") }
      if chunks != nil { return (.chunks, "chunks without a model") }
      if accuracy != nil { return (.accuracy, "an accuracy without a model") }
      if aggregate != .batch { return (.aggregate, "only a model's proofs are not aggregated") }
      for (field, isEmpty) in [
        (CodingKeys.links, links.isEmpty), (.inputs, inputs.isEmpty), (.outputs, outputs.isEmpty),
        (.parameters, parameters == nil),
      ] where !isEmpty {
        return (field, "without a model")
      }
      if let circuits, groups.count != 1 || circuits.count != groups[0].verifyingKeys.count {
        return (.circuits, "\(circuits.count) circuits are named, not one per key of one group")
      }
    }
    return nil
  }

  /// Encodes all fields.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try encodeContent(to: &container)
    try container.encode(timings, forKey: .timings)
    try container.encodeIfPresent(digest, forKey: .digest)
  }

  /// Encodes what ``digest`` is about.
  func encodeContent(to container: inout KeyedEncodingContainer<CodingKeys>) throws {
    try container.encode(Self.format, forKey: .format)
    try container.encode(varunaVersion.rawValue, forKey: .varunaVersion)
    try container.encode(aggregate, forKey: .aggregate)
    try container.encode(srs, forKey: .srs)
    try container.encodeIfPresent(model, forKey: .model)
    try container.encodeIfPresent(plan, forKey: .plan)
    try container.encodeIfPresent(circuits, forKey: .circuits)
    try container.encodeIfPresent(chunks, forKey: .chunks)
    try container.encode(groups, forKey: .groups)
    try container.encode(links, forKey: .links)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(outputs, forKey: .outputs)
    try container.encodeIfPresent(parameters, forKey: .parameters)
    try container.encodeIfPresent(accuracy, forKey: .accuracy)
  }
}

extension ProofDocument.PlanReference: Codable {
  private enum CodingKeys: String, CodingKey {
    case digest, settings, recipe
  }

  /// Decodes the manifest from its JSON text, strictly and within bounds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    digest = try container.decode(FileDigest.self, forKey: .digest)
    settings = try container.decode(FileDigest.self, forKey: .settings)
    do {
      manifest = try PlanManifest(json: container.decode(String.self, forKey: .recipe))
    } catch let error as DocumentError {
      throw unreadable(container.codingPath + [CodingKeys.recipe], error.description)
    }
  }

  /// Encodes the manifest as its JSON text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(digest, forKey: .digest)
    try container.encode(settings, forKey: .settings)
    try container.encode(manifest.json, forKey: .recipe)
  }
}

extension ProofDocument.Group: Codable {
  private enum CodingKeys: String, CodingKey {
    case proof
    case verifyingKeys = "verifying_keys"
    case publicInputs = "public_inputs"
  }

  /// Decodes keys, elements and the proof; their numbers fit each other.
  public init(from decoder: any Decoder) throws {
    typealias Container = KeyedDecodingContainer<CodingKeys>
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let path = container.codingPath
    verifyingKeys = try container.decode([String].self, forKey: .verifyingKeys).map {
      try Container.parsed($0, path + [CodingKeys.verifyingKeys]) { try VerifyingKey(bytes: $0) }
    }
    let inputs = path + [CodingKeys.publicInputs]
    publicInputs = try container.decode([[[String]]].self, forKey: .publicInputs).map { instances in
      try instances.map { elements in try elements.map { try Container.element($0, inputs) } }
    }
    proof = try Container.parsed(
      container.decode(String.self, forKey: .proof), path + [CodingKeys.proof]
    ) { try Proof(bytes: $0) }
    guard !verifyingKeys.isEmpty, verifyingKeys.count == publicInputs.count else {
      throw unreadable(
        inputs, "\(verifyingKeys.count) keys and public inputs for \(publicInputs.count)")
    }
    guard publicInputs.allSatisfy({ $0.allSatisfy { $0.first == .one } }) else {
      throw unreadable(inputs, "not field elements after a 1")
    }
    guard proof.batchSizes == publicInputs.map(\.count) else {
      throw unreadable(inputs, "not as many instances as the proof has")
    }
    for (first, second) in zip(verifyingKeys, verifyingKeys.dropFirst())
    where !first.circuitID.lexicographicallyPrecedes(second.circuitID) {
      throw unreadable(
        path + [CodingKeys.verifyingKeys], "circuits are not in the order of their ids")
    }
  }

  /// Encodes hexadecimal bytes and decimal elements.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(
      verifyingKeys.map { Hexadecimal.encode($0.bytes) }, forKey: .verifyingKeys)
    try container.encode(
      publicInputs.map { $0.map { $0.map(\.decimal) } }, forKey: .publicInputs)
    try container.encode(Hexadecimal.encode(proof.bytes), forKey: .proof)
  }
}

extension BoundTensor.Commitment: Codable {
  private enum CodingKeys: String, CodingKey {
    case hash, start, count, offset, salted, value, positions
    case bitWidth = "bit_width"
  }

  /// Places and numbers of elements: sums of them, over all commitments of a document, stay far from overflow.
  private static let elements = 0...(1 << 32)

  /// Decodes a commitment under the only hash there is, to at least one element in a valid encoding.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard try container.decode(String.self, forKey: .hash) == Self.hash else {
      throw unreadable(container.codingPath + [CodingKeys.hash], "an unknown hash")
    }
    start = try container.decode(Int.self, forKey: .start)
    count = try container.decode(Int.self, forKey: .count)
    bitWidth = try container.decode(Int.self, forKey: .bitWidth)
    offset = try container.decode(Int64.self, forKey: .offset)
    salted = try container.decode(Bool.self, forKey: .salted)
    value = try container.element(.value)
    positions = try container.decode([PublicInputPosition].self, forKey: .positions)
    guard Self.elements.contains(start), Self.elements.contains(count), count > 0 else {
      throw unreadable(container.codingPath + [CodingKeys.count], "no run of elements")
    }
    guard BoundaryEncoding(checkedBitWidth: bitWidth, offset: offset, salted: salted) != nil else {
      throw unreadable(container.codingPath + [CodingKeys.bitWidth], "no encoding of integers")
    }
  }

  /// Encodes all fields and the hash's name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.hash, forKey: .hash)
    try container.encode(start, forKey: .start)
    try container.encode(count, forKey: .count)
    try container.encode(bitWidth, forKey: .bitWidth)
    try container.encode(offset, forKey: .offset)
    try container.encode(salted, forKey: .salted)
    try container.encode(value.decimal, forKey: .value)
    try container.encode(positions, forKey: .positions)
  }
}
