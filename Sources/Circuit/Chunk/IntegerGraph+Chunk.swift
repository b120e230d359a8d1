extension IntegerGraph {
  /// A chunk of this graph and where its boundary tensors come from.
  public struct Chunk: Sendable {
    /// The part as a program of its own.
    public let program: ChunkProgram
    /// This graph's tensor for each input of the program.
    public let inputs: [TensorID]
    /// This graph's tensor for each output of the program.
    public let outputs: [TensorID]
  }

  /// Cuts the given operations out of the graph.
  ///
  /// Inputs are the tensors that the operations read and do not write, in the order of first use; outputs are those
  /// they write and that another operation or the graph's result needs, in the order they are written. Tensors are
  /// numbered in the order in which the operations mention them, so equal parts of a graph give equal programs.
  /// - Parameters:
  ///   - operations: indices of operations, ascending.
  ///   - encoding: the commitment encoding of a tensor of this graph.
  /// - Throws: what `ChunkProgram.init` throws.
  public func chunk(
    operations chosen: [Int], encoding: (TensorID) -> BoundaryEncoding
  ) throws(CircuitError) -> Chunk {
    let inside = Set(chosen)
    let written = Set(chosen.map { operations[$0].output })
    var needed = Set(outputs)
    for (index, operation) in operations.enumerated() where !inside.contains(index) {
      needed.formUnion(operation.inputs)
    }
    var local = [TensorID: TensorID]()
    var order = [TensorID]()
    func number(_ tensor: TensorID) -> TensorID {
      if let known = local[tensor] { return known }
      local[tensor] = order.count
      order.append(tensor)
      return order.count - 1
    }
    let localOperations = chosen.map { index in
      var operation = operations[index]
      operation.inputs = operation.inputs.map(number)
      operation.output = number(operation.output)
      return operation
    }
    let outerInputs = order.filter { !written.contains($0) }
    let outerOutputs = chosen.map { operations[$0].output }.filter(needed.contains)
    let graph = try IntegerGraph(
      tensors: order.map { tensors[$0] }, operations: localOperations,
      inputs: outerInputs.map(number), outputs: outerOutputs.map(number))
    return Chunk(
      program: try ChunkProgram(
        graph: graph, inputEncodings: outerInputs.map(encoding),
        outputEncodings: outerOutputs.map(encoding)),
      inputs: outerInputs, outputs: outerOutputs)
  }
}
