extension Operators {
  /// Rounding, and conversions between element types.
  static let rounding: [String: Translation] = [
    "Floor": unary { (node, x) throws(ModelError) in try node.apply(.floor, x) },
    "Ceil": unary { (node, x) throws(ModelError) in try node.apply(.ceil, x) },
    "Round": unary { (node, x) throws(ModelError) in try node.apply(.round, x) },
    "Cast": unary { (node, x) throws(ModelError) in
      guard node.attribute("to")?.integer != nil else { throw node.error("to is missing") }
      return try node.cast(x, to: node.type("to", default: .float))
    },
    "CastLike": binary { (node, x, like) throws(ModelError) in try node.cast(x, to: like.type) },
  ]
}

extension NodeContext {
  /// Integers are taken towards zero, truth values are whether a number is not 0.
  func cast(_ x: Term, to type: ElementType) throws(ModelError) -> Term {
    if type == .bool, x.type != .bool {
      return try not(compare(.equal, x, Term(0)))
    }
    if type.isInteger, !x.type.isInteger { return try apply(.truncate, x).typed(type) }
    return x.typed(type)
  }
}
