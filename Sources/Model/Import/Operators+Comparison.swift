extension Operators {
  /// Comparisons, logic and bits; truth values are 0 and 1.
  static let comparisons: [String: Translation] = [
    "Less": binary { (node, a, b) throws(ModelError) in try node.compare(.less, a, b) },
    "Greater": binary { (node, a, b) throws(ModelError) in try node.compare(.less, b, a) },
    "LessOrEqual": binary { (node, a, b) throws(ModelError) in
      try node.not(node.compare(.less, b, a))
    },
    "GreaterOrEqual": binary { (node, a, b) throws(ModelError) in
      try node.not(node.compare(.less, a, b))
    },
    "Equal": binary { (node, a, b) throws(ModelError) in
      let (a, b) = try node.inOneList(a, b)
      return try node.compare(.equal, a, b)
    },
    "And": binary { (node, a, b) throws(ModelError) in try node.product(a, b).typed(.bool) },
    "Or": binary { (node, a, b) throws(ModelError) in
      try node.sum([a, b, node.product(a, b)], factors: [1, 1, -1]).typed(.bool)
    },
    "Xor": binary { (node, a, b) throws(ModelError) in
      try node.sum([a, b, node.product(a, b)], factors: [1, 1, -2]).typed(.bool)
    },
    "Not": unary { (node, x) throws(ModelError) in try node.not(x) },
    "Where": one { (node) throws(ModelError) in
      let (a, b) = (try node.operand(1), try node.operand(2))
      return try node.chosen(node.operand(0), a, b)
    },
    "BitwiseAnd": bitwise(.and), "BitwiseOr": bitwise(.or), "BitwiseXor": bitwise(.xor),
    "BitwiseNot": unary { (node, x) throws(ModelError) in
      // The complement is -1 - x in two's complement, and the largest number less x without a sign.
      guard let lowest = x.type.lowest, let highest = x.type.highest else {
        throw node.error("its operand is no integer")
      }
      return try node.scaled(x, by: -1, plus: lowest < 0 ? -1 : highest)
    },
    "IsNaN": unary { (node, x) throws(ModelError) in
      if let missing = x.missing { return missing.mask }
      return try node.special(.nan, x)
    },
    "IsInf": unary { (node, x) throws(ModelError) in
      var kinds: Graph.Special = []
      if node.flag("detect_positive", default: true) { kinds.insert(.plusInfinity) }
      if node.flag("detect_negative", default: true) { kinds.insert(.minusInfinity) }
      return try node.special(kinds, x)
    },
  ]

  /// Signed operands are shifted by half their range, which flips the highest bit of both.
  private static func bitwise(_ operation: Graph.Bitwise) -> Translation {
    binary { (node, a, b) throws(ModelError) in
      let shape = try node.broadcast([a.shape, b.shape])
      guard let bits = a.type.bitCount, let lowest = a.type.lowest, bits <= 32 else {
        throw node.error("its operands are not integers of at most 32 bits")
      }
      var operands: [Term] = []
      for term in [a, b] {
        let expanded = try node.expanded(term, to: shape)
        operands.append(
          lowest < 0 ? try node.unsigned(expanded, bits: bits) : expanded)
      }
      let result = try node.recorder.record(
        .bitwise(operation, bits: bits), operands, shape: shape, type: a.type)
      return lowest < 0 ? try node.signed(result, bits: bits) : result
    }
  }
}

extension NodeContext {
  /// x modulo 2^bits of a number in two's complement.
  fileprivate func unsigned(_ x: Term, bits: Int) throws(ModelError) -> Term {
    if isNonnegative(x) { return x }
    let modulus = Double(sign: .plus, exponent: bits, significand: 1)
    return try sum([x, try compare(.less, x, Term(0))], factors: [1, modulus])
  }

  /// The number in two's complement whose bits these are.
  fileprivate func signed(_ x: Term, bits: Int) throws(ModelError) -> Term {
    let half = Double(sign: .plus, exponent: bits - 1, significand: 1)
    let negative = try compare(.less, Term(half - 1), x)
    return try sum([x, negative], factors: [1, -2 * half]).typed(x.type)
  }
}
