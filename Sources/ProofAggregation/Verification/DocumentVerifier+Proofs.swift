import Varuna

extension DocumentVerifier {
  /// Whether a group's proof holds for the keys and public inputs of the document.
  func proofCheck(group index: Int, parameters: SRSVerifierParameters?) -> DocumentCheck {
    let group = document.groups[index]
    var failures: [String] = []
    if group.verifyingKeys.count != group.publicInputs.count {
      failures.append("not as many public inputs as keys")
    } else if let parameters {
      do {
        let statement = try Statement(Array(zip(group.verifyingKeys, group.publicInputs)))
        let verdict = Verifier.verify(
          group.proof, statement, version: document.varunaVersion, parameters: parameters)
        if case .rejected(let rejection) = verdict { failures.append("rejected: \(rejection)") }
      } catch {
        failures.append("\(error)")
      }
    } else {
      failures.append("the SRS is not known")
    }
    let instances = group.publicInputs.reduce(0) { $0 + $1.count }
    return DocumentCheck(
      Self.proofCheckName(index), failures,
      otherwise: "\(group.verifyingKeys.count) circuits, \(instances) instances, "
        + "\(group.proof.bytes.count) bytes")
  }

  /// What the check of a group's proof is called.
  static func proofCheckName(_ group: Int) -> String { "proof of group \(group)" }
}
