/// Collects the steps of a graph while nodes are translated, evaluating at once what is known already.
///
/// Bounds what a model can make the importer allocate: a model that needs more is refused.
final class GraphRecorder {
  private(set) var graph = Graph()
  /// Node that is being translated, for the steps' names and errors.
  var node = ""
  private var elements = 0
  private var entries = 0

  /// Elements of all tensors of a model together, constants and intermediate ones included.
  static let maximalElements = 1 << 26

  /// Adds an input of the model.
  func addInput(_ name: String, shape: [Int], type: ElementType) throws(ModelError) -> Term {
    let value = try addValue(
      Graph.Value(
        name: name, shape: shape, isInteger: type.isInteger,
        isNonnegative: type.lowest.map { $0 >= 0 } ?? false))
    graph.inputs.append(value)
    return Term(shape: shape, type: type, content: .variable(value))
  }

  /// Adds a step, or gives its numbers where all inputs are known.
  func record(
    _ kind: Graph.Kind, _ inputs: [Term], shape: [Int], type: ElementType
  ) throws(ModelError) -> Term {
    // What has no elements depends on nothing.
    if shape.contains(0) { return Term([], shape: shape, type: type) }
    let constants = inputs.compactMap(\.constant)
    if constants.count == inputs.count {
      try account(shape)
      return Term(kind.evaluate(constants), shape: shape, type: type)
    }
    if case .affine(let map) = kind {
      entries += map.entryCount
      guard entries <= RealMap.maximalEntries else {
        throw .invalidModel(reason: "needs too many multiplications by constants, at node \(node)")
      }
    }
    var sources: [ValueID] = []
    for input in inputs { sources.append(try value(of: input)) }
    let known = sources.map { graph.values[$0] }
    let output = try addValue(
      Graph.Value(
        name: "\(node).\(graph.steps.count)", shape: shape, isInteger: kind.isInteger(of: known),
        isNonnegative: kind.isNonnegative(of: known)
          || (kind == .product && sources[0] == sources[1])))
    graph.steps.append(Graph.Step(name: node, kind: kind, inputs: sources, output: output))
    return Term(shape: shape, type: type, content: .variable(output))
  }

  /// The value that holds a term; constants get a step of their own.
  func value(of term: Term) throws(ModelError) -> ValueID {
    switch term.content {
    case .variable(let value): return value
    case .constant(let numbers):
      let output = try addValue(
        Graph.Value(
          name: "\(node).constant", shape: term.shape,
          isInteger: numbers.allSatisfy { $0 == $0.rounded() },
          isNonnegative: numbers.allSatisfy { $0 >= 0 }))
      graph.steps.append(
        Graph.Step(name: node, kind: .constant(numbers), inputs: [], output: output))
      return output
    }
  }

  /// Gives a value the name of the tensor in the model, for messages.
  func rename(_ value: ValueID, _ name: String) {
    graph.values[value].name = name
  }

  /// Adds an output of the model.
  func addOutput(_ term: Term, name: String) throws(ModelError) {
    node = name
    var value = try value(of: term)
    if graph.inputs.contains(value) || graph.outputs.contains(value)
      || graph.values[value].shape != term.shape
    {
      // The value is an input or another output already: this output is a copy of it.
      let map = RealMap.selecting(Array(0..<term.count), of: term.count)
      let held = Term(shape: term.shape, type: term.type, content: .variable(value))
      let copy = try record(.affine(map), [held], shape: term.shape, type: term.type)
      value = copy.variable!
      rename(value, name)
    }
    graph.outputs.append(value)
  }

  private func addValue(_ value: Graph.Value) throws(ModelError) -> ValueID {
    try account(value.shape)
    graph.values.append(value)
    return graph.values.count - 1
  }

  private func account(_ shape: [Int]) throws(ModelError) {
    guard let count = TensorShape.count(shape) else {
      throw .invalidModel(reason: "a tensor of shape \(shape) is too large, at node \(node)")
    }
    // A tensor without elements still costs its description.
    elements += count + 1
    guard elements <= Self.maximalElements else {
      throw .invalidModel(
        reason: "its tensors have more than \(Self.maximalElements) elements, at node \(node)")
    }
  }
}

extension Graph.Kind {
  /// Whether all results are integers, for inputs of which that much is known.
  fileprivate func isInteger(of inputs: [Graph.Value]) -> Bool {
    switch self {
    case .constant(let numbers): numbers.allSatisfy { $0 == $0.rounded() }
    case .affine(let map):
      inputs.allSatisfy(\.isInteger) && map.coefficients.allSatisfy { $0 == $0.rounded() }
        && map.biases.allSatisfy { $0 == $0.rounded() }
    case .relu, .absolute, .product, .matmul, .maximum, .distance:
      inputs.allSatisfy(\.isInteger)
    case .gather: inputs[0].isInteger
    case .clamp(let low, let high):
      inputs[0].isInteger && low == low.rounded() && high == high.rounded()
    case .function(let function): function.isInteger
    case .quotient(let rounding): rounding != .exact
    case .select: inputs[1].isInteger && inputs[2].isInteger
    case .compare, .bitwise, .argmax, .order, .oneHot: true
    }
  }

  /// Whether no result is negative, for inputs of which that much is known.
  fileprivate func isNonnegative(of inputs: [Graph.Value]) -> Bool {
    switch self {
    case .constant(let numbers): numbers.allSatisfy { $0 >= 0 }
    case .affine(let map):
      inputs.allSatisfy(\.isNonnegative) && map.coefficients.allSatisfy { $0 >= 0 }
        && map.biases.allSatisfy { $0 >= 0 }
    case .product, .matmul, .maximum, .quotient: inputs.allSatisfy(\.isNonnegative)
    case .gather: inputs[0].isNonnegative
    case .clamp(let low, let high): low >= 0 || (inputs[0].isNonnegative && high >= 0)
    case .function(let function): function.isNonnegative
    case .select: inputs[1].isNonnegative && inputs[2].isNonnegative
    case .relu, .absolute, .distance, .compare, .bitwise, .argmax, .order, .oneHot: true
    }
  }
}
