extension Operators {
  /// Ensembles of decision trees.
  ///
  /// Every node of a tree has a number that is 1 if the input reaches it and else 0: its parent's number times the
  /// outcome of the parent's comparison, or what remains of it. The result is a linear map of the leaves' numbers.
  static let trees: [String: Translation] = [
    "TreeEnsembleClassifier": classifier { (node) throws(ModelError) in
      let ensemble = try TreeEnsemble(node, targets: "class")
      return try ensemble.classify(node.operand(0))
    },
    "TreeEnsembleRegressor": one { (node) throws(ModelError) in
      let ensemble = try TreeEnsemble(node, targets: "target")
      return try ensemble.regress(node.operand(0))
    },
  ]
}

/// The trees of an ensemble, with their nodes numbered in the order of the file.
private struct TreeEnsemble {
  /// Which numbers take the true branch.
  enum Mode: String {
    case less = "BRANCH_LT", lessOrEqual = "BRANCH_LEQ"
    case greater = "BRANCH_GT", greaterOrEqual = "BRANCH_GTE"
    case equal = "BRANCH_EQ", unequal = "BRANCH_NEQ"
    case leaf = "LEAF"
  }

  struct Node {
    var tree: Int
    var feature: Int
    var threshold: Double
    var mode: Mode
    var whenTrue = -1
    var whenFalse = -1
    /// Whether a missing number takes the true branch.
    var takesMissing = false
  }

  /// What a leaf adds to a target.
  struct Weight {
    var leaf: Int
    var target: Int
    var value: Double
  }

  private let node: NodeContext
  private var nodes: [Node] = []
  private var weights: [Weight] = []
  private var treeCount = 0
  /// Which numbers are missing, rows x features; nil where none is.
  private var missing: Term?

  init(_ node: NodeContext, targets: String) throws(ModelError) {
    self.node = node
    func list(_ name: String) throws(ModelError) -> [Int] {
      guard let list = node.integers(name) else { throw node.error("\(name) is missing") }
      return list
    }
    let (trees, ids) = (try list("nodes_treeids"), try list("nodes_nodeids"))
    let (features, modes) = (
      try list("nodes_featureids"), node.attribute("nodes_modes")?.texts ?? []
    )
    let (yes, no) = (try list("nodes_truenodeids"), try list("nodes_falsenodeids"))
    let thresholds = try node.floats("nodes_values") ?? []
    let count = ids.count
    try node.require(
      [trees.count, features.count, modes.count, yes.count, no.count, thresholds.count]
        .allSatisfy { $0 == count } && count > 0, "the lists of nodes have different lengths")
    struct Key: Hashable {
      var tree: Int
      var id: Int
    }
    var place: [Key: Int] = [:]
    for index in 0..<count {
      guard let mode = Mode(rawValue: modes[index]) else {
        throw node.error("unknown mode \(modes[index])")
      }
      nodes.append(
        Node(
          tree: trees[index], feature: features[index], threshold: thresholds[index], mode: mode))
      try node.require(
        place.updateValue(index, forKey: Key(tree: trees[index], id: ids[index])) == nil,
        "a node is given twice")
    }
    let tracks = node.integers("nodes_missing_value_tracks_true") ?? []
    try node.require(
      tracks.isEmpty || tracks.count == count, "the lists of nodes have different lengths")
    for index in 0..<count {
      // No comparison with what is not a number holds, but that it is another one.
      nodes[index].takesMissing =
        !tracks.isEmpty && tracks[index] != 0 || nodes[index].mode == .unequal
    }
    missing = node.optional(0)?.missing.map { missing in
      missing.mask.shape.count == 1
        ? missing.mask.reshaped([1, missing.mask.count]) : missing.mask
    }
    for index in 0..<count where nodes[index].mode != .leaf {
      let branches = [yes[index], no[index]].map { place[Key(tree: trees[index], id: $0)] }
      guard let first = branches[0], let second = branches[1] else {
        throw node.error("a branch leads nowhere")
      }
      (nodes[index].whenTrue, nodes[index].whenFalse) = (first, second)
    }
    treeCount = Set(trees).count
    // Runtimes differ about trees whose nodes stand among those of others.
    try node.require(
      1 + zip(trees, trees.dropFirst()).count { $0 != $1 } == treeCount,
      "the nodes of a tree do not stand side by side")
    let (leafTrees, leafIDs) = (try list("\(targets)_treeids"), try list("\(targets)_nodeids"))
    let ids2 = try list("\(targets)_ids")
    let values = try node.floats("\(targets)_weights") ?? []
    try node.require(
      [leafIDs.count, ids2.count, values.count].allSatisfy { $0 == leafTrees.count },
      "the lists of weights have different lengths")
    for index in leafTrees.indices {
      guard let leaf = place[Key(tree: leafTrees[index], id: leafIDs[index])] else {
        throw node.error("a weight belongs to no leaf")
      }
      weights.append(Weight(leaf: leaf, target: ids2[index], value: values[index]))
    }
    // Runtimes add them up, or take one of them.
    let pairs = Set(weights.map { Key(tree: $0.leaf, id: $0.target) })
    try node.require(
      pairs.count == weights.count, "a leaf has two weights for one target; add them up")
  }

