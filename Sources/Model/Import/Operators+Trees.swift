extension Operators {
  /// Ensembles of decision trees.
  ///
  /// Every node of a tree has a number that is 1 if the input reaches it and else 0: its parent's number times the
  /// outcome of the parent's comparison, or what remains of it. The result is a linear map of the leaves' numbers.
  static let trees: [String: Translation] = [
    "TreeEnsembleClassifier": classifier { (node) throws(ModelError) in
      let x = try matrix(node)
      let ensemble = try TreeEnsemble(node, targets: "class", reals: reals(of: x))
      return try ensemble.classify(x, base: node.finite("base_values", orTensor: reals(of: x)))
    },
    "TreeEnsembleRegressor": one { (node) throws(ModelError) in
      let x = try matrix(node)
      let ensemble = try TreeEnsemble(node, targets: "target", reals: reals(of: x))
      let aggregate = node.text("aggregate_function", default: "SUM")
      guard let aggregation = TreeEnsemble.Aggregation(rawValue: aggregate) else {
        throw node.error("unknown aggregate_function \(aggregate)")
      }
      let targets = node.integer("n_targets", default: 1)
      let sums = try ensemble.aggregated(
        x, targets: targets, by: aggregation, as: .float,
        base: node.finite("base_values", orTensor: reals(of: x)))
      return try node.transformed(sums, ofTargets: targets)
    },
    "TreeEnsemble": one(ensemble),
  ]

  /// The operand as a matrix of reals; a vector is its only row.
  private static func matrix(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    // Thresholds are floats, and integers are compared with them as floats.
    let reals = x.type.isInteger ? try node.cast(x, to: .float) : x
    if reals.shape.count == 1 { return reals.reshaped([1, reals.count]) }
    try node.require(reals.shape.count == 2, "needs a matrix")
    return reals
  }

  /// The element type of the thresholds and weights that runtimes take with an operand.
  private static func reals(of x: Term) -> ElementType { x.type == .double ? .double : .float }

  /// Of ai.onnx.ml 5: the targets' numbers as they are.
  private static func ensemble(_ node: NodeContext) throws(ModelError) -> Term {
    let type = try node.operand(0).type
    try node.require(
      [.float, .double, .float16].contains(type), "its operand is of type \(type.word)")
    let x = try matrix(node)
    let ensemble = try TreeEnsemble(tensors: node, reals: x.type)
    let code = node.integer("aggregate_function", default: 1)
    let all: [TreeEnsemble.Aggregation] = [.average, .sum, .smallest, .largest]
    try node.require(all.indices.contains(code), "unknown aggregate_function \(code)")
    guard let targets = node.attribute("n_targets")?.integer else {
      throw node.error("n_targets is missing")
    }
    // onnxruntime's numbers of the transformations are others than those of the specification.
    try node.require(
      node.integer("post_transform", default: 0) == 0,
      "its post_transform is not supported; runtimes differ about its number, use Softmax or Sigmoid after it"
    )
    return try ensemble.aggregated(
      x, targets: Int(clamping: targets), by: all[code], as: x.type, base: nil)
  }
}

extension TreeEnsemble {
  /// What becomes of the numbers that trees give to one target.
  enum Aggregation: String {
    case sum = "SUM", average = "AVERAGE", smallest = "MIN", largest = "MAX"
  }

  /// The targets' numbers: rows x targets, of a float type.
  ///
  /// - Parameters:
  ///   - x: rows x features.
  ///   - targets: how many there are, as the node says.
  ///   - base: what is added to each target at last; nil or empty for nothing.
  fileprivate func aggregated(
    _ x: Term, targets: Int, by aggregation: Aggregation, as type: ElementType, base: [Double]?
  ) throws(ModelError) -> Term {
    try node.require((1...1 << 16).contains(targets), "\(targets) targets")
    if let base, targets > 1, base.contains(where: { $0 != 0 }) {
      // onnxruntime gives 0 to a target that no tree gives anything, other runtimes the base value.
      try requireTargets(targets, of: weights)
      let isSure = sureTargets(targets)
      try node.require(
        zip(base, isSure).allSatisfy { $0 == 0 || $1 },
        "base_values of a target to which a leaf of every tree gives nothing are not supported; add a weight of 0"
      )
    }
    let result: Term
    switch aggregation {
    case .sum: result = try sums(x, targets: targets, as: type)
    case .average:
      let sums = try sums(x, targets: targets, as: type)
      result = try node.quotient(sums, Term(Double(roots.count), type: type))
    case .smallest, .largest:
      result = try extreme(x, targets, isLargest: aggregation == .largest, as: type)
    }
    return try node.plus(result, term(base, targets))
  }

  /// The sums of the weights of the reached leaves: rows x targets.
  private func sums(
    _ x: Term, targets: Int, as type: ElementType
  ) throws(ModelError) -> Term {
    try sums(reachedLeaves(x), targets: targets, of: weights, as: type)
  }

  private func sums(
    _ reachedLeaves: (Term, [Int]), targets: Int, of weights: [Weight], as type: ElementType
  ) throws(ModelError) -> Term {
    try requireTargets(targets, of: weights)
    let (reached, leaves) = reachedLeaves
    let column = Dictionary(uniqueKeysWithValues: leaves.enumerated().map { ($1, $0) })
    try node.require(
      weights.allSatisfy { column[$0.leaf] != nil }, "a weight belongs to no leaf")
    try node.checkedCount([leaves.count, targets])
    var matrix = [Double](repeating: 0, count: leaves.count * targets)
    for weight in weights { matrix[column[weight.leaf]! * targets + weight.target] += weight.value }
    let given = Term(matrix, shape: [leaves.count, targets], type: type)
    return try node.matmul(reached.typed(type), given)
  }

