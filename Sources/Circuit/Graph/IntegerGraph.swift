/// A quantised program: tensors of integers and the exact operations between them, in order.
///
/// A graph that exists is valid: operations stand in topological order, every tensor is written exactly once, element
/// counts fit, and every declared range contains what interval arithmetic derives (rescales declare what they enforce).
public struct IntegerGraph: Hashable, Sendable {
  /// All tensors; a `TensorID` is an index into this.
  public let tensors: [IntegerTensor]
  /// All operations, each after those that write its inputs.
  public let operations: [IntegerOperation]
  /// Tensors whose values are given.
  public let inputs: [TensorID]
  /// Tensors whose values are the result.
  public let outputs: [TensorID]

  /// Elements of one tensor at most.
  public static let maximalTensorCount = 1 << 24

  /// - Throws: `invalidGraph` or `rangeTooWide`, naming the tensor or operation.
  public init(
    tensors: [IntegerTensor], operations: [IntegerOperation], inputs: [TensorID],
    outputs: [TensorID]
  ) throws(CircuitError) {
    self.tensors = tensors
    self.operations = operations
    self.inputs = inputs
    self.outputs = outputs
    try validate()
  }

  /// The tensors each tensor is used by: operation indices, ascending, one entry per operation.
  public var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: tensors.count)
    for (index, operation) in operations.enumerated() {
      for input in Set(operation.inputs) { consumers[input].append(index) }
    }
    return consumers
  }

  private func validate() throws(CircuitError) {
    for (index, tensor) in tensors.enumerated() {
      let count = tensor.shape.reduce(Optional(1)) { product, dimension in
        guard let product, dimension > 0 else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
        return overflow || next > Self.maximalTensorCount ? nil : next
      }
      guard count != nil else {
        throw .invalidGraph(
          place: "tensor \(index) (\(tensor.name))", reason: "unusable shape \(tensor.shape)")
      }
    }
    var defined = [Bool](repeating: false, count: tensors.count)
    for input in inputs {
      guard tensors.indices.contains(input), !defined[input] else {
        throw .invalidGraph(place: "inputs", reason: "tensor \(input) is missing or given twice")
      }
      defined[input] = true
    }
    for operation in operations {
      try validate(operation, defined: defined)
      defined[operation.output] = true
    }
    if let index = defined.firstIndex(of: false) {
      throw .invalidGraph(
        place: "tensor \(index) (\(tensors[index].name))", reason: "no operation writes it")
    }
    guard outputs.allSatisfy(tensors.indices.contains), Set(outputs).count == outputs.count else {
      throw .invalidGraph(place: "outputs", reason: "a tensor is missing or listed twice")
    }
  }

  private func validate(_ operation: IntegerOperation, defined: [Bool]) throws(CircuitError) {
    let place = "\(operation.name) (\(operation.kind.word))"
    func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(CircuitError) {
      if !condition { throw .invalidGraph(place: place, reason: reason()) }
    }
    try require(
      operation.kind.arity.map { $0 == operation.inputs.count } ?? !operation.inputs.isEmpty,
      "takes another number of inputs than \(operation.inputs.count)")
    for input in operation.inputs {
      try require(
        tensors.indices.contains(input) && defined[input],
        "input tensor \(input) has no value at this point")
    }
    try require(
      tensors.indices.contains(operation.output) && !defined[operation.output],
      "output tensor \(operation.output) is missing or already has a value")
    let output = tensors[operation.output]
    switch operation.kind.definition.outputCount(operation.inputs.map { tensors[$0] }) {
    case .failure(let mismatch):
      throw .invalidGraph(place: place, reason: mismatch.reason)
    case .success(let count):
      try require(
        count == output.count, "writes \(count) elements, \(output.name) has \(output.count)")
    }
    let derived = try IntegerOperation.derivedRange(
      of: operation.kind, inputs: operation.inputs.map { tensors[$0] }, name: place)
    if operation.kind.enforcesRange {
      try require(
        derived.overlaps(output.range),
        "its results, in \(derived), never lie in the declared range \(output.range)")
    } else if !output.range.covers(derived) {
      throw .rangeTooWide(
        operation: place, lowest: "\(derived.lowerBound)", highest: "\(derived.upperBound)",
        declared: output.range)
    }
  }
}

extension IntegerGraph: Codable {
  private enum CodingKeys: String, CodingKey {
    case tensors, operations, inputs, outputs
  }

  /// Decodes and validates.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      tensors: container.decode([IntegerTensor].self, forKey: .tensors),
      operations: container.decode([IntegerOperation].self, forKey: .operations),
      inputs: container.decode([TensorID].self, forKey: .inputs),
      outputs: container.decode([TensorID].self, forKey: .outputs))
  }
}