  /// Nodes by their distance from the roots, the first node of every tree; fails where a node is reached twice or never.
  private func levels() throws(ModelError) -> [[Int]] {
    var parents = [Int](repeating: 0, count: nodes.count)
    for node in nodes where node.mode != .leaf {
      parents[node.whenTrue] += 1
      parents[node.whenFalse] += 1
    }
    let roots = nodes.indices.filter { $0 == 0 || nodes[$0].tree != nodes[$0 - 1].tree }
    try node.require(
      nodes.indices.filter { parents[$0] == 0 } == roots,
      "a tree has a node that none leads to beside its root, which is the first one in the list; remove it, or put the root "
        + "first")
    var levels: [[Int]] = [roots]
    var reached = levels[0].count
    while let last = levels.last, !last.isEmpty {
      levels.append(
        last.filter { nodes[$0].mode != .leaf }.flatMap {
          [nodes[$0].whenTrue, nodes[$0].whenFalse]
        })
      reached += levels[levels.count - 1].count
      guard reached <= nodes.count else { break }
    }
    try node.require(
      reached == nodes.count && parents.allSatisfy { $0 <= 1 }, "its nodes do not form trees")
    return levels.filter { !$0.isEmpty }
  }

  /// The outcomes of these nodes' comparisons, rows x nodes.
  private func outcomes(_ branches: [Int], _ x: Term) throws(ModelError) -> Term {
    let (rows, features) = (x.shape[0], x.shape[1])
    try node.checkedCount([rows, branches.count])
    var parts: [Term] = []
    var order: [Int] = []
    let modes = Set(branches.map { nodes[$0].mode })
    for mode in modes.sorted(by: { $0.rawValue < $1.rawValue }) {
      let own = branches.filter { nodes[$0].mode == mode }
      let places = (0..<rows).flatMap { row in own.map { row * features + nodes[$0].feature } }
      let inputs = try node.picking(places, of: x, shape: [rows, own.count])
      let limits = Term(own.map { nodes[$0].threshold }, shape: [own.count])
      let part =
        switch mode {
        case .less: try node.compare(.less, inputs, limits)
        case .lessOrEqual: try node.not(node.compare(.less, limits, inputs))
        case .greater: try node.compare(.less, limits, inputs)
        case .greaterOrEqual: try node.not(node.compare(.less, inputs, limits))
        case .equal: try node.compare(.equal, inputs, limits)
        case .unequal, .leaf: try node.not(node.compare(.equal, inputs, limits))
        }
      guard let missing else {
        parts.append(part)
        order += own
        continue
      }
      let isMissing = try node.picking(places, of: missing, shape: [rows, own.count])
      let taken = Term(
        own.map { nodes[$0].takesMissing ? 1 : 0 }, shape: [own.count], type: .bool)
      parts.append(try node.select(isMissing, taken, part).typed(.bool))
      order += own
    }
    var column: [Int: (part: Int, place: Int, width: Int)] = [:]
    var (part, start) = (0, 0)
    for term in parts {
      for place in 0..<term.shape[1] {
        column[order[part + place]] = (start, place, term.shape[1])
      }
      part += term.shape[1]
      start += term.count
    }
    let elements = (0..<rows).flatMap { row in
      branches.map { branch in
        let own = column[branch]!
        return own.part + row * own.width + own.place
      }
    }
    return try node.picking(elements, of: parts, shape: [rows, branches.count])
  }

