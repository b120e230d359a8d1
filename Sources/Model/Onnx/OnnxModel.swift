/// An ONNX file as it stands, without interpretation: the messages of onnx.proto3 that matter for inference.
struct OnnxModel: Sendable {
  /// An attribute; what its type says that it holds is set, whatever stands in the file: writers leave out numbers that are 0.
  struct Attribute: Sendable {
    /// Codes of what an attribute can hold, as in onnx.proto3.
    enum Kind: Int64, Sendable {
      case float = 1
      case integer, text, tensor, graph, floats, integers, texts, tensors, graphs
      case sparseTensor, sparseTensors, type, types
    }

    var name = ""
    var kind = Kind.integer
    var float: Float?
    var integer: Int64?
    var text: String?
    var texts: [String] = []
    var tensor: OnnxTensor?
    /// A tensor of texts, whose elements are `texts` as well.
    var textTensor: OnnxTexts?
    var graph: Graph?
    /// Name of the attribute of the enclosing function's caller whose value this one has.
    var reference: String?
    var floats: [Float] = []
    var integers: [Int64] = []
  }

  struct Node: Sendable {
    var name = ""
    var op = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [Attribute] = []
    /// Which of several functions of one name is called.
    var overload = ""
  }

  /// Nodes with what they take and give: of the model, or the body of a node of control flow.
  struct Graph: Sendable {
    var nodes: [Node] = []
    var initializers: [OnnxTensor] = []
    /// Constants that hold texts.
    var texts: [OnnxTexts] = []
    var inputs: [Value] = []
    var outputs: [Value] = []
  }

  /// An operator that the model defines itself, by other nodes.
  struct Function: Sendable {
    var name = ""
    var domain = ""
    var overload = ""
    /// Version of the standard operator set of its nodes; nil: that of the model.
    var opset: Int64?
    var inputs: [String] = []
    var outputs: [String] = []
    var nodes: [Node] = []
    /// Attributes that callers may leave out.
    var defaults: [Attribute] = []
  }

  /// A graph input or output: its name, element type, and dimensions where nil is a dynamic one.
  struct Value: Sendable {
    var name = ""
    var elementType: Int64 = 0
    var shape: [Int64?]?
  }

  /// Version of the standard operator set; of a model that has none of its operators, the newest.
  var opset = supportedOpsets.upperBound
  /// Version of the operator set ai.onnx.ml; of a model that does not say, the newest.
  var classicalOpset = supportedClassicalOpsets.upperBound
  var graph = Graph()
  var functions: [Function] = []

  var nodes: [Node] { graph.nodes }
  var initializers: [OnnxTensor] { graph.initializers }
  var inputs: [Value] { graph.inputs }
  var outputs: [Value] { graph.outputs }

  /// Names of the inputs that are no constants, in order.
  var inputNames: [String] {
    let constants = Set(initializers.map(\.name)).union(graph.texts.map(\.name))
    return inputs.map(\.name).filter { !constants.contains($0) }
  }

  /// Operator set versions that the importer knows.
  static let supportedOpsets: ClosedRange<Int64> = 7...28
  /// The same of ai.onnx.ml.
  static let supportedClassicalOpsets: ClosedRange<Int64> = 1...5
}

extension OnnxModel.Graph {
  /// Names that stand for values of a graph around this one.
  var captured: Set<String> {
    var own = Set(inputs.map(\.name)).union(initializers.map(\.name)).union(texts.map(\.name))
    for node in nodes { own.formUnion(node.outputs) }
    var read = Set(outputs.map(\.name))
    for node in nodes { read.formUnion(node.read) }
    return read.subtracting(own)
  }
}

extension OnnxModel.Node {
  /// Names of all values that the node reads, itself or in its bodies.
  var read: Set<String> {
    var names = Set(inputs.lazy.filter { !$0.isEmpty })
    for attribute in attributes {
      if let body = attribute.graph { names.formUnion(body.captured) }
    }
    return names
  }
}
