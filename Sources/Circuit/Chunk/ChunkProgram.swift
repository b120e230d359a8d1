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

  /// - Throws: `countMismatch`, or `invalidGraph` if a boundary tensor's range does not fit its encoding.
  public init(
    graph: IntegerGraph, inputEncodings: [BoundaryEncoding], outputEncodings: [BoundaryEncoding]
  ) throws(CircuitError) {
    self.graph = graph
    self.inputEncodings = inputEncodings
    self.outputEncodings = outputEncodings
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
    case graph, inputEncodings, outputEncodings
  }

  /// Decodes and validates.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      graph: container.decode(IntegerGraph.self, forKey: .graph),
      inputEncodings: container.decode([BoundaryEncoding].self, forKey: .inputEncodings),
      outputEncodings: container.decode([BoundaryEncoding].self, forKey: .outputEncodings))
  }
}
