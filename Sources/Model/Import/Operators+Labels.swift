extension Operators {
  /// Numbers that stand for others, and categories.
  static let labels: [String: Translation] = [
    "LabelEncoder": unary(encode), "OneHotEncoder": unary(oneHotEncode),
    "Imputer": unary(impute), "FeatureVectorizer": one(vectorize), "ZipMap": unary(zipMap),
  ]

  /// Keys and values of a list of pairs, with what other keys become; texts are places in a list.
  private static func encode(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let (keys, values) = try pairs(node, x)
    try node.require(
      keys.count == values.numbers.count, "its keys or values are missing, or not as many")
    try node.require(
      keys.count <= 1 << 10
        && (keys.joined() + values.numbers + [values.fallback]).allSatisfy {
          abs($0) < Numbers.exactDouble
        },
      "more than 1024 keys, or a number that is too large")
    // The value of the key that is equal, less the default, for each key once.
    var seen: [Double: Double] = [:]
    var (terms, factors): ([Term], [Double]) = ([], [])
    for (key, value) in zip(keys, values.numbers) {
      for number in key {
        let earlier = seen.updateValue(value, forKey: number)
        // Runtimes take the first or the last value.
        try node.require(earlier == nil || earlier == value, "a key is given twice")
        guard earlier == nil, value != values.fallback else { continue }
        terms.append(
          try node.compare(.equal, x, Term(number, type: x.type)).typed(values.type))
        factors.append(value - values.fallback)
      }
    }
    let base = Term(
      [Double](repeating: values.fallback, count: x.count), shape: x.shape, type: values.type)
    var result = try node.sum([base] + terms, factors: [1] + factors).typed(values.type)
    result.labels = values.labels
    return result
  }

  /// What keys become.
  private struct Values {
    var numbers: [Double]
    var type: ElementType
    var fallback: Double
    var labels: Labels?
  }

  /// The numbers that are each key (of a text that the operand never holds, none), and the values.
  private static func pairs(
    _ node: NodeContext, _ x: Term
  ) throws(ModelError) -> (keys: [[Double]], values: Values) {
    if let classes = node.attribute("classes_strings")?.texts, !classes.isEmpty {
      // The first version of the operator: texts to places, or places to texts.
      if x.labels == nil {
        return (classes.indices.map { [Double($0)] }, try texts(node, classes))
      }
      let fallback = Double(node.integer("default_int64", default: -1))
      return (
        try places(node, of: classes, in: x),
        Values(numbers: classes.indices.map(Double.init), type: .int64, fallback: fallback)
      )
    }
    // Which of several lists is read would depend on the runtime.
    for kind in ["keys", "values"] {
      let lists = ["int64s", "floats", "strings", "tensor"]
      try node.require(
        lists.count { node.attribute("\(kind)_\($0)") != nil } == 1,
        "it has not one list of \(kind)")
    }
    let keys: [[Double]]
    if let numbers = try numbers(node, "keys")?.numbers {
      try node.require(x.labels == nil, "its operand holds texts, its keys are numbers")
      keys = numbers.map { [$0] }
    } else {
      keys = try places(node, of: node.texts("keys"), in: x)
    }
    guard let values = try numbers(node, "values") else {
      return (keys, try texts(node, node.texts("values")))
    }
    var fallback = values.type.isInteger ? -1.0 : 0
    if let tensor = node.attribute("default_tensor")?.tensor {
      fallback = tensor.values.first ?? fallback
    } else if values.type.isInteger {
      fallback = Double(node.integer("default_int64", default: -1))
    } else {
      fallback = try node.float("default_float", default: 0)
    }
    return (keys, Values(numbers: values.numbers, type: values.type, fallback: fallback))
  }

  private static func numbers(
    _ node: NodeContext, _ kind: String
  ) throws(ModelError) -> (numbers: [Double], type: ElementType)? {
    if let list = node.integers("\(kind)_int64s") { return (list.map(Double.init), .int64) }
    if let list = try node.floats("\(kind)_floats") { return (list, .float) }
    guard let tensor = node.attribute("\(kind)_tensor")?.tensor else { return nil }
    return (tensor.values, tensor.type)
  }

  /// Where each text stands in the list that an operand's elements are places of.
  private static func places(
    _ node: NodeContext, of texts: [String], in x: Term
  ) throws(ModelError) -> [[Double]] {
    guard let labels = x.labels?.texts else {
      throw node.error("its keys are texts, its operand holds numbers")
    }
    // Equal texts have equal places in one list.
    let all = Labels.distinct(texts + labels).places
    let (own, known) = (all[..<texts.count], all[texts.count...])
    let found = Dictionary(grouping: labels.indices) { known[known.startIndex + $0] }
    return own.map { (found[$0] ?? []).map(Double.init) }
  }

  /// Values that are texts: places in the list of those that differ, the default one last.
  private static func texts(
    _ node: NodeContext, _ values: [String]
  ) throws(ModelError) -> Values {
    let fallback =
      node.attribute("default_tensor")?.texts.first
      ?? node.text("default_string", default: "_Unused")
    let (texts, places) = Labels.distinct(values + [fallback])
    return Values(
      numbers: places.dropLast().map(Double.init), type: .int64, fallback: Double(places.last!),
      labels: Labels(.elements, texts))
  }

  /// A sequence of maps, one per row, from labels to the numbers of the row: the numbers as a matrix.
  private static func zipMap(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let names = (node.integers("classlabels_int64s") ?? []).map { "\($0)" }
    let texts = node.attribute("classlabels_strings")?.texts ?? []
    let labels = names.isEmpty ? texts : names
    try node.require(!labels.isEmpty && (names.isEmpty || texts.isEmpty), "it has no labels")
    let rows = x.shape.count == 1 ? x.reshaped([1, x.count]) : x
    try node.require(
      rows.shape.count == 2 && rows.shape[1] == labels.count,
      "\(labels.count) labels do not fit a tensor of shape \(x.shape)")
    try node.require(
      Labels.distinct(labels).texts.count == labels.count, "a label is given twice")
    var map = rows
    map.labels = Labels(.columns, labels)
    return map
  }

  private static func oneHotEncode(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let categories: [Double]
    let isTwice = "a category is given twice"
    if let texts = node.attribute("cats_strings")?.texts, !texts.isEmpty {
      try node.require(Labels.distinct(texts).texts.count == texts.count, isTwice)
      // A text that the operand never holds is at no place.
      categories = try places(node, of: texts, in: x).map { $0.first ?? -1 }
    } else {
      try node.require(x.labels == nil, "its operand holds texts, its categories are numbers")
      let integers = node.integers("cats_int64s") ?? []
      try node.requireExact(integers, "its categories")
      try node.require(Set(integers).count == integers.count, isTwice)
      categories = integers.map(Double.init)
    }
    try node.require(!categories.isEmpty, "it has no categories")
    try node.checkedCount(x.shape + [categories.count])
    let list = Term(categories, shape: [categories.count], type: x.type)
    let rows = try node.compare(.equal, x.reshaped(x.shape + [1]), list)
    if node.flag("zeros", default: true) { return rows.typed(.float) }
    // A category that is not listed is an error: the ones of each row, which must be a single one, less it are added to the row.
    let counts = try node.sums(
      of: TensorShape.groups(rows.shape, axes: [x.shape.count]), in: rows, shape: x.shape + [1]
    ).typed(.int64)
    if let known = counts.constant {
      try node.require(known.allSatisfy { $0 == 1 }, "a category is not listed")
      return rows.typed(.float)
    }
    let one = try node.recorder.record(
      .confine(1...1), [counts], shape: counts.shape, type: .int64)
    return try node.sum([rows.typed(.int64), one, Term(-1, type: .int64)], factors: [1, 1, 1])
      .typed(.float)
  }

  /// Numbers instead of the one that marks missing values.
  private static func impute(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let isWhole = x.type.isInteger
    try node.requireExact(
      (node.integers("imputed_value_int64s") ?? [])
        + [node.integer("replaced_value_int64", default: 0)], "its values")
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
    let fills = Term(values, shape: [values.count], type: x.type)
    if mark.isNaN {
      guard let missing = x.missing else { return x }
      return try node.select(missing.mask, fills, x).typed(x.type)
    }
    try node.require(x.missing == nil, "it imputes other numbers than those that are missing (NaN)")
    return try node.select(node.compare(.equal, x, Term(mark, type: x.type)), fills, x)
      .typed(x.type)
  }

  /// The first columns of several operands side by side, as floats: of each as many as it is given, zeros where it has fewer.
  private static func vectorize(_ node: NodeContext) throws(ModelError) -> Term {
    let terms = try node.allOperands()
    let widths = node.integers("inputdimensions") ?? []
    try node.require(
      widths.count == terms.count && widths.allSatisfy { (0...1 << 20).contains($0) }
        && widths.contains { $0 > 0 },
      "inputdimensions do not fit its \(terms.count) inputs")
    var parts: [Term] = []
    for (term, width) in zip(terms, widths) where width > 0 {
      // A list is a row to onnxruntime and a column to ONNX's reference.
      try node.require(term.shape.count == 2 || term.shape == [1], "needs matrices")
      let (rows, columns) = (term.shape.count == 2 ? term.shape[0] : 1, term.shape.last!)
      try node.checkedCount([rows, width])
      let elements = (0..<rows).flatMap { row in
        (0..<width).map { $0 < columns ? row * columns + $0 : nil }
      }
      parts.append(
        try node.picking(elements, of: node.cast(term, to: .float), shape: [rows, width]))
    }
    return try node.concatenated(parts, axis: 1)
  }
}

