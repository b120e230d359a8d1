import Circuit

/// An operator of a model that cannot be proven, with the node that uses it.
public struct UnsupportedOperator: Hashable, Sendable {
  /// Name of the node, or its place in the graph where it has none.
  public var node: String
  /// Operator type, with its domain unless that is the standard one.
  public var op: String

  /// An unsupported operator found at a node.
  public init(node: String, op: String) {
    self.node = node
    self.op = op
  }
}

/// What can be wrong with a model, an input file, or the quantisation of one for the other.
public enum ModelError: Error, Hashable, Sendable {
  /// The file has no bytes.
  case emptyFile
  /// The bytes are not a usable ONNX file; `field` is a path such as `graph.node[3].attribute[1].ints`.
  case malformed(field: String, reason: String)
  /// The model is of an operator set version outside those supported.
  case unsupportedOpset(version: Int64, supported: ClosedRange<Int64>)
  /// Every operator of the model that is not supported, in the order of the nodes.
  case unsupportedOperators([UnsupportedOperator])
  /// A node's attributes, shapes or operands cannot be used; the reason says why.
  case invalidNode(node: String, op: String, reason: String)
  /// A number of the model is not finite.
  case notFinite(tensor: String, element: Int)
  /// An operator has no result for an input: it is not defined there, or its result is too large.
  case undefined(node: String, element: Int)
  /// The model as a whole cannot be used.
  case invalidModel(reason: String)
  /// The input file is not of the documented form.
  case invalidInputFile(reason: String)
  /// What was said about the inputs does not fit the model, or its bounds.
  case invalidChoice(reason: String)
  /// The number of inputs, or of elements of the named input, differs from what the model takes.
  case countMismatch(what: String, expected: Int, found: Int)
  /// An input value is not of the input's type.
  case invalidInput(input: String, element: Int, value: String, allowed: String)
  /// An input value does not fit the range that the quantisation chose for it.
  case inputOutOfRange(
    input: String, element: Int, value: Double, lowest: Double, highest: Double)
  /// A value left the range that calibration chose for it while the program ran.
  case valueOutOfRange(
    node: String, tensor: String, element: Int, value: Double, lowest: Double, highest: Double)
  /// No choice of precision makes a program that runs on the calibration inputs; why the most precise one does not.
  case noProgram(reason: String)
  /// Settings were made for another model, or hold impossible numbers.
  case invalidSettings(reason: String)
  /// The integer program is not valid.
  case circuit(CircuitError)
}

extension ModelError {
  /// The error about a calibration input itself, which no further calibration helps.
  var ofCalibration: ModelError {
    switch self {
    case .valueOutOfRange(let node, let tensor, let element, _, let lowest, let highest):
      .noProgram(reason: Self.leaving(node, tensor, element, lowest, highest))
    case .circuit(let error): .noProgram(reason: error.redactedDescription)
    default: self
    }
  }

  private static func leaving(
    _ node: String, _ tensor: String, _ element: Int, _ lowest: Double, _ highest: Double
  ) -> String {
    "\(node): element \(element) of \(tensor) leaves its range \(lowest) to \(highest)"
  }
}

extension ModelError {
  /// How exporters leave out what is not supported, where that is known.
  private static func remedy(_ list: [UnsupportedOperator]) -> String {
    let operators = Set(list.map(\.op))
    var remedies: [String] = []
    if operators.contains(where: { $0.hasPrefix("com.microsoft.") }) {
      remedies.append("take the model from before onnxruntime's optimiser")
    }
    if remedies.isEmpty { remedies.append("docs/operators.md lists what can be proven") }
    return "; " + remedies.joined(separator: "; ")
  }
}

extension ModelError: CustomStringConvertible {
  /// One line for the terminal, without input values.
  public var description: String {
    switch self {
    case .emptyFile:
      return "the model file is empty"
    case .malformed(let field, let reason):
      return "not a usable ONNX file: \(field): \(reason)"
    case .unsupportedOpset(let version, let supported):
      return "operator set \(version) is not supported, only "
        + "\(supported.lowerBound) to \(supported.upperBound)"
    case .unsupportedOperators(let list):
      let lines = list.map { "\($0.op) at node \($0.node)" }
      return "\(list.count) unsupported operator\(list.count == 1 ? "" : "s"): "
        + lines.joined(separator: ", ") + Self.remedy(list)
    case .invalidNode(let node, let op, let reason):
      return "\(op) at node \(node): \(reason)"
    case .notFinite(let tensor, let element):
      return "element \(element) of \(tensor) is not a finite number"
    case .undefined(let node, let element):
      return
        "\(node) has no finite result for this input (element \(element) of what it computes): it is not defined "
        + "there, or too large"
    case .invalidModel(let reason):
      return "unusable model: \(reason)"
    case .invalidInputFile(let reason):
      return "unusable input file: \(reason)"
    case .invalidChoice(let reason):
      return reason
    case .countMismatch(let what, let expected, let found):
      return "\(what): expected \(expected), found \(found)"
    case .invalidInput(let input, let element, let value, let allowed):
      return "element \(element) of input \(input) is \(value), which is not of its type \(allowed)"
    case .inputOutOfRange(let input, let element, _, let lowest, let highest):
      return "element \(element) of input \(input) is outside the quantised range "
        + "\(lowest) to \(highest)"
    case .valueOutOfRange(let node, let tensor, let element, _, let lowest, let highest):
      return
        Self.leaving(node, tensor, element, lowest, highest)
        + "; calibrate with inputs like this one (calibrate --data, then --settings)"
    case .noProgram(let reason):
      return "no precision suits these inputs: \(reason); scale what this operator reads in "
        + "the model, so that its numbers are of one size"
    case .invalidSettings(let reason):
      return "unusable quantisation settings: \(reason)"
    case .circuit(let error):
      return error.redactedDescription
    }
  }
}