  private func requireTargets(_ targets: Int, of weights: [Weight]) throws(ModelError) {
    try node.require(
      weights.allSatisfy { (0..<targets).contains($0.target) }, "a weight is for no target")
  }

  private func term(_ base: [Double]?, _ count: Int) throws(ModelError) -> Term {
    let base = base ?? []
    try node.require(base.isEmpty || base.count == count, "base_values do not fit")
    return base.isEmpty ? Term(0) : Term(base, shape: [count])
  }

  /// The largest or smallest number that a tree gives to each target; a tree may give none.
  private func extreme(
    _ x: Term, _ targets: Int, isLargest: Bool, as type: ElementType
  ) throws(ModelError) -> Term {
    try requireTargets(targets, of: weights)
    try node.checkedCount([roots.count, targets])
    let trees = trees
    let sign: Double = isLargest ? 1 : -1
    // One number for each leaf and each target of each tree, of several the one that counts.
    let given = Dictionary(
      weights.map { weight in
        ([weight.leaf, trees[weight.leaf] * targets + weight.target], sign * weight.value)
      }, uniquingKeysWith: max
    ).map { Weight(leaf: $0[0], target: $0[1], value: $1) }
    let reached = try reachedLeaves(x)
    let leafCounts = Dictionary(grouping: reached.1) { trees[$0] }.mapValues(\.count)
    let givers = Dictionary(grouping: given, by: \.target).mapValues(\.count)
    let lowest = Dictionary(given.map { ($0.target % targets, $0.value) }, uniquingKeysWith: min)
    try node.require(lowest.count == targets, "no tree gives anything to a target")
    // Where some leaves of a tree give nothing to a target, these give the least that any leaf gives: another tree gives as much.
    let floors = (0..<roots.count * targets).map { column in
      givers[column] == leafCounts[column / targets] ? 0 : lowest[column % targets]!
    }
    let spread = given.map {
      Weight(leaf: $0.leaf, target: $0.target, value: $0.value - floors[$0.target])
    }
    let rows = x.shape[0]
    let all = try node.scaled(sums(reached, targets: floors.count, of: spread, as: type)) {
      (1, floors[$0 % floors.count])
    }
    let groups = TensorShape.groups([rows, roots.count, targets], axes: [1])
    let largest = try node.maximum(groups, in: all, shape: [rows, targets])
    let result = isLargest ? largest : try node.negated(largest)
    // Runtimes differ about a target to which no tree gives anything: an input that leads there has no result.
    let isSure = (0..<targets).map { target in
      roots.indices.contains { givers[$0 * targets + target] == leafCounts[$0] }
    }
    guard isSure.contains(false) else { return result }
    let ones = given.map { Weight(leaf: $0.leaf, target: $0.target % targets, value: 1) }
    let counts = try node.scaled(sums(reached, targets: targets, of: ones, as: type)) {
      isSure[$0 % targets] ? (0, 1) : (1, 0)
    }
    let isGiven = try node.compare(.less, Term(0), counts).typed(.int64)
    let one = try node.recorder.record(
      .confine(1...1), [isGiven], shape: isGiven.shape, type: .int64)
    return try node.sum([result, one.typed(type), Term(-1)], factors: [1, 1, 1])
  }

  /// Label and scores of a classifier.
  ///
  /// - Parameter base: what is added to the scores; nil or empty for nothing.
  fileprivate func classify(_ x: Term, base: [Double]?) throws(ModelError) -> [Term] {
    let labels = try node.classLabels("classlabels_int64s")
    let transform = node.text("post_transform", default: "NONE")
    let targets = Set(weights.map(\.target))
    try node.require(
      labels.count > 1 && !weights.isEmpty, "it has fewer than two labels, or no weights")
    if targets.count == 1 {
      // Weights for the first of two classes alone are a score for the second one; runtimes differ about others.
      try node.require(
        labels.count == 2 && targets == [0] && base?.count ?? 0 <= 1,
        "weights of one class alone are supported for the first one of two, with one of base_values at most"
      )
      let score = try node.scaled(
        sums(x, targets: 1, as: .float), by: 1, plus: base?.first ?? 0)
      let isProbability = transform == "NONE" && weights.allSatisfy { $0.value >= 0 }
      return try node.binaryClasses(
        score, labels: labels, isProbability: isProbability, transform)
    }
    try requireTargets(labels.count, of: weights)
    try requireSureClasses(labels.count, hasBase: base?.isEmpty == false)
    let scores = try node.plus(
      sums(x, targets: labels.count, as: .float), term(base, labels.count))
    return [
      try node.labels(scores, labels), try node.transformed(scores, transform),
    ]
  }

  /// Refuses classes whose scores or labels runtimes make differently where no tree gives anything to one of them.
  private func requireSureClasses(_ count: Int, hasBase: Bool) throws(ModelError) {
    let isSure = sureTargets(count)
    if count == 2 {
      // onnxruntime takes the score of the first class for that of the second one, and its opposite for the first one.
      try node.require(
        !hasBase,
        "base_values of two classes that both have weights are not supported; add them to the weights of a tree"
      )
      try node.require(
        isSure[1],
        "two classes of which the second one gets nothing from a leaf of every tree are not supported; add a weight of 0"
      )
    } else if !hasBase {
      // onnxruntime takes the label from the classes that get something, other runtimes from all of them.
      try node.require(
        isSure.allSatisfy { $0 } || weights.allSatisfy { $0.value > 0 } && givesAlways,
        "a class that gets nothing from a leaf of every tree is not supported; add a weight of 0")
    }
  }
}
