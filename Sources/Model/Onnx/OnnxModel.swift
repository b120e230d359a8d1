/// An ONNX file as it stands, without interpretation: the messages of onnx.proto3 that matter for inference.
struct OnnxModel: Sendable {
  struct Attribute: Sendable {
    var name = ""
    var float: Float?
    var integer: Int64?
    var text: String?
    var texts: [String] = []
    var tensor: OnnxTensor?
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
  }

  /// A graph input or output: its name, element type, and dimensions where nil is a dynamic one.
  struct Value: Sendable {
    var name = ""
    var elementType: Int64 = 0
    var shape: [Int64?]?
  }

  /// Version of the standard operator set; of a model that has none of its operators, the newest.
  var opset = supportedOpsets.upperBound
  var nodes: [Node] = []
  var initializers: [OnnxTensor] = []
  /// Constants that hold texts, which nothing here reads.
  var texts: Set<String> = []
  var inputs: [Value] = []
  var outputs: [Value] = []

  /// Names of the inputs that are no constants, in order.
  var inputNames: [String] {
    let constants = Set(initializers.map(\.name))
    return inputs.map(\.name).filter { !constants.contains($0) }
  }

  /// Operator set versions that the importer knows.
  static let supportedOpsets: ClosedRange<Int64> = 7...28
}