extension NodeContext {
  /// A list of texts, as an attribute or a tensor of that name.
  func texts(_ kind: String) -> [String] {
    for name in ["\(kind)_strings", "\(kind)_tensor"] {
      if let texts = attribute(name)?.texts, !texts.isEmpty { return texts }
    }
    return []
  }

  /// Two operands of numbers as they are; of texts, the places of both in the list of the one that is computed.
  func inOneList(_ a: Term, _ b: Term) throws(ModelError) -> (Term, Term) {
    guard a.labels != nil || b.labels != nil else { return (a, b) }
    guard let first = a.labels?.texts, let second = b.labels?.texts else {
      throw error("it compares texts with numbers")
    }
    // A place after the last one stands for any text that is not in the list.
    func isInList(_ term: Term, _ list: [String]) -> Bool {
      term.constant?.allSatisfy { $0 >= 0 && $0 < Double(list.count) } ?? false
    }
    if a.labels == b.labels {
      try require(
        a.labels != recorder.openTexts || isInList(a, first) || isInList(b, second),
        "it compares two texts of inputs, which may both be none that the model knows; one of them has to be a "
          + "constant")
      return (a, b)
    }
    func places(_ constant: Term, _ own: [String], in list: [String]) throws(ModelError) -> Term {
      guard let numbers = constant.constant, isInList(constant, own) else {
        throw error("it compares computed texts of different lists")
      }
      let all = Labels.distinct(list + own).places
      return Term(
        numbers.map { Double(all[list.count + Int($0)]) }, shape: constant.shape, type: .int64)
    }
    return b.constant != nil
      ? (a, try places(b, second, in: first)) : (try places(a, first, in: second), b)
  }

  /// Operators that move texts as they move numbers; which texts they are is the first operand's affair.
  private static let movingTexts: Set<String> = [
    "ArrayFeatureExtractor", "Concat", "Expand", "Flatten", "Gather", "GatherElements", "Identity",
    "Reshape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze",
  ]

  /// Operators that read texts.
  private static let readingTexts: Set<String> = ["Equal", "LabelEncoder", "OneHotEncoder"]

  /// What the results of an operator that moves elements are called.
  ///
  /// - Throws: where the operator would compute with places of texts.
  func passedLabels() throws(ModelError) -> Labels? {
    guard operands.contains(where: { $0?.labels != nil }) else { return nil }
    try require(
      operands.allSatisfy { $0?.labels?.kind != .columns },
      "it reads the maps of a ZipMap; export with zipmap=False")
    if Self.readingTexts.contains(node.op) { return nil }
    try require(
      Self.movingTexts.contains(node.op), "it reads texts, with which nothing can be computed")
    let first = operands.first??.labels
    let others = operands.dropFirst()
    try require(
      first != nil
        && others.allSatisfy { node.op == "Concat" ? $0?.labels == first : $0?.labels == nil },
      "it mixes texts of different lists, or texts and numbers")
    return first
  }
}