  /// Whether each leaf is reached: rows x leaves, and the leaves in that order.
  private func reachedLeaves(_ x: Term) throws(ModelError) -> (Term, [Int]) {
    let features = x.shape[1]
    try node.require(
      nodes.allSatisfy { $0.mode == .leaf || (0..<features).contains($0.feature) },
      "a node reads outside \(features) features")
    let rows = x.shape[0]
    let levels = try levels()
    var present = Term(
      [Double](repeating: 1, count: rows * levels[0].count), shape: [rows, levels[0].count])
    var leaves: [Term] = []
    var order: [Int] = []
    for level in levels {
      func columns(_ places: [Int], of term: Term) throws(ModelError) -> Term {
        try node.taken(term, axis: 1, places, shape: [places.count])
      }
      let own = level.indices.filter { nodes[level[$0]].mode == .leaf }
      if !own.isEmpty {
        leaves.append(try columns(own, of: present))
        order += own.map { level[$0] }
      }
      let branches = level.indices.filter { nodes[level[$0]].mode != .leaf }
      guard !branches.isEmpty else { continue }
      let parents = try columns(branches, of: present)
      let yes = try node.product(parents, outcomes(branches.map { level[$0] }, x))
      let both = try node.concatenated([yes, node.minus(parents, yes)], axis: 1)
      // The next level has the branches of each node side by side.
      present = try columns(
        branches.indices.flatMap { [$0, branches.count + $0] }, of: both)
    }
    return (try node.concatenated(leaves, axis: 1), order)
  }

  private func matrix(_ x: Term) throws(ModelError) -> Term {
    // Thresholds are floats, and integers are compared with them as floats.
    let x = x.type.isInteger ? try node.cast(x, to: .float) : x
    if x.shape.count == 1 { return x.reshaped([1, x.count]) }
    try node.require(x.shape.count == 2, "needs a matrix")
    return x
  }

  /// The sums of the weights of the reached leaves: rows x targets.
  private func sums(
    _ x: Term, targets: Int, of weights: [Weight]
  ) throws(ModelError) -> Term {
    try sums(reachedLeaves(x), targets: targets, of: weights)
  }

  private func sums(
    _ reachedLeaves: (Term, [Int]), targets: Int, of weights: [Weight]
  ) throws(ModelError) -> Term {
    try requireTargets(targets, of: weights)
    let (reached, leaves) = reachedLeaves
    let column = Dictionary(uniqueKeysWithValues: leaves.enumerated().map { ($1, $0) })
    try node.require(
      weights.allSatisfy { column[$0.leaf] != nil }, "a weight belongs to no leaf")
    try node.checkedCount([leaves.count, targets])
    var matrix = [Double](repeating: 0, count: leaves.count * targets)
    for weight in weights { matrix[column[weight.leaf]! * targets + weight.target] += weight.value }
    return try node.matmul(reached.typed(.float), Term(matrix, shape: [leaves.count, targets]))
  }

  private func requireTargets(_ targets: Int, of weights: [Weight]) throws(ModelError) {
    try node.require(
      weights.allSatisfy { (0..<targets).contains($0.target) }, "a weight is for no target")
  }

  private func baseValues(_ count: Int) throws(ModelError) -> Term {
    let base = try node.floats("base_values") ?? []
    try node.require(base.isEmpty || base.count == count, "base_values do not fit")
    return base.isEmpty ? Term(0) : Term(base, shape: [count])
  }

  func regress(_ x: Term) throws(ModelError) -> Term {
    let x = try matrix(x)
    let targets = node.integer("n_targets", default: 1)
    try node.require((1...1 << 16).contains(targets), "\(targets) targets")
    let aggregate = node.text("aggregate_function", default: "SUM")
    var result: Term
    switch aggregate {
    case "SUM": result = try sums(x, targets: targets, of: weights)
    case "AVERAGE":
      result = try node.scaled(
        sums(x, targets: targets, of: weights), by: 1 / Double(treeCount))
    case "MIN", "MAX": result = try extreme(x, targets, isLargest: aggregate == "MAX")
    default: throw node.error("unknown aggregate_function \(aggregate)")
    }
    result = try node.plus(result, baseValues(targets))
    return try node.transformed(result, ofTargets: targets)
  }

