extension Operators {
  /// Elementwise arithmetic, and the largest, smallest, sum and mean of any number of operands.
  static let arithmetic: [String: Translation] = [
    "Add": binary { (node, a, b) throws(ModelError) in try node.plus(a, b).typed(a.type) },
    "Sub": binary { (node, a, b) throws(ModelError) in try node.minus(a, b).typed(a.type) },
    "Mul": binary { (node, a, b) throws(ModelError) in try node.product(a, b).typed(a.type) },
    "Div": binary(divide), "Mod": binary(modulo),
    "Neg": unary { (node, x) throws(ModelError) in try node.negated(x) },
    "Abs": unary { (node, x) throws(ModelError) in try node.absolute(x) },
    "Sign": unary { (node, x) throws(ModelError) in
      let positive = try node.compare(.less, Term(0), x)
      return try node.minus(positive, node.compare(.less, x, Term(0))).typed(x.type)
    },
    "Sum": one { (node) throws(ModelError) in
      let terms = try node.allOperands()
      return try node.sum(terms, factors: terms.map { _ in 1 })
    },
    "Mean": one { (node) throws(ModelError) in
      let terms = try node.allOperands()
      let count = Double(terms.count)
      guard terms[0].type != .double else {
        return try node.quotient(
          node.sum(terms, factors: terms.map { _ in 1 }), Term(count, type: .double))
      }
      return try node.sum(terms, factors: terms.map { _ in 1 / count })
    },
    "Max": one { (node) throws(ModelError) in try node.maximum(node.allOperands()) },
    "Min": one(minimum),
    "Identity": unary { (_, x) throws(ModelError) in x },
    "BitShift": binary(shift),
  ]

  /// Integers are divided towards zero.
  private static func divide(_ node: NodeContext, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    try node.quotient(a, b, a.type.isInteger ? .truncated : .exact).typed(a.type)
  }

  /// a - b * floor(a / b), or with the quotient rounded towards zero as C does.
  private static func modulo(_ node: NodeContext, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    let quotient = try node.quotient(a, b, node.flag("fmod") ? .truncated : .floored)
    return try node.minus(a, node.product(quotient, b)).typed(a.type)
  }

  private static func minimum(_ node: NodeContext) throws(ModelError) -> Term {
    var negated: [Term] = []
    for term in try node.allOperands() { negated.append(try node.negated(term)) }
    return try node.negated(node.maximum(negated))
  }

  private static func shift(_ node: NodeContext, _ x: Term, _ y: Term) throws(ModelError) -> Term {
    let given = try node.known(y, "the shift").reals
    let direction = node.text("direction", default: "")
    try node.require(["LEFT", "RIGHT"].contains(direction), "direction is missing")
    guard let bits = x.type.bitCount else { throw node.error("it shifts no integers") }
    // A negative number is one beyond the width.
    let counts = given.map { $0 < 0 ? bits : min(Int(clamping: $0), bits) }
    func powers(_ exponents: [Int]) -> [Double] {
      exponents.map { Double(sign: .plus, exponent: $0, significand: 1) }
    }
    if direction == "RIGHT" {
      // Divisors are kept to 2^32, far inside 64 bits: what is left of more places is shifted again.
      var (result, left) = (x, counts)
      repeat {
        let divisors = Term(powers(left.map { min($0, 32) }), shape: y.shape, type: x.type)
        result = try node.quotient(result, divisors, .floored).typed(x.type)
        left = left.map { max(0, $0 - 32) }
      } while left.contains(where: { $0 > 0 })
      return result
    }
    // Bits that leave the type at the top are lost when the result wraps.
    let factors = zip(powers(counts), counts).map { $1 < bits ? $0 : 0 }
    return try node.product(x, Term(factors, shape: y.shape, type: x.type)).typed(x.type)
  }
}
