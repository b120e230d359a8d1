extension Operators {
  /// Operators on integers with scales: real = (integer - zero point) * scale.
  static let quantized: [String: Translation] = [
    "QuantizeLinear": unary { (node, x) throws(ModelError) in
      let type = try node.type(
        "output_dtype", default: node.optional(2)?.type ?? .uint8, acceptsZero: true)
      return try node.quantized(x, scale: 1, zero: 2, axis: 1, type: type)
    },
    "DequantizeLinear": unary { (node, x) throws(ModelError) in
      try node.dequantized(x, scale: 1, zero: 2, axis: 1)
    },
    "DynamicQuantizeLinear": dynamicQuantize,
    "QLinearMatMul": one { (node) throws(ModelError) in
      let a = try node.dequantized(node.operand(0), scale: 1, zero: 2, axis: -2)
      let b = try node.dequantized(node.operand(3), scale: 4, zero: 5, axis: -1)
      return try node.quantized(
        node.matmul(a, b), scale: 6, zero: 7, axis: -2, type: node.operand(7).type)
    },
    "QLinearConv": one(qlinearConv),
    "MatMulInteger": one { (node) throws(ModelError) in
      let a = try node.centered(node.operand(0), zero: 2, axis: -2)
      let b = try node.centered(node.operand(1), zero: 3, axis: -1)
      return try node.matmul(a, b).typed(.int32)
    },
    "ConvInteger": one { (node) throws(ModelError) in
      let x = try node.centered(node.operand(0), zero: 2, axis: 1)
      let weight = try node.centered(node.operand(1), zero: 3, axis: 0)
      return try node.convolution(of: x, with: weight, bias: nil).typed(.int32)
    },
  ]

  private static func qlinearConv(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.dequantized(node.operand(0), scale: 1, zero: 2, axis: 1)
    let weight = try node.dequantized(node.operand(3), scale: 4, zero: 5, axis: 0)
    var bias: Term?
    if let given = node.optional(8) {
      // The bias has the product of both scales.
      let scale = try node.product(node.operand(1), node.operand(4))
      try node.require(
        scale.count == 1 || scale.shape == given.shape, "the bias does not fit the scales")
      bias = try node.product(given, scale.count == 1 ? scale.reshaped([]) : scale)
    }
    return try node.quantized(
      node.convolution(of: x, with: weight, bias: bias), scale: 6, zero: 7, axis: 1,
      type: node.operand(7).type)
  }

  /// Bytes with a scale that just holds the range of the values and 0.
  static func dynamicQuantize(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    try node.require(x.count > 0, "its operand is empty")
    let all = [Array(0..<x.count)]
    let high = try node.relu(node.maximum(all, in: x, shape: []))
    let low = try node.relu(node.maximum(all, in: node.negated(x), shape: []))
    // Every step is rounded to float32, which decides ties. Where all is 0, any scale is right.
    let width = try node.held(node.scaled(node.held(node.plus(high, low)), by: 1.0 / 255))
    let scale = try node.plus(width, node.compare(.equal, width, Term(0))).typed(.float)
    let zero = try node.clipped(
      node.apply(.round, node.held(node.quotient(low, scale))), low: 0, high: 255)
    let integers = try node.apply(.round, node.held(node.quotient(x, scale)))
    let result = try node.clipped(node.plus(integers, zero), low: 0, high: 255)
    return [result.typed(.uint8), scale, zero.typed(.uint8)]
  }
}

extension NodeContext {
  /// A scale or zero point in a shape that can be broadcast over x: a scalar, one per entry of the axis, or blocks.
  func parameter(
    _ index: Int, over x: Term, axis given: Int
  ) throws(ModelError) -> Term {
    let term = try operand(index)
    if term.count == 1 { return term.reshaped([]) }
    let axis = try axis(
      node.op.contains("antizeLinear") ? integer("axis", default: given) : given,
      rank: x.shape.count)
    if term.shape.count == 1 {
      try require(term.count == x.shape[axis], "input \(index) does not fit axis \(axis)")
      return term.reshaped(
        [term.count] + [Int](repeating: 1, count: x.shape.count - 1 - axis))
    }
    let block = min(integer("block_size", default: 0), TensorShape.maximalCount)
    var blocked = x.shape
    blocked[axis] = block > 0 ? (x.shape[axis] + block - 1) / block : x.shape[axis]
    guard block > 0, term.shape == blocked else {
      try require(
        TensorShape.broadcast(term.shape, x.shape) == x.shape, "input \(index) does not fit")
      return term
    }
    let places = (0..<x.shape[axis]).map { $0 / block }
    return try taken(term, axis: axis, places, shape: [places.count])
  }

  /// x less its zero point, which is 0 where it is left out.
  func centered(_ x: Term, zero: Int, axis: Int) throws(ModelError) -> Term {
    optional(zero) == nil ? x : try minus(x, parameter(zero, over: x, axis: axis))
  }

  func dequantized(
    _ x: Term, scale: Int, zero: Int, axis: Int
  ) throws(ModelError) -> Term {
    try product(centered(x, zero: zero, axis: axis), parameter(scale, over: x, axis: axis))
      .typed(operand(scale).type)
  }

  /// round(x / scale) + zero point, halves to the even integer, limited to the type.
  ///
  /// - Parameter zeroFirst: whether the zero point is added before rounding, which decides where halves go.
  func quantized(
    _ x: Term, scale: Int, zero: Int, axis: Int, type: ElementType, zeroFirst: Bool = false
  ) throws(ModelError) -> Term {
    guard let low = type.lowest, let high = type.highest else {
      throw error("it quantises to real numbers")
    }
    // The quotient is a float32, and ties of that are rounded to even.
    var result = try held(quotient(x, parameter(scale, over: x, axis: axis)))
    let offset = optional(zero) == nil ? nil : try parameter(zero, over: x, axis: axis)
    if zeroFirst, let offset { result = try held(plus(result, offset)) }
    result = try apply(.round, result)
    if !zeroFirst, let offset { result = try plus(result, offset) }
    return try clipped(result, low: low, high: high).typed(type)
  }
}
