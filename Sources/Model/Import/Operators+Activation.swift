extension Operators {
  /// Activation functions that are not a single function of analysis.
  static let activations: [String: Translation] = [
    "Relu": unary { (node, x) throws(ModelError) in try node.relu(x) },
    "LeakyRelu": unary { (node, x) throws(ModelError) in
      try node.leaky(x, alpha: node.float("alpha", default: 0.01))
    },
    "PRelu": binary(prelu), "Clip": unary(clip),
    "Elu": unary { (node, x) throws(ModelError) in
      try node.apply(.elu(alpha: node.float("alpha", default: 1)), x)
    },
    "Selu": unary { (node, x) throws(ModelError) in
      let alpha = try node.float("alpha", default: 1.67326319217681884765625)
      let gamma = try node.float("gamma", default: 1.05070102214813232421875)
      return try node.scaled(node.apply(.elu(alpha: alpha), x), by: gamma)
    },
    "Celu": unary(celu), "Gelu": unary(gelu), "Swish": unary(swish),
    "HardSigmoid": unary { (node, x) throws(ModelError) in
      try node.hardSigmoid(
        x, alpha: node.float("alpha", default: 0.2), beta: node.float("beta", default: 0.5))
    },
    "HardSwish": unary { (node, x) throws(ModelError) in
      try node.product(x, node.hardSigmoid(x, alpha: 1.0 / 6, beta: 0.5))
    },
    "Softsign": unary { (node, x) throws(ModelError) in
      try node.quotient(x, node.scaled(node.absolute(x), by: 1, plus: 1))
    },
    "ThresholdedRelu": unary { (node, x) throws(ModelError) in
      let alpha = try node.float("alpha", default: 1)
      return try node.select(node.compare(.less, Term(alpha), x), x, Term(0)).typed(x.type)
    },
    "Shrink": unary { (node, x) throws(ModelError) in
      let lambda = try node.float("lambd", default: 0.5)
      let bias = try node.float("bias", default: 0)
      let above = try node.select(
        node.compare(.less, Term(lambda), x), node.scaled(x, by: 1, plus: -bias), Term(0))
      // Where lambda is negative, numbers may be below and above: the first case counts.
      return try node.select(
        node.compare(.less, x, Term(-lambda)), node.scaled(x, by: 1, plus: bias), above
      ).typed(x.type)
    },
    "Dropout": dropout,
  ]

  /// slope * x + (1 - slope) * max(x, 0).
  private static func prelu(
    _ node: NodeContext, _ x: Term, _ slope: Term
  ) throws(ModelError) -> Term {
    // Older models give one slope per channel without the spatial axes.
    var slope = slope
    if slope.shape.count == 1, x.shape.count > 2, slope.shape[0] == x.shape[1] {
      slope = slope.reshaped(slope.shape + [Int](repeating: 1, count: x.shape.count - 2))
    }
    try node.require(
      TensorShape.broadcast(slope.shape, x.shape) == x.shape,
      "slopes of shape \(slope.shape) do not fit \(x.shape)")
    let positive = try node.relu(x)
    return try node.plus(positive, node.product(node.minus(x, positive), slope))
  }

  private static func celu(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let alpha = try node.float("alpha", default: 1)
    try node.require(alpha != 0, "alpha is 0")
    if alpha == 1 { return try node.apply(.elu(alpha: 1), x) }
    // alpha * (exp(x / alpha) - 1) where x is negative.
    let inner = try node.apply(.elu(alpha: 1), node.scaled(x, by: 1 / alpha))
    try node.require(alpha > 0, "alpha is negative")
    return try node.scaled(inner, by: alpha)
  }

  private static func gelu(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let mode = node.text("approximate", default: "none")
    try node.require(["none", "tanh"].contains(mode), "unknown approximation \(mode)")
    return try node.apply(.gelu(approximate: mode == "tanh"), x)
  }

  private static func swish(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let alpha = try node.float("alpha", default: 1)
    let gate = try node.apply(.sigmoid, alpha == 1 ? x : node.scaled(x, by: alpha))
    return try node.product(x, gate)
  }

  private static func clip(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    var bounds: [Double?] = [nil, nil]
    for (index, name) in ["min", "max"].enumerated() {
      if node.opset < 11 {
        bounds[index] = node.attribute(name)?.float.map(Double.init)
      } else if node.optional(index + 1) != nil {
        bounds[index] = try node.scalar(index + 1, name)
      }
      // Exporters write the largest finite float where they mean no bound.
      if let bound = bounds[index], abs(bound) >= Double(Float.greatestFiniteMagnitude) {
        bounds[index] = nil
      }
      // So do the ends of an integer type, which doubles do not hold.
      if let bound = bounds[index], let range = x.type.bounds,
        index == 0 ? bound <= Double(range.lowerBound) : bound >= Double(range.upperBound)
      {
        bounds[index] = nil
      }
    }
    if let low = bounds[0], let high = bounds[1], low > high {
      // ONNX gives the upper bound for every element.
      return Term([Double](repeating: high, count: x.count), shape: x.shape, type: x.type)
    }
    return try node.clipped(x, low: bounds[0], high: bounds[1])
  }

  private static func dropout(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    if let training = try node.optionalConstant(2, "training_mode"),
      training.contains(where: { $0 != 0 })
    {
      let ratio = try node.optionalConstant(1, "the ratio") ?? [0.5]
      try node.require(ratio.allSatisfy { $0 == 0 }, "training mode with random numbers")
    }
    return [x, Term([Double](repeating: 1, count: x.count), shape: x.shape, type: .bool)]
  }
}

extension NodeContext {
  /// alpha * x where x is negative.
  func leaky(_ x: Term, alpha: Double) throws(ModelError) -> Term {
    try sum([x, try relu(x)], factors: [alpha, 1 - alpha])
  }

  /// alpha * x + beta, at least 0 and at most 1.
  func hardSigmoid(_ x: Term, alpha: Double, beta: Double) throws(ModelError) -> Term {
    try clipped(try scaled(x, by: alpha, plus: beta), low: 0, high: 1)
  }
}