  /// The largest or smallest number that a tree gives to each target; a tree may give none.
  private func extreme(
    _ x: Term, _ targets: Int, isLargest: Bool
  ) throws(ModelError) -> Term {
    try requireTargets(targets, of: weights)
    let trees = Set(nodes.map(\.tree)).sorted()
    try node.checkedCount([trees.count, targets])
    let number = Dictionary(uniqueKeysWithValues: trees.enumerated().map { ($1, $0) })
    let sign: Double = isLargest ? 1 : -1
    // One number for each leaf and each target of each tree, of several the one that counts.
    let given = Dictionary(
      weights.map { weight in
        let column = number[nodes[weight.leaf].tree]! * targets + weight.target
        return ([weight.leaf, column], sign * weight.value)
      }, uniquingKeysWith: max
    ).map { Weight(leaf: $0[0], target: $0[1], value: $1) }
    let reached = try reachedLeaves(x)
    let leafCounts = Dictionary(grouping: reached.1) { number[nodes[$0].tree]! }
      .mapValues(\.count)
    let givers = Dictionary(grouping: given, by: \.target).mapValues(\.count)
    let lowest = Dictionary(given.map { ($0.target % targets, $0.value) }, uniquingKeysWith: min)
    try node.require(lowest.count == targets, "no tree gives anything to a target")
    // Where some leaves of a tree give nothing to a target, these give the least that any leaf gives: another tree gives as much.
    let floors = (0..<trees.count * targets).map { column in
      givers[column] == leafCounts[column / targets] ? 0 : lowest[column % targets]!
    }
    let spread = given.map {
      Weight(leaf: $0.leaf, target: $0.target, value: $0.value - floors[$0.target])
    }
    let rows = x.shape[0]
    let all = try node.scaled(sums(reached, targets: floors.count, of: spread)) {
      (1, floors[$0 % floors.count])
    }
    let groups = TensorShape.groups([rows, trees.count, targets], axes: [1])
    let largest = try node.maximum(groups, in: all, shape: [rows, targets])
    let result = isLargest ? largest : try node.negated(largest)
    // Runtimes differ about a target to which no tree gives anything: an input that leads there has no result.
    let isSure = (0..<targets).map { target in
      trees.indices.contains { givers[$0 * targets + target] == leafCounts[$0] }
    }
    guard isSure.contains(false) else { return result }
    let ones = given.map { Weight(leaf: $0.leaf, target: $0.target % targets, value: 1) }
    let counts = try node.scaled(sums(reached, targets: targets, of: ones)) {
      isSure[$0 % targets] ? (0, 1) : (1, 0)
    }
    let isGiven = try node.compare(.less, Term(0), counts).typed(.int64)
    let one = try node.recorder.record(
      .confine(1...1), [isGiven], shape: isGiven.shape, type: .int64)
    return try node.sum([result, one.typed(.float), Term(-1)], factors: [1, 1, 1])
  }

  func classify(_ x: Term) throws(ModelError) -> [Term] {
    let x = try matrix(x)
    let labels = try node.classLabels("classlabels_int64s")
    let transform = node.text("post_transform", default: "NONE")
    let targets = Set(weights.map(\.target))
    try node.require(
      labels.count > 1 && !weights.isEmpty, "it has fewer than two labels, or no weights")
    if targets.count == 1 {
      // Weights for the first of two classes alone are a score for the second one; runtimes differ about others.
      let base = try node.floats("base_values") ?? []
      try node.require(
        labels.count == 2 && targets == [0] && base.count <= 1,
        "weights of one class alone are supported for the first one of two, with one of base_values at most"
      )
      let score = try node.scaled(
        sums(x, targets: 1, of: weights), by: 1, plus: base.first ?? 0)
      let isProbability = transform == "NONE" && weights.allSatisfy { $0.value >= 0 }
      return try node.binaryClasses(
        score, labels: labels, isProbability: isProbability, transform)
    }
    let scores = try node.plus(
      sums(x, targets: labels.count, of: weights), baseValues(labels.count))
    return [
      try node.labels(scores, labels), try node.transformed(scores, transform),
    ]
  }
}
