/// Operators between quantised tensors that onnxruntime's quantiser writes: the domain com.microsoft.
extension Operators {
  /// Operators whose operands each bring a scale and a zero point.
  static let fusedQuantized: [String: Translation] = [
    "QuantizeLinear": standard["QuantizeLinear"]!,
    "DequantizeLinear": standard["DequantizeLinear"]!,
    "QLinearConv": { (node) throws(ModelError) in
      try node.require(!node.flag("channels_last"), "channels at the end are not supported")
      // Scale and zero point of the result stand before the bias here and there.
      return try standard["QLinearConv"]!(node)
    },
    "QLinearAdd": one { (node) throws(ModelError) in
      let (a, b) = try both(node)
      return try requantized(node, node.plus(a, b), scale: 6)
    },
    "QLinearMul": one { (node) throws(ModelError) in
      let (a, b) = try both(node)
      return try requantized(node, node.product(a, b), scale: 6)
    },
    "QLinearSigmoid": one { (node) throws(ModelError) in
      try looked(node, node.apply(.sigmoid, decoded(node)))
    },
    "QLinearLeakyRelu": one { (node) throws(ModelError) in
      // Of the integers, which are exact.
      let x = try node.centered(node.operand(0), zero: 2, axis: 1).typed(.float)
      let result = try node.leaky(x, alpha: node.float("alpha", default: 0.01))
      return try looked(node, node.product(result, node.parameter(1, over: x, axis: 1)))
    },
    "QLinearSoftmax": one(softmax),
    "QLinearConcat": one(concat),
    "QLinearAveragePool": one { (node) throws(ModelError) in
      try node.require(!node.flag("channels_last"), "channels at the end are not supported")
      return try requantized(node, averagePool(node, of: decoded(node), isWhole: true), scale: 3)
    },
    "QLinearGlobalAveragePool": one { (node) throws(ModelError) in
      try node.require(!node.flag("channels_last"), "channels at the end are not supported")
      let x = try decoded(node)
      let (planes, shape) = try node.images(x)
      return try looked(
        node, node.sums(of: planes, in: x, factor: 1 / Double(planes[0].count), shape: shape))
    },
    "QGemm": one(quantizedGemm),
    "DynamicQuantizeMatMul": one { (node) throws(ModelError) in
      let parts = try dynamicQuantize(node)
      let x = try node.product(node.minus(parts[0].typed(.float), parts[2]), parts[1])
      let weight = try node.dequantized(node.operand(1), scale: 2, zero: 3, axis: -1)
      let product = try node.matmul(x, weight)
      return try node.optional(4).map { (bias) throws(ModelError) in
        try node.plus(product, bias)
      } ?? product
    },
    "MatMulIntegerToFloat": one { (node) throws(ModelError) in
      let a = try node.dequantized(node.operand(0), scale: 2, zero: 4, axis: -2)
      let b = try node.dequantized(node.operand(1), scale: 3, zero: 5, axis: -1)
      let product = try node.matmul(a, b)
      return try node.optional(6).map { (bias) throws(ModelError) in
        try node.plus(product, bias)
      } ?? product
    },
  ]

  /// The first operand as real numbers.
  private static func decoded(_ node: NodeContext) throws(ModelError) -> Term {
    try node.dequantized(node.operand(0), scale: 1, zero: 2, axis: 1)
  }

  private static func both(_ node: NodeContext) throws(ModelError) -> (Term, Term) {
    (try decoded(node), try node.dequantized(node.operand(3), scale: 4, zero: 5, axis: 1))
  }

  /// A result whose halves go to the even integer with the zero point.
  private static func requantized(
    _ node: NodeContext, _ x: Term, scale: Int
  ) throws(ModelError) -> Term {
    try node.quantized(
      x, scale: scale, zero: scale + 1, axis: 1, type: node.operand(0).type, zeroFirst: true)
  }

  /// A result whose halves go to the even integer before the zero point is added.
  private static func looked(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    try node.quantized(x, scale: 3, zero: 4, axis: 1, type: node.operand(0).type)
  }

  /// The whole number of steps in 1 times the softmax, rounded.
  private static func softmax(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try decoded(node)
    let isNew = node.integer("opset", default: 13) >= 13
    let axis = try node.axis(default: isNew ? -1 : 1, rank: x.shape.count)
    let (exponentials, sums, _) = try node.exponentials(
      x, axes: isNew ? [axis] : Array(axis..<x.shape.count))
    let scale = try node.scalar(3, "the scale")
    let steps = (1 / Float(scale)).rounded(.down)
    try node.require(steps.isFinite, "the scale is 0")
    let type = try node.operand(0).type
    var result = try node.apply(
      .round, node.scaled(node.quotient(exponentials, sums), by: Double(steps)))
    if node.optional(4) != nil {
      result = try node.plus(result, node.parameter(4, over: x, axis: 1))
    }
    return try node.clipped(result, low: type.lowest, high: type.highest).typed(type)
  }

  private static func concat(_ node: NodeContext) throws(ModelError) -> Term {
    let type = try node.operand(1).type
    var parts: [Term] = []
    for index in stride(from: 2, to: node.operands.count, by: 3) {
      let part = try node.dequantized(
        node.operand(index), scale: index + 1, zero: index + 2, axis: 1)
      parts.append(try node.quantized(part, scale: 0, zero: 1, axis: 1, type: type))
    }
    try node.require(!parts.isEmpty && !parts[0].shape.isEmpty, "it has no operands")
    let axis = try node.axis(default: 0, rank: parts[0].shape.count)
    return try node.concatenated(parts, axis: axis)
  }

  /// alpha * (A' * B' + C) with the scales of A and B; real numbers where the result has no scale.
  private static func quantizedGemm(_ node: NodeContext) throws(ModelError) -> Term {
    func matrix(_ index: Int, axis: Int, _ flag: String) throws(ModelError) -> Term {
      let given = try node.operand(index)
      try node.require(given.shape.count == 2, "operands must be matrices")
      let transposes = node.flag(flag)
      // Numbers for columns of the product, which are rows of what is transposed.
      let x = try node.dequantized(
        given, scale: index + 1, zero: index + 2, axis: transposes ? 1 - axis : axis)
      return transposes ? try node.transposed(x, [1, 0]) : x
    }
    let (a, b) = (try matrix(0, axis: 0, "transA"), try matrix(3, axis: 1, "transB"))
    var result = try node.matmul(a, b)
    if let bias = node.optional(6) {
      let scale = try node.product(node.operand(1), node.operand(4))
      result = try node.plus(
        result, node.product(bias, scale.count == 1 ? scale.reshaped([]) : scale))
    }
    result = try node.scaled(result, by: node.float("alpha", default: 1)).typed(.float)
    guard node.optional(7) != nil else { return result }
    let type = try node.operand(node.optional(8) == nil ? 0 : 8).type
    return try node.quantized(result, scale: 7, zero: 8, axis: 1, type: type)
  }
}
