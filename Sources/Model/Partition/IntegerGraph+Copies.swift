import Circuit

extension IntegerGraph {
  /// The same graph with a copy of every large input in front of what reads it.
  ///
  /// An input of the model is one commitment, which every reader hashes whole. A stage may end after the copy: then one
  /// chunk reads the input and hands on the pieces that the others need, each of them in the same way.
  func copyingInputs() throws(CircuitError) -> IntegerGraph {
    var tensors = tensors
    var copies: [IntegerOperation] = []
    var copyOf: [TensorID: TensorID] = [:]
    for id in inputs {
      let tensor = tensors[id]
      let bits = BoundaryEncoding.word(for: tensor.range, salted: false).bitWidth
      guard !tensor.isParameter, tensor.count * bits > 8 * BoundaryEncoding.pieceBits else {
        continue
      }
      copyOf[id] = tensors.count
      copies.append(
        IntegerOperation(
          name: tensor.name,
          kind: .linear(.selecting(Array(0..<tensor.count), of: tensor.count)),
          inputs: [id], output: tensors.count))
      tensors.append(tensor)
    }
    return try IntegerGraph(
      tensors: tensors,
      operations: copies
        + operations.map { operation in
          IntegerOperation(
            name: operation.name, kind: operation.kind,
            inputs: operation.inputs.map { copyOf[$0] ?? $0 }, output: operation.output)
        },
      inputs: inputs, outputs: outputs)
  }
}

extension Dataflow {
  /// The input of the model that a step only copies, if it does no more.
  func copied(by step: Int) -> TensorID? {
    let operation = operation(step)
    // The identity on several inputs puts them one after the other, which is no copy of any of them.
    guard operation.inputs.count == 1, let input = operation.inputs.first,
      case .linear(let map) = operation.kind, map.isIdentity, graph.inputs.contains(input)
    else { return nil }
    return input
  }
}

extension LinearMap {
  /// Whether every result is the element of the concatenated inputs at the same place.
  fileprivate var isIdentity: Bool {
    inputCount == outputCount && entryCount == outputCount
      && (0..<outputCount).allSatisfy { row in
        entryCount(row) == 1 && biases[row] == 0
          && entries(row).allSatisfy { $0.column == row && $0.coefficient == 1 }
      }
  }
}
