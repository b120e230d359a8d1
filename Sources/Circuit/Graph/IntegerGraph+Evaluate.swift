extension IntegerGraph {
  /// The value of every tensor, indexed by its number, computed with plain integers.
  ///
  /// The circuit of a chunk is satisfied by exactly these values.
  /// - Parameter inputs: one list per graph input, in the order of `inputs`.
  /// - Throws: `countMismatch`, or `valueOutOfRange` naming operation, element, value and range.
  public func evaluate(inputs values: [[Int64]]) throws(CircuitError) -> [[Int64]] {
    guard values.count == inputs.count else {
      throw .countMismatch(what: "graph inputs", expected: inputs.count, found: values.count)
    }
    var results = [[Int64]](repeating: [], count: tensors.count)
    for (tensor, list) in zip(inputs, values) {
      guard list.count == tensors[tensor].count else {
        throw .countMismatch(
          what: "elements of \(tensors[tensor].name)", expected: tensors[tensor].count,
          found: list.count)
      }
      try checkRange(list, tensor: tensor, operation: "input")
      results[tensor] = list
    }
    for operation in operations {
      let result = Self.evaluate(operation.kind, operation.inputs.map { results[$0] })
      try checkRange(result, tensor: operation.output, operation: operation.name)
      results[operation.output] = result
    }
    return results
  }

  private func checkRange(
    _ values: [Int64], tensor: TensorID, operation: String
  ) throws(CircuitError) {
    let range = tensors[tensor].range
    for (element, value) in values.enumerated() where !range.contains(value) {
      throw .valueOutOfRange(
        operation: operation, tensor: tensors[tensor].name, element: element, value: value,
        range: range)
    }
  }

  /// Sums and products wrap around 2^64 on the way; the graph's validation proves by interval arithmetic that each
  /// final result fits 64 bits for inputs in their ranges, so the wrapped result is the true one.
  private static func evaluate(_ kind: IntegerOperation.Kind, _ inputs: [[Int64]]) -> [Int64] {
    switch kind {
    case .linear(let map):
      return map.apply(to: inputs.count == 1 ? inputs[0] : Array(inputs.joined()))
    case .rescale(let shift):
      return inputs[0].map { IntegerOperation.rescaled($0, shift) }
    case .relu:
      return inputs[0].map { max($0, 0) }
    case .product:
      return zip(inputs[0], inputs[1]).map { $0 &* $1 }
    case .matmul(let batch, let m, let k, let n):
      return multiply(inputs[0], inputs[1], batch: batch, m: m, k: k, n: n)
    case .maximum(let windows):
      return windows.map { window in window.reduce(Int64.min) { max($0, inputs[0][$1]) } }
    case .argmax(let groups, let last):
      return groups.map { group in
        var best = 0
        for place in group.indices.dropFirst() {
          let (candidate, champion) = (inputs[0][group[place]], inputs[0][group[best]])
          if candidate > champion || (last && candidate == champion) { best = place }
        }
        return Int64(best)
      }
    }
  }

  private static func multiply(
    _ a: [Int64], _ b: [Int64], batch: Int, m: Int, k: Int, n: Int
  ) -> [Int64] {
    var out = [Int64](repeating: 0, count: batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = a[(matrix * m + row) * k + inner]
          for column in 0..<n {
            out[(matrix * m + row) * n + column] &+= factor &* b[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return out
  }
}

extension LinearMap {
  /// M * input + bias modulo 2^64.
  func apply(to input: [Int64]) -> [Int64] {
    var out = biases
    for row in out.indices {
      var sum = out[row]
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        sum &+= coefficients[entry] &* input[Int(columns[entry])]
      }
      out[row] = sum
    }
    return out
  }
}
