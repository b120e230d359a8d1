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
    "BitCast": unary { (node, x) throws(ModelError) in
      guard node.attribute("to")?.integer != nil else { throw node.error("to is missing") }
      let type = try node.type("to", default: x.type)
      // The bits of integers are those of another integer modulo a power of two; floats have no such form.
      try node.require(
        type == x.type
          || (type.isInteger && x.type.isInteger && type.bits == x.type.bits
            && type != .bool && x.type != .bool),
        "the bits of \(x.type.word) as \(type.word) are not supported")
      return x.typed(type)
    },
    "CastLike": binary { (node, x, like) throws(ModelError) in try node.cast(x, to: like.type) },
  ]
}

extension NodeContext {
  /// Integers are taken towards zero and wrap, truth values are whether a number is not 0.
  func cast(_ x: Term, to type: ElementType) throws(ModelError) -> Term {
    if type == .bool, x.type != .bool {
      return try not(compare(.equal, x, Term(0)))
    }
    guard let bounds = type.bounds, !x.type.isInteger else { return try rounded(x, to: type) }
    let whole = try apply(.truncate, x).typed(type)
    // What machines make of larger numbers differs: that is no result to prove.
    let word = (type.hasLargeNumbers ? ElementType.int64 : .int32).bounds!
    let isUnsigned = type == .uint64 || type == .uint32
    let limits = word.lowerBound...max(word.upperBound, isUnsigned ? bounds.upperBound : 0)
    guard let value = whole.variable else {
      try require(
        whole.known?.integers?.allSatisfy(limits.contains) ?? false,
        "a number that is cast to \(type.word) is outside \(limits)")
      return whole
    }
    let known = recorder.graph.values[value].bounds
    if known.map({ limits.contains($0) }) ?? false { return whole }
    return try recorder.record(.confine(limits), [whole], shape: x.shape, type: type)
  }

  /// x in another float type, or integers in any type.
  private func rounded(_ x: Term, to type: ElementType) throws(ModelError) -> Term {
    type == x.type ? x : try settled(x.typed(type))
  }
}
