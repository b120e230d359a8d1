extension OnnxModel {
  /// Reads a ModelProto.
  ///
  /// - Throws: `emptyFile`, `malformed` with the path of the field, `unsupportedOpset`.
  init(bytes: [UInt8]) throws(ModelError) {
    guard !bytes.isEmpty else { throw .emptyFile }
    var reader = ProtobufReader(bytes)
    var hasGraph = false
    var versions: [String: Int64] = [:]
    while let field = try reader.next(once: [7]) {
      switch field.number {
      case 7:
        hasGraph = true
        graph = try Graph(reader.message(field, "graph"), in: Place())
      case 8:
        try Self.decodeOpset(reader.message(field, "opset_import"), into: &versions)
      case 25:
        let message = try reader.message(field, "functions[\(functions.count)]")
        functions.append(try Function(message))
      default:
        break
      }
    }
    guard hasGraph else { throw .malformed(field: "graph", reason: "is missing") }
    opset = versions[""] ?? opset
    classicalOpset = versions["ai.onnx.ml"] ?? classicalOpset
    try checkCompositions()
    guard Self.supportedOpsets.contains(opset) else {
      throw .unsupportedOpset(version: opset, supported: Self.supportedOpsets)
    }
    guard Self.supportedClassicalOpsets.contains(classicalOpset) else {
      let (first, last) = (
        Self.supportedClassicalOpsets.lowerBound, Self.supportedClassicalOpsets.upperBound
      )
      throw .invalidModel(
        reason: "its operator set ai.onnx.ml has version \(classicalOpset), of which \(first) to "
          + "\(last) are supported")
    }
  }

  /// Takes the version of an operator set whose operators are read by their version: the standard one, under an empty name, and
  /// ai.onnx.ml.
  fileprivate static func decodeOpset(
    _ message: ProtobufReader, into known: inout [String: Int64]
  ) throws(ModelError) {
    var reader = message
    var domain = ""
    var version: Int64 = 0
    while let field = try reader.next(once: [1, 2]) {
      switch field.number {
      case 1: domain = try reader.symbol(field, "domain")
      case 2: version = try reader.integer(field, "version")
      default: break
      }
    }
    guard ["", "ai.onnx", "ai.onnx.ml"].contains(domain) else { return }
    let own = domain == "ai.onnx.ml" ? domain : ""
    guard known.updateValue(version, forKey: own) ?? version == version else {
      throw reader.malformed(
        "version", "\(own.isEmpty ? "the standard operator set" : own) is given in two versions")
    }
  }

  /// Where a message stands.
  fileprivate struct Place {
    /// How many bodies it is in.
    var depth = 0
    /// Whether attributes may refer to those of a call.
    var isInFunction = false

    var inside: Place { Place(depth: depth + 1, isInFunction: isInFunction) }
  }
}

extension OnnxModel.Graph {
  /// Bodies within bodies at most.
  private static let maximalDepth = 16

  fileprivate init(
    _ message: ProtobufReader, in place: OnnxModel.Place
  ) throws(ModelError) {
    var reader = message
    guard place.depth <= Self.maximalDepth else {
      throw .malformed(
        field: reader.path, reason: "more than \(Self.maximalDepth) graphs are in one another")
    }
    while let field = try reader.next() {
      switch field.number {
      case 1:
        let path = "node[\(nodes.count)]"
        nodes.append(try OnnxModel.Node(reader.message(field, path), in: place))
      case 5:
        let message = try reader.message(field, "initializer[\(initializers.count)]")
        if let tensor = try OnnxTexts(message) {
          texts.append(tensor)
        } else {
          initializers.append(try OnnxTensor(message))
        }
      case 11:
        inputs.append(try OnnxModel.Value(reader.message(field, "input[\(inputs.count)]")))
      case 12:
        outputs.append(try OnnxModel.Value(reader.message(field, "output[\(outputs.count)]")))
      case 15:
        let path = "sparse_initializer[\(initializers.count)]"
        initializers.append(try OnnxTensor(sparse: reader.message(field, path)))
      default:
        break
      }
    }
  }
}

extension OnnxModel.Function {
  fileprivate init(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    let place = OnnxModel.Place(isInFunction: true)
    var versions: [String: Int64] = [:]
    while let field = try reader.next(once: [1, 10, 13]) {
      switch field.number {
      case 1: name = try reader.symbol(field, "name")
      case 4: inputs.append(try reader.text(field, "input[\(inputs.count)]"))
      case 5: outputs.append(try reader.text(field, "output[\(outputs.count)]"))
      case 7:
        let path = "node[\(nodes.count)]"
        nodes.append(try OnnxModel.Node(reader.message(field, path), in: place))
      case 9:
        try OnnxModel.decodeOpset(reader.message(field, "opset_import"), into: &versions)
        opset = versions[""]
      case 10: domain = try reader.symbol(field, "domain")
      case 11:
        let path = "attribute_proto[\(defaults.count)]"
        defaults.append(try OnnxModel.Attribute(reader.message(field, path), in: OnnxModel.Place()))
      case 13: overload = try reader.symbol(field, "overload")
      default: break
      }
    }
  }
}

