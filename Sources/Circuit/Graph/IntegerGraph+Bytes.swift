extension IntegerGraph {
  /// First bytes of the byte form, naming format and version.
  private static let magic = "ezkl-graph/1"

  /// The graph with all names and scales in the only byte form that decodes to it.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    encode(into: &writer, described: true)
    return writer.bytes
  }

  /// - Throws: `malformed` for anything but the canonical form, and what `IntegerGraph.init` throws.
  public init(canonicalBytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(canonicalBytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    try self.init(from: &reader, described: true)
    try reader.finish()
  }

  /// Writes the graph.
  ///
  /// - Parameter described: whether names, shapes and scales are written, or only what determines the circuit.
  package func encode(into writer: inout CanonicalWriter, described: Bool) {
    writer.write(count: tensors.count)
    for tensor in tensors {
      if described {
        writer.write(tensor.name)
        writer.write(count: tensor.shape.count)
        for dimension in tensor.shape { writer.write(count: dimension) }
        writer.write(signed: Int64(tensor.scaleBits))
      } else {
        writer.write(count: tensor.count)
      }
      writer.write(tensor.range)
    }
    writer.write(count: operations.count)
    for operation in operations {
      if described { writer.write(operation.name) }
      operation.kind.encode(into: &writer)
      writer.write(count: operation.inputs.count)
      for input in operation.inputs { writer.write(count: input) }
      writer.write(count: operation.output)
    }
    for list in [inputs, outputs] {
      writer.write(count: list.count)
      for tensor in list { writer.write(count: tensor) }
    }
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `malformed`, and what `IntegerGraph.init` throws.
  package init(from reader: inout CanonicalReader, described: Bool) throws(CircuitError) {
    var tensors = [IntegerTensor]()
    for index in 0..<(try reader.count("tensors")) {
      tensors.append(try Self.decodeTensor(index, from: &reader, described: described))
    }
    var operations = [IntegerOperation]()
    for index in 0..<(try reader.count("operations")) {
      let name = described ? try reader.text("operation name") : "operation \(index)"
      let kind = try IntegerOperation.Kind(from: &reader)
      let inputs = try Self.decodeTensorIDs(tensors.count, from: &reader)
      let output = try reader.integer("output", limit: tensors.count)
      operations.append(IntegerOperation(name: name, kind: kind, inputs: inputs, output: output))
    }
    let inputs = try Self.decodeTensorIDs(tensors.count, from: &reader)
    let outputs = try Self.decodeTensorIDs(tensors.count, from: &reader)
    try self.init(tensors: tensors, operations: operations, inputs: inputs, outputs: outputs)
  }

  private static func decodeTensor(
    _ index: Int, from reader: inout CanonicalReader, described: Bool
  ) throws(CircuitError) -> IntegerTensor {
    guard described else {
      let count = try reader.integer("tensor elements", limit: maximalTensorCount)
      return IntegerTensor(
        name: "tensor \(index)", shape: [count], range: try reader.range("tensor range"),
        scaleBits: 0)
    }
    let name = try reader.text("tensor name")
    var shape = [Int]()
    for _ in 0..<(try reader.count("dimensions")) {
      shape.append(try reader.integer("dimension", limit: maximalTensorCount))
    }
    let scaleBits = try reader.signed("scale bits")
    guard (-1024...1024).contains(scaleBits) else { throw reader.malformed("scale bits") }
    return IntegerTensor(
      name: name, shape: shape, range: try reader.range("tensor range"), scaleBits: Int(scaleBits))
  }

  private static func decodeTensorIDs(
    _ tensorCount: Int, from reader: inout CanonicalReader
  ) throws(CircuitError) -> [TensorID] {
    var list = [TensorID]()
    for _ in 0..<(try reader.count("tensor list")) {
      list.append(try reader.integer("tensor", limit: tensorCount))
    }
    return list
  }
}
