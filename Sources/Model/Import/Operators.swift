/// The operators that can be proven, by their ONNX names.
enum Operators {
  /// Every supported operator of the standard domain, with its translation.
  static let all: [String: @Sendable (NodeContext) throws(ModelError) -> Translation] = [
    "Add": { (n) throws(ModelError) in try sum(n, signs: [1, 1]) },
    "Sub": { (n) throws(ModelError) in try sum(n, signs: [1, -1]) },
    "Neg": { (n) throws(ModelError) in try scaled(n) { _ in -1 } },
    "Mul": multiply, "Div": divide,
    "Gemm": gemm, "MatMul": matmul, "Conv": convolution,
    "BatchNormalization": batchNormalization,
    "Relu": relu, "LeakyRelu": leakyRelu, "Clip": clip,
    "MaxPool": maxPool, "AveragePool": averagePool, "GlobalAveragePool": globalAveragePool,
    "ArgMax": argMax,
    "Identity": copy, "Dropout": dropout, "Cast": cast, "Flatten": flatten, "Reshape": reshape,
    "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Transpose": transpose, "Concat": concat,
    "Slice": slice, "Pad": pad, "Gather": gather,
  ]

  /// Operators whose result is always a constant, made by `ConstantFolding`.
  static let constants: Set<String> = ["Constant", "ConstantOfShape", "Shape"]

  static func isSupported(_ node: OnnxModel.Node) -> Bool {
    (node.domain.isEmpty || node.domain == "ai.onnx")
      && (all[node.op] != nil || constants.contains(node.op))
  }
}

/// Where the operands of an affine step stand: variables one after the other, constants apart.
struct OperandLayout {
  /// The variables, in order.
  var sources: [Translation.Source] = []
  /// First element of each operand inside the concatenated input; nil for constants.
  var offsets: [Int?] = []
  /// The numbers of each constant operand.
  var constants: [[Double]] = []
  /// Elements of all variables together.
  var inputCount = 0

  init(_ node: NodeContext, _ operands: [Int]) throws(ModelError) {
    for index in operands {
      if let numbers = try node.coefficients(index) {
        offsets.append(nil)
        constants.append(numbers)
      } else {
        sources.append(.operand(index))
        offsets.append(inputCount)
        constants.append([])
        inputCount += try node.operand(index).count
      }
    }
  }
}
