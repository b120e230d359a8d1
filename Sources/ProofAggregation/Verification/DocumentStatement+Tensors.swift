import Circuit
import Model

extension DocumentStatement {
  /// Whether a tensor's commitments stand in the statements, and are those of its values where these are public.
  func tensorCheck(_ kind: ProofDocument.TensorKind, _ tensor: BoundTensor) -> DocumentCheck {
    var failures: [String] = []
    let count = tensor.elementCount
    // Of weights and of inputs only what a chunk reads is committed to.
    let mayHaveGaps = kind != .output
    var end = 0
    var covered = 0
    for (number, commitment) in tensor.commitments.enumerated() {
      let place = "commitment \(number)"
      if commitment.start < end || commitment.start > end && !mayHaveGaps {
        failures.append("\(place) does not continue at element \(end)")
      }
      end = commitment.start + commitment.count
      covered += commitment.count
      if commitment.positions.isEmpty { failures.append("\(place) binds no public input") }
      for position in commitment.positions
      where position.index < 1 || publicInput(position) != commitment.value {
        failures.append("\(place) differs from the public input at \(position)")
      }
      if commitment.salted != (tensor.visibility == .private) {
        failures.append("\(place): salting does not fit the visibility \(tensor.visibility)")
      }
    }
    if let count {
      if end > count || covered < count && !mayHaveGaps {
        failures.append("\(covered) of \(count) elements are committed")
      }
    } else {
      failures.append("an unusable shape")
    }
    failures += valueFailures(tensor, count: count)
    var detail = "\(tensor.visibility), \(covered) elements"
    if kind == .input, let count, covered < count { detail += " of \(count)" }
    if tensor.commitments.isEmpty { detail = "\(tensor.visibility), read by no circuit" }
    if kind == .parameter {
      if tensor.visibility == .public { failures.append("weights are hashed or private") }
      detail +=
        ", committed to as " + tensor.commitments.map(\.value.decimal).joined(separator: ", ")
    }
    return DocumentCheck("\(kind.rawValue) '\(tensor.name)'", failures, otherwise: detail)
  }

  /// What is wrong with the values of a public tensor: their commitments are recomputed.
  private func valueFailures(_ tensor: BoundTensor, count: Int?) -> [String] {
    guard tensor.scale > 0, tensor.scale.isFinite,
      tensor.scale == powerOfTwo(Int(tensor.scale.exponent))
    else { return ["the scale is no power of two"] }
    guard tensor.visibility == .public else {
      return tensor.integers == nil && tensor.floats == nil
        ? [] : ["values are given although the tensor is \(tensor.visibility)"]
    }
    guard let integers = tensor.integers, let floats = tensor.floats, integers.count == count,
      floats.count == count
    else { return ["the values of a public tensor are missing or of another number"] }
    // Bit by bit: -0 equals 0, and the float model may tell them apart.
    guard
      zip(integers, floats).allSatisfy({
        (Double($0) / tensor.scale).bitPattern == $1.bitPattern
      })
    else { return ["floats are not integers divided by the scale"] }
    return tensor.commitmentFailures(integers)
  }
}

extension BoundTensor {
  /// Which of the commitments are not those of these integers, or cannot be compared.
  func commitmentFailures(_ integers: [Int64]) -> [String] {
    commitments.enumerated().compactMap { number, commitment in
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
      return recomputed == commitment.value
        ? nil : "commitment \(number) is not that of the values"
    }
  }
}
