import Circuit

/// Where the tensors of a graph are made and read, counted in steps.
///
/// A step is an operation that a cut may stand before. Constants, the maps without entries, are no steps: every tile makes
/// those elements of them that it uses, so that no constant crosses a cut. Nor is an operation that nothing depends on.
struct Dataflow {
  let graph: IntegerGraph
  /// Operations that become part of chunks, in order.
  let steps: [Int]
  /// For every tensor the step that makes it; -1 for inputs and constants.
  private(set) var maker: [Int]
  /// For every tensor the last step that reads it; `Int.max` for outputs of the graph, -1 if none does.
  private(set) var lastReader: [Int]
  /// For every tensor that is a constant the map that makes it.
  private(set) var constants: [TensorID: LinearMap] = [:]
  /// How inputs are committed to.
  let blocks: InputBlocks

  /// - Parameter limits: of the circuits that the graph is cut into; nil: inputs stay whole.
  init(_ graph: IntegerGraph, limits: PlanLimits?) {
    self.graph = graph
    blocks = InputBlocks(graph, limits: limits)
    maker = [Int](repeating: -1, count: graph.tensors.count)
    lastReader = [Int](repeating: -1, count: graph.tensors.count)
    var isNeeded = [Bool](repeating: false, count: graph.tensors.count)
    for output in graph.outputs { isNeeded[output] = true }
    var steps: [Int] = []
    for (index, operation) in graph.operations.enumerated().reversed() {
      guard isNeeded[operation.output] else { continue }
      if case .linear(let map) = operation.kind, map.entryCount == 0,
        !graph.outputs.contains(operation.output)
      {
        constants[operation.output] = map
        continue
      }
      steps.append(index)
      for input in operation.inputs { isNeeded[input] = true }
    }
    self.steps = steps.reversed()
    for (step, index) in self.steps.enumerated() {
      maker[graph.operations[index].output] = step
      for input in graph.operations[index].inputs { lastReader[input] = step }
    }
    for output in graph.outputs { lastReader[output] = .max }
  }

  /// The operation of a step.
  func operation(_ step: Int) -> IntegerOperation { graph.operations[steps[step]] }

  /// Whether a tensor's elements stand as bits where an operation reads it: it crossed a cut, or was made of bits.
  func hasBits(_ tensor: TensorID) -> Bool {
    maker[tensor] < 0 || operation(maker[tensor]).kind.enforcesRange
  }
}