extension OnnxModel.Node {
  fileprivate init(
    _ message: ProtobufReader, in place: OnnxModel.Place
  ) throws(ModelError) {
    var reader = message
    while let field = try reader.next(once: [3, 4, 7, 8]) {
      switch field.number {
      case 1: inputs.append(try reader.text(field, "input[\(inputs.count)]"))
      case 2: outputs.append(try reader.text(field, "output[\(outputs.count)]"))
      case 3: name = try reader.text(field, "name")
      case 4: op = try reader.symbol(field, "op_type")
      case 5:
        let path = "attribute[\(attributes.count)]"
        attributes.append(try OnnxModel.Attribute(reader.message(field, path), in: place))
      case 7: domain = try reader.symbol(field, "domain")
      case 8: overload = try reader.symbol(field, "overload")
      default: break
      }
    }
    guard !op.isEmpty else { throw reader.malformed("op_type", "is missing") }
    var names: Set<String> = []
    for attribute in attributes where !names.insert(attribute.name).inserted {
      throw reader.malformed("attribute", "\(attribute.name) is given twice")
    }
  }
}

extension OnnxModel.Attribute {
  fileprivate init(
    _ message: ProtobufReader, in place: OnnxModel.Place
  ) throws(ModelError) {
    var reader = message
    var code: Int64 = 0
    var filled: Set<Int> = []
    while let field = try reader.next(once: [1, 2, 3, 4, 5, 6, 14, 20, 21, 22]) {
      filled.insert(field.number)
      switch field.number {
      case 1: name = try reader.symbol(field, "name")
      case 2: float = try reader.float(field, "f")
      case 3: integer = try reader.integer(field, "i")
      case 4: text = try reader.text(field, "s")
      case 5:
        let message = try reader.message(field, "t")
        textTensor = try OnnxTexts(message)
        if let textTensor {
          texts = textTensor.texts
        } else {
          tensor = try OnnxTensor(message)
        }
      case 6: graph = try OnnxModel.Graph(reader.message(field, "g"), in: place.inside)
      case 7: try reader.appendFloats(field, "floats", to: &floats)
      case 8: try reader.appendIntegers(field, "ints", to: &integers)
      case 9: texts.append(try reader.text(field, "strings[\(texts.count)]"))
      case 20: code = try reader.integer(field, "type")
      case 21:
        guard place.isInFunction else {
          throw reader.malformed("ref_attr_name", "refers to a call, but is in no function")
        }
        reference = try reader.symbol(field, "ref_attr_name")
      case 22: tensor = try OnnxTensor(sparse: reader.message(field, "sparse_tensor"))
      default: break
      }
    }
    guard let kind = Kind(rawValue: code) else {
      throw reader.malformed("type", "\(code) says not what \(name) holds")
    }
    self.kind = kind
    try complete(filled.intersection(Kind.fields), reader)
  }

  /// Checks that nothing is given but what the type says, and sets what it says.
  private mutating func complete(
    _ filled: Set<Int>, _ reader: ProtobufReader
  ) throws(ModelError) {
    guard filled.isSubset(of: reference == nil ? [kind.field] : []) else {
      throw reader.malformed(
        "type", "\(name) holds something else than its type says, or than it refers to")
    }
    guard reference == nil else { return }
    switch kind {
    case .float: float = float ?? 0
    case .integer: integer = integer ?? 0
    case .text: text = text ?? ""
    case .tensor, .graph, .sparseTensor:
      guard !filled.isEmpty else { throw reader.malformed("type", "\(name) is empty") }
    default: break
    }
  }
}

extension OnnxModel.Attribute.Kind {
  /// The numbers of all fields that hold something.
  fileprivate static let fields: Set = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 22, 23]

  /// The number of the field that holds it.
  fileprivate var field: Int {
    switch self {
    case .float: 2
    case .integer: 3
    case .text: 4
    case .tensor: 5
    case .graph: 6
    case .floats: 7
    case .integers: 8
    case .texts: 9
    case .tensors: 10
    case .graphs: 11
    case .type: 14
    case .types: 15
    case .sparseTensor: 22
    case .sparseTensors: 23
    }
  }
}

extension OnnxModel.Value {
  fileprivate init(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    while let field = try reader.next(once: [1, 2]) {
      switch field.number {
      case 1: name = try reader.text(field, "name")
      case 2: try decodeType(reader.message(field, "type"))
      default: break
      }
    }
  }

  private mutating func decodeType(_ message: ProtobufReader) throws(ModelError) {
    var reader = message
    var kinds = 0
    while let field = try reader.next(once: [1]) {
      // Of several kinds of type the last one counts.
      if [1, 4, 5, 7, 8, 9].contains(field.number) { kinds += 1 }
      guard kinds < 2 else { throw reader.malformed("type", "is of two kinds") }
      guard field.number == 1 else { continue }
      var tensor = try reader.message(field, "tensor_type")
      while let field = try tensor.next(once: [1, 2]) {
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
      var isNamed = false
      while let field = try dimension.next(once: [1, 2]) {
        switch field.number {
        case 1: size = try dimension.integer(field, "dim_value")
        case 2: isNamed = true
        default: break
        }
      }
      guard size == nil || !isNamed else {
        throw dimension.malformed("dim_value", "stands beside a name")
      }
      // Exporters write 0 or a negative size for a dimension they leave open.
      shape.append(size.flatMap { $0 > 0 ? $0 : nil })
    }
    return shape
  }
}
