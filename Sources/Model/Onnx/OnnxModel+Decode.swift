extension OnnxModel {
  /// Reads a ModelProto.
  ///
  /// - Throws: `emptyFile`, `malformed` with the path of the field, `unsupportedOpset`.
  init(bytes: [UInt8]) throws(ModelError) {
    guard !bytes.isEmpty else { throw .emptyFile }
    var reader = ProtobufReader(bytes)
    var hasGraph = false
    while let field = try reader.next() {
      switch field.number {
      case 7:
        guard !hasGraph else { throw reader.malformed("graph", "is given twice") }
        hasGraph = true
        try decodeGraph(reader.message(field, "graph"))
      case 8:
        try decodeOpset(reader.message(field, "opset_import"))
      default:
        break
      }
    }
    guard hasGraph else { throw .malformed(field: "graph", reason: "is missing") }
    guard Self.supportedOpsets.contains(opset) else {
      throw .unsupportedOpset(version: opset, supported: Self.supportedOpsets)
    }
  }

  private mutating func decodeOpset(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    var domain = ""
    var version: Int64 = 0
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try reader.text(field, "domain")
      case 2: version = try reader.integer(field, "version")
      default: break
      }
    }
    if domain.isEmpty || domain == "ai.onnx" { opset = version }
  }

  private mutating func decodeGraph(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1:
        nodes.append(try Node(reader.message(field, "node[\(nodes.count)]")))
      case 5:
        let message = try reader.message(field, "initializer[\(initializers.count)]")
        if let name = try OnnxTensor.nameOfTexts(message) {
          texts.insert(name)
        } else {
          initializers.append(try OnnxTensor(message))
        }
      case 11:
        inputs.append(try Value(reader.message(field, "input[\(inputs.count)]")))
      case 12:
        outputs.append(try Value(reader.message(field, "output[\(outputs.count)]")))
      case 15:
        throw reader.malformed("sparse_initializer", "sparse tensors are not supported")
      default:
        break
      }
    }
  }
}

extension OnnxModel.Node {
  fileprivate init(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try reader.text(field, "input[\(inputs.count)]"))
      case 2: outputs.append(try reader.text(field, "output[\(outputs.count)]"))
      case 3: name = try reader.text(field, "name")
      case 4: op = try reader.text(field, "op_type")
      case 5:
        let path = "attribute[\(attributes.count)]"
        attributes.append(try OnnxModel.Attribute(reader.message(field, path)))
      case 7: domain = try reader.text(field, "domain")
      default: break
      }
    }
    guard !op.isEmpty else { throw reader.malformed("op_type", "is missing") }
  }
}

extension OnnxModel.Attribute {
  fileprivate init(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try reader.text(field, "name")
      case 2: float = try reader.float(field, "f")
      case 3: integer = try reader.integer(field, "i")
      case 4: text = String(decoding: try reader.data(field, "s"), as: UTF8.self)
      case 5: tensor = try OnnxTensor(reader.message(field, "t"))
      case 7: try reader.appendFloats(field, "floats", to: &floats)
      case 8: try reader.appendIntegers(field, "ints", to: &integers)
      case 9: texts.append(String(decoding: try reader.data(field, "strings"), as: UTF8.self))
      default: break
      }
    }
  }
}

extension OnnxModel.Value {
  fileprivate init(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try reader.text(field, "name")
      case 2: try decodeType(reader.message(field, "type"))
      default: break
      }
    }
  }

  private mutating func decodeType(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var tensor = try reader.message(field, "tensor_type")
      while let field = try tensor.next() {
        switch field.number {
        case 1: elementType = try tensor.integer(field, "elem_type")
        case 2: shape = try Self.decodeShape(tensor.message(field, "shape"))
        default: break
        }
      }
    }
  }

  private static func decodeShape(_ message: ProtobufReader) throws(ModelError) -> [Int64?] {
    var reader = message
    var shape: [Int64?] = []
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var dimension = try reader.message(field, "dim[\(shape.count)]")
      var size: Int64?
      while let field = try dimension.next() {
        if field.number == 1 { size = try dimension.integer(field, "dim_value") }
      }
      // Exporters write 0 or a negative size for a dimension they leave open.
      shape.append(size.flatMap { $0 > 0 ? $0 : nil })
    }
    return shape
  }
}
