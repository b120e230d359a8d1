import Foundation
import Varuna

extension ProofDocument {
  /// The document with its digest.
  ///
  /// The digest protects against damage only: who changes a document on purpose can make a new one. What may not be
  /// changed on purpose is protected by the proofs, the links and the commitments.
  public func sealed() -> ProofDocument {
    var document = self
    document.digest = contentDigest
    return document
  }

  /// SHA-256, in hexadecimal, of the compact JSON of all fields but `digest` and `timings`, keys sorted, slashes not
  /// escaped.
  var contentDigest: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers that JSON cannot hold have no digest.
    return (try? encoder.encode(Content(document: self))).map { SHA256.hex($0) }
  }

  private struct Content: Encodable {
    let document: ProofDocument

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(document.format, forKey: .format)
      try container.encode(document.varunaVersion, forKey: .varunaVersion)
      try container.encode(document.aggregate, forKey: .aggregate)
      try container.encode(document.srs, forKey: .srs)
      try container.encodeIfPresent(document.model, forKey: .model)
      try container.encodeIfPresent(document.plan, forKey: .plan)
      try container.encodeIfPresent(document.circuits, forKey: .circuits)
      try container.encodeIfPresent(document.chunks, forKey: .chunks)
      try container.encode(document.groups, forKey: .groups)
      try container.encode(document.links, forKey: .links)
      try container.encode(document.inputs, forKey: .inputs)
      try container.encode(document.outputs, forKey: .outputs)
      try container.encodeIfPresent(document.parameters, forKey: .parameters)
    }
  }
}
