import Algebra
import Foundation

extension ProofDocument {
  /// Why a document would be refused whatever its keys and proofs are; nil if nothing speaks against it.
  ///
  /// What is found here costs no proofs: values, commitments, links and ties must fit each other, and the document must be
  /// one that can be read again as it was meant.
  /// - Parameter publicInputs: per group, circuit and instance, in the order that this draft uses, the leading 1 included.
  public func draftFault(publicInputs: [[[[Fr]]]]) -> DocumentCheck? {
    let statement = DocumentStatement(draft: self, publicInputs: publicInputs)
    return ([readableCheck(publicInputs)] + statement.checks).first { !$0.passed }
  }

  /// Whether the JSON form is read again as this very value, and is not too large.
  private func readableCheck(_ publicInputs: [[[[Fr]]]]) -> DocumentCheck {
    var failures: [String] = []
    do {
      let json = try JSONEncoder().encode(self)
      let read: ProofDocument = try strictlyDecoded(json, StrictJSON(json))
      if read != self { failures.append("it is not read as it was written") }
      // A decimal element, a key and a proof in hexadecimal, with quotes and indentation.
      let elements = publicInputs.joined().joined().reduce(0) { $0 + $1.count }
      let instances = publicInputs.joined().reduce(0) { $0 + $1.count }
      let circuits = publicInputs.reduce(0) { $0 + $1.count }
      let bytes = json.count + 100 * elements + 300 * instances + 2100 * circuits
      if bytes > Self.maximumBytes {
        failures.append(
          "it would have about \(bytes >> 20) MiB, at most \(Self.maximumBytes >> 20) can be read; keep large inputs "
            + "or outputs hashed or private")
      }
    } catch {
      failures.append("\(error)")
    }
    return DocumentCheck("document", failures, otherwise: "")
  }
}
