import Varuna

extension DocumentVerifier {
  /// A circuit that the reader of a document has, and the key recomputed from it.
  public struct GivenCircuit: Sendable {
    /// What it is called.
    public var name: String
    /// SHA-256 of the file, in hexadecimal.
    public var digest: String
    /// Its key under the document's parameters.
    public var key: VerifyingKey

    /// Collects the fields.
    public init(name: String, digest: String, key: VerifyingKey) {
      self.name = name
      self.digest = digest
      self.key = key
    }
  }

  /// Whether the document's keys are exactly those of the given circuits.
  func circuitChecks(_ circuits: [GivenCircuit]) -> [Check] {
    let keys = Set(circuits.map { Hexadecimal.encode($0.key.bytes) })
    var found = Set<String>()
    var failures: [String] = []
    for (number, group) in document.groups.enumerated() {
      for (place, key) in group.verifyingKeys.enumerated() {
        if keys.contains(key) {
          found.insert(key)
        } else {
          failures.append("key \(place) of group \(number) is that of none of the circuits")
        }
      }
    }
    for circuit in circuits where !found.contains(Hexadecimal.encode(circuit.key.bytes)) {
      failures.append("no proof is about '\(circuit.name)'")
    }
    var names: [String] = []
    let listed = document.groups.first?.verifyingKeys ?? []
    for (reference, key) in zip(document.circuits ?? [], listed)
    where !circuits.contains(where: {
      $0.digest == reference.digest && Hexadecimal.encode($0.key.bytes) == key
    }) {
      names.append("'\(reference.name)' is another file")
    }
    return [
      Check("keys of the circuits", failures, otherwise: "all \(keys.count) recomputed"),
      Check("circuit digests", names, otherwise: "\(document.circuits?.count ?? 0)"),
    ]
  }
}
