/// One step of an integer graph: what is computed from which tensors.
public struct IntegerOperation: Hashable, Sendable, Codable {
  /// The ONNX node this comes from, for messages only.
  public var name: String
  /// What is computed, with all constants.
  public var kind: Kind
  /// The operands, in the order the kind expects.
  public var inputs: [TensorID]
  /// The tensor that takes the result.
  public var output: TensorID

  /// An operation; whether it fits its tensors is checked by the graph.
  public init(name: String, kind: Kind, inputs: [TensorID], output: TensorID) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.output = output
  }
}
