extension Operators {
  /// Numbers that stand for others, and categories.
  static let labels: [String: Translation] = [
    "LabelEncoder": unary(encode), "OneHotEncoder": unary(oneHotEncode),
    "Imputer": unary(impute), "FeatureVectorizer": one(vectorize),
  ]

  /// Keys and values of a list of pairs, with what other keys become.
  private static func encode(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    func numbers(_ kind: String) throws(ModelError) -> (numbers: [Double], type: ElementType)? {
      if let list = node.integers("\(kind)_int64s") { return (list.map(Double.init), .int64) }
      if let list = try node.floats("\(kind)_floats") { return (list, .float) }
      guard let tensor = node.attribute("\(kind)_tensor")?.tensor else { return nil }
      return (tensor.values, tensor.type)
    }
    guard let keys = try numbers("keys"), let values = try numbers("values"),
      keys.numbers.count == values.numbers.count
    else { throw node.error("its keys or values are no numbers, or not as many") }
    var fallback = values.type.isInteger ? -1.0 : 0
    if let tensor = node.attribute("default_tensor")?.tensor {
      fallback = tensor.values.first ?? fallback
    } else if values.type.isInteger {
      fallback = Double(node.integer("default_int64", default: -1))
    } else {
      fallback = try node.float("default_float", default: 0)
    }
    try node.require(
      keys.numbers.count <= 1 << 10
        && (keys.numbers + values.numbers + [fallback]).allSatisfy {
          abs($0) < Numbers.exactDouble
        },
      "more than 1024 keys, or a number that is too large")
    // The value of the key that is equal, less the default, for each key once.
    var seen: Set<Double> = []
    var (terms, factors): ([Term], [Double]) = ([], [])
    for (key, value) in zip(keys.numbers, values.numbers) where seen.insert(key).inserted {
      terms.append(try node.compare(.equal, x, Term(key, type: x.type)).typed(values.type))
      factors.append(value - fallback)
    }
    let base = Term(
      [Double](repeating: fallback, count: x.count), shape: x.shape, type: values.type)
    return try node.sum([base] + terms, factors: [1] + factors).typed(values.type)
  }

  private static func oneHotEncode(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    guard let categories = node.integers("cats_int64s"), !categories.isEmpty else {
      throw node.error("its categories are no integers")
    }
    try node.require(
      node.flag("zeros", default: true), "a category that is not listed would be an error")
    try node.checkedCount(x.shape + [categories.count])
    let list = Term(categories.map(Double.init), shape: [categories.count], type: x.type)
    return try node.compare(.equal, x.reshaped(x.shape + [1]), list).typed(.float)
  }

  /// Numbers instead of the one that marks missing values; a mark that is not a number is never given.
  private static func impute(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let isWhole = x.type.isInteger
    let mark =
      isWhole
      ? Double(node.integer("replaced_value_int64", default: 0))
      : node.attribute("replaced_value_float")?.float.map(Double.init) ?? 0
    let values =
      isWhole
      ? node.integers("imputed_value_int64s")?.map(Double.init)
      : try node.floats("imputed_value_floats")
    guard let values, [1, x.shape.last ?? 1].contains(values.count) else {
      throw node.error("the imputed values do not fit")
    }
    if mark.isNaN { return x }
    let fills = Term(values, shape: [values.count], type: x.type)
    return try node.select(node.compare(.equal, x, Term(mark, type: x.type)), fills, x)
      .typed(x.type)
  }

  /// Columns of several operands side by side, as floats.
  private static func vectorize(_ node: NodeContext) throws(ModelError) -> Term {
    var parts: [Term] = []
    for term in try node.allOperands() {
      let floats = try node.cast(term, to: .float)
      parts.append(term.shape.count == 1 ? floats.reshaped([1, term.count]) : floats)
    }
    try node.require(parts.allSatisfy { $0.shape.count == 2 }, "needs matrices")
    return try node.concatenated(parts, axis: 1)
  }
}
