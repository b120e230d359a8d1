import Varuna

extension DocumentVerifier {
  /// Whether the document's keys are exactly those of the given circuits.
  func circuitChecks(_ circuits: [Pins.GivenCircuit]) -> [DocumentCheck] {
    let keys = Set(circuits.map(\.key))
    var found = Set<VerifyingKey>()
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
    for circuit in circuits where !found.contains(circuit.key) {
      failures.append("no proof is about '\(circuit.name)'")
    }
    var names: [String] = []
    let listed = document.groups.first?.verifyingKeys ?? []
    for (reference, key) in zip(document.circuits ?? [], listed)
    where !circuits.contains(where: { $0.digest == reference.digest && $0.key == key }) {
      names.append("'\(reference.name)' is another file")
    }
    return [
      DocumentCheck("keys of the circuits", failures, otherwise: "all \(keys.count) recomputed"),
      DocumentCheck("circuit digests", names, otherwise: "\(document.circuits?.count ?? 0)"),
      publicInputCheck(circuits),
    ]
  }

  /// Whether every instance has as many public inputs as the file of its circuit: zeros at the end, left out or added, change neither
  /// key nor proof.
  private func publicInputCheck(_ circuits: [Pins.GivenCircuit]) -> DocumentCheck {
    var failures: [String] = []
    for (number, group) in document.groups.enumerated() {
      for (place, (key, instances)) in zip(group.verifyingKeys, group.publicInputs).enumerated() {
        let named = number == 0 ? document.circuits?.dropFirst(place).first?.digest : nil
        let counts = circuits.filter { $0.key == key && $0.digest == named ?? $0.digest }
          .map(\.publicCount)
        for (instance, inputs) in instances.enumerated() where !counts.contains(inputs.count) {
          failures.append(
            "instance \(instance) of circuit \(place) in group \(number) has \(inputs.count) public inputs, the file \(counts.first ?? 0)"
          )
        }
      }
    }
    return DocumentCheck(
      "public inputs of the circuits", failures, otherwise: "as many as the files have")
  }
}
