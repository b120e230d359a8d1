import Foundation
import Varuna

extension ProofDocument {
  /// The document with its digest.
  ///
  /// The digest protects against damage only: who changes a document on purpose can make a new one. What may not be
  /// changed on purpose is protected by the proofs, the links, the commitments and the plan.
  public func sealed() -> ProofDocument {
    var document = self
    document.digest = contentDigest
    return document
  }

  /// SHA-256 of the compact JSON of all fields but `digest` and `timings`, keys sorted, slashes not escaped.
  var contentDigest: FileDigest? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers that JSON cannot hold have no digest.
    return (try? encoder.encode(Content(document: self))).map { FileDigest(of: $0) }
  }

  private struct Content: Encodable {
    let document: ProofDocument

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try document.encodeContent(to: &container)
    }
  }
}
