extension IntegerGraph {
  /// The value of every tensor, indexed by its number, computed with plain integers.
  ///
  /// The circuit of a chunk is satisfied by exactly these values.
  /// - Parameter values: one list per graph input, in the order of `inputs`.
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
      let result = operation.kind.evaluate(operation.inputs.map { results[$0] })
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
}
