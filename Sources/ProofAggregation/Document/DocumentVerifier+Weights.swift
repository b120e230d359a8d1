import Algebra
import Circuit
import Model

/// Checks about committed weights.
extension DocumentVerifier {
  /// Whether the weights are bound where the plan reads them and, unless they are private, are those of the model.
  func weightChecks(_ expectation: Expectation) -> [Check] {
    let plan = expectation.layout.plan
    let found = document.parameters ?? []
    guard !plan.parameters.isEmpty || !found.isEmpty else { return [] }
    let places = endsCheck(
      "weights of the plan", found, layout: expectation.layout, pieces: plan.parameters)
    guard plan.request.parameterVisibility == .hashed else { return [places] }
    var failures: [String] = []
    if found.count != expectation.parameters.count {
      failures.append("\(found.count) tensors, the model has \(expectation.parameters.count)")
    }
    for (number, (tensor, integers)) in zip(found, expectation.parameters).enumerated()
    where plan.parameters.indices.contains(number) {
      let recomputed = plan.parameters[number].map { piece in
        let end = piece.start + piece.count
        return end <= integers.count
          ? try? plan.boundaries[piece.boundary].encoding.commitment(
            values: Array(integers[piece.start..<end]), salt: nil) : nil
      }
      if recomputed.contains(nil) || recomputed != tensor.commitments.map({ Fr(decimal: $0.value) })
      {
        failures.append("'\(tensor.name)' are not the model's")
      }
    }
    return [
      places,
      Check("weights of the model", failures, otherwise: "all \(found.count) recomputed"),
    ]
  }

  /// Whether another document is about the same weights under the same circuits: equal commitments in equal places.
  ///
  /// Says yes only for documents that both name weights; whether the other one's proofs hold is its own verification's business.
  func sameWeightsCheck(_ name: String, _ other: ProofDocument) -> Check {
    var failures: [String] = []
    let (mine, others) = (document.parameters ?? [], other.parameters ?? [])
    if mine.isEmpty || others.isEmpty { failures.append("no weights are committed to") }
    if mine.map(\.name) != others.map(\.name) { failures.append("other tensors of weights") }
    if document.groups.map(\.verifyingKeys) != other.groups.map(\.verifyingKeys) {
      failures.append("other circuits")
    }
    for (a, b) in zip(mine, others) where a.weights != b.weights {
      failures.append("'\(a.name)' has other commitments")
    }
    return Check(
      "same weights as \(name)", failures, otherwise: "\(mine.count) tensors, equal commitments")
  }
}

extension BoundTensor {
  /// What two tensors of equal weights have in common.
  fileprivate var weights: [[String]] {
    commitments.map { commitment in
      [
        commitment.hash, "\(commitment.start) \(commitment.count) \(commitment.bitWidth)",
        "\(commitment.offset) \(commitment.salted)", commitment.value,
        "\(scale) \(commitment.positions)",
      ]
    }
  }
}

extension ProofDocument {
  /// Everything of the model that commitments bind, and what it is.
  var boundTensors: [(kind: String, tensors: [BoundTensor])] {
    [("input", inputs), ("output", outputs), ("parameter", parameters ?? [])]
  }
}
