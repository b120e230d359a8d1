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

  /// Version of the standard operator set.
  var opset: Int64 = 1
  var nodes: [Node] = []
  var initializers: [OnnxTensor] = []
  var inputs: [Value] = []
  var outputs: [Value] = []

  /// Operator set versions that the importer knows.
  static let supportedOpsets: ClosedRange<Int64> = 9...21
}
