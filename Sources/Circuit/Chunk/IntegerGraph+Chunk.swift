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
  ///   - chosen: indices of operations, ascending.
  ///   - consumers: what `consumers` gives, for callers that cut many chunks out of one graph.
  ///   - checked: operations of the chunk to check at a challenge; nil leaves the choice to predicted costs.
  ///   - encoding: the commitment encoding of a tensor of this graph.
  /// - Throws: what `ChunkProgram.init` throws.
  public func chunk(
    operations chosen: [Int], consumers: [[Int]]? = nil, checked: [Int]? = nil,
    encoding: (TensorID) -> BoundaryEncoding
  ) throws(CircuitError) -> Chunk {
    let inside = Set(chosen)
    let written = Set(chosen.map { operations[$0].output })
    let consumers = consumers ?? self.consumers
    let results = Set(outputs)
    func isNeededOutside(_ tensor: TensorID) -> Bool {
      results.contains(tensor) || consumers[tensor].contains { !inside.contains($0) }
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
    let outerOutputs = chosen.map { operations[$0].output }.filter(isNeededOutside)
    let graph = try IntegerGraph(
      tensors: order.map { tensors[$0] }, operations: localOperations,
      inputs: outerInputs.map(number), outputs: outerOutputs.map(number))
    return Chunk(
      program: try ChunkProgram(
        graph: graph, inputEncodings: outerInputs.map(encoding),
        outputEncodings: outerOutputs.map(encoding), checked: checked),
      inputs: outerInputs, outputs: outerOutputs)
  }
}
