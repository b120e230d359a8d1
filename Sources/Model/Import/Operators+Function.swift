extension Operators {
  /// Smooth functions of one variable.
  static let functions: [String: Translation] = [
    "Exp": function(.exp), "Log": function(.log),
    "Sqrt": function(.squareRoot), "Reciprocal": unary(reciprocal),
    "Sin": function(.sin), "Cos": function(.cos), "Tan": function(.tan),
    "Asin": function(.asin), "Acos": function(.acos), "Atan": function(.atan),
    "Sinh": function(.sinh), "Cosh": function(.cosh), "Tanh": function(.tanh),
    "Asinh": function(.asinh), "Acosh": unary(areaCosine), "Atanh": function(.atanh),
    "Erf": function(.erf), "Sigmoid": function(.sigmoid), "Softplus": function(.softplus),
    "Mish": function(.mish), "Pow": binary(power),
  ]

  private static func function(_ function: RealFunction) -> Translation {
    unary { (node, x) throws(ModelError) in try node.apply(function, x) }
  }

  /// log(x + sqrt(x^2 - 1)): no table of acosh is right beside 1, where it is as steep as a root.
  private static func areaCosine(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let root = try node.apply(.squareRoot, node.scaled(node.product(x, x), by: 1, plus: -1))
    return try node.apply(.log, node.plus(x, root)).typed(x.type)
  }

  static func reciprocal(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    try node.quotient(Term(1), x).typed(x.type)
  }

  /// Powers with known exponents are products, roots or a function of one variable; others exp(y log x).
  private static func power(_ node: NodeContext, _ x: Term, _ y: Term) throws(ModelError) -> Term {
    let shape = try node.broadcast([x.shape, y.shape])
    if y.known == nil, x.type.isInteger || node.recorder.isGiven(y) {
      // Only known exponents give exact results, and results for negative bases.
      _ = try node.known(y, "the exponent")
    }
    guard let exponents = y.known?.reals else {
      let logarithm = try node.apply(.log, x)
      return try node.apply(.exp, try node.product(y, logarithm)).typed(x.type)
    }
    let base = try node.expanded(x, to: shape)
    let places = TensorShape.broadcastElements(y.shape, to: shape).map { exponents[$0] }
    let distinct = Set(places)
    try node.require(distinct.count <= 64, "more than 64 different exponents")
    if let exponent = distinct.first, distinct.count == 1 {
      return try node.power(base, exponent)
    }
    // Each exponent has a part of its own, and the parts are put together again.
    var parts: [Term] = []
    var order = [Int](repeating: 0, count: places.count)
    var total = 0
    for exponent in distinct.sorted() {
      let elements = places.indices.filter { places[$0] == exponent }
      for element in elements {
        order[element] = total
        total += 1
      }
      parts.append(
        try node.power(node.picking(elements, of: base, shape: [elements.count]), exponent))
    }
    return try node.picking(order, of: parts, shape: shape)
  }
}

extension NodeContext {
  /// x^exponent with the cheapest building blocks.
  func power(_ x: Term, _ exponent: Double) throws(ModelError) -> Term {
    switch exponent {
    case 0: return try scaled(x, by: 0, plus: 1)
    case 1: return x
    case 0.5: return try apply(.squareRoot, x)
    case -1: return try quotient(Term(1), x).typed(x.type)
    case -0.5: return try quotient(Term(1), try apply(.squareRoot, x)).typed(x.type)
    case 2, 3, 4, 5, 6, 7, 8:
      let half = try power(x, (exponent / 2).rounded(.down))
      let square = try product(half, half)
      return exponent.truncatingRemainder(dividingBy: 2) == 0 ? square : try product(square, x)
    default:
      return try apply(.power(exponent), x)
    }
  }
}
