/// A part of a model that becomes one circuit: a graph and the encodings of its boundary tensors.
///
/// The graph's inputs and outputs are the boundary. Names, shapes and scales serve messages only: two programs with
/// equal `canonicalBytes` have the same circuit, and instances of it can share one verifying key.
public struct ChunkProgram: Hashable, Sendable {
  /// The integer program with its own numbering of tensors.
  public let graph: IntegerGraph
  /// One encoding per graph input.
  public let inputEncodings: [BoundaryEncoding]
  /// One encoding per graph output.
  public let outputEncodings: [BoundaryEncoding]

  /// Indices of the operations whose results are checked together at a challenge, ascending.
  public let checked: [Int]

  /// - Parameters:
  ///   - graph: the integer program with its own numbering of tensors.
  ///   - inputEncodings: one per graph input.
  ///   - outputEncodings: one per graph output.
  ///   - checked: operations to check at a challenge; nil leaves the choice to predicted costs.
  /// - Throws: `countMismatch`, or `invalidGraph` if a boundary tensor's range does not fit its encoding, or if there is
  ///   no check for an operation.
  public init(
    graph: IntegerGraph, inputEncodings: [BoundaryEncoding], outputEncodings: [BoundaryEncoding],
    checked: [Int]? = nil
  ) throws(CircuitError) {
    let plain = ChunkProgram(graph, inputEncodings, outputEncodings, checked: checked ?? [])
    try plain.validate()
    self = checked == nil ? ChunkProgram(plain, checked: plain.chosenChecks()) : plain
  }

  /// The same program with other checks, which are known to be possible.
  init(_ program: ChunkProgram, checked: [Int]) {
    self.init(program.graph, program.inputEncodings, program.outputEncodings, checked: checked)
  }

  private init(
    _ graph: IntegerGraph, _ inputEncodings: [BoundaryEncoding],
    _ outputEncodings: [BoundaryEncoding], checked: [Int]
  ) {
    self.graph = graph
    self.inputEncodings = inputEncodings
    self.outputEncodings = outputEncodings
    self.checked = checked
  }

  private func validate() throws(CircuitError) {
    var last = -1
    for index in checked {
      guard index > last, index < graph.operations.count,
        ArgumentPlan.canCheck(graph.operations[index].kind)
      else {
        throw .invalidGraph(
          place: "operation \(index)", reason: "it cannot be checked at a challenge, or not twice")
      }
      last = index
    }
    for (what, tensors, encodings) in [
      ("input encodings", graph.inputs, inputEncodings),
      ("output encodings", graph.outputs, outputEncodings),
    ] {
      guard tensors.count == encodings.count else {
        throw .countMismatch(what: what, expected: tensors.count, found: encodings.count)
      }
      for (tensor, encoding) in zip(tensors, encodings)
      where !encoding.range.covers(graph.tensors[tensor].range) {
        throw .invalidGraph(
          place: "tensor \(tensor) (\(graph.tensors[tensor].name))",
          reason: "its range \(graph.tensors[tensor].range) does not fit \(encoding.range)")
      }
    }
  }

  /// Encodings of inputs, then outputs: the order of commitments among the public inputs.
  public var encodings: [BoundaryEncoding] { inputEncodings + outputEncodings }

  /// Boundary tensors, inputs first.
  public var boundary: [TensorID] { graph.inputs + graph.outputs }

  /// Public inputs of the circuit: the constant 1 and one commitment per boundary tensor.
  public var publicCount: Int { 1 + boundary.count }
}

extension ChunkProgram: Codable {
  private enum CodingKeys: String, CodingKey {
    case graph, inputEncodings, outputEncodings, checked
  }

  /// Decodes and validates.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      graph: container.decode(IntegerGraph.self, forKey: .graph),
      inputEncodings: container.decode([BoundaryEncoding].self, forKey: .inputEncodings),
      outputEncodings: container.decode([BoundaryEncoding].self, forKey: .outputEncodings),
      checked: container.decode([Int].self, forKey: .checked))
  }
}
