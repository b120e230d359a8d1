/// The trees of an ensemble, whichever operator has them: how their nodes branch, and what their leaves give.
struct TreeEnsemble {
  /// Which numbers take the true branch.
  enum Mode: String {
    case less = "BRANCH_LT", lessOrEqual = "BRANCH_LEQ"
    case greater = "BRANCH_GT", greaterOrEqual = "BRANCH_GTE"
    case equal = "BRANCH_EQ", unequal = "BRANCH_NEQ"
    /// Those of a list.
    case member = "BRANCH_MEMBER"
    case leaf = "LEAF"
  }

  struct Node {
    var feature = 0
    /// What numbers are compared with; may be infinite.
    var threshold = 0.0
    /// What numbers are compared with by a node that asks for membership, each once.
    var members: [Double] = []
    var mode = Mode.leaf
    var whenTrue = -1
    var whenFalse = -1
    /// Whether a missing number takes the true branch.
    var takesMissing = false

    /// The branch that every number takes, where the threshold is beyond all of them.
    var verdict: Bool? {
      guard threshold.isInfinite else { return nil }
      switch mode {
      case .lessOrEqual where threshold > 0, .greaterOrEqual where threshold < 0: return true
      case .greater where threshold > 0, .less where threshold < 0: return false
      default: return nil
      }
    }

    /// Whether its comparison is one of finite numbers, or none is needed.
    var isUsable: Bool {
      mode == .leaf || verdict != nil || threshold.isFinite && members.allSatisfy(\.isFinite)
    }
  }

  /// What a leaf adds to a target.
  struct Weight {
    var leaf: Int
    var target: Int
    var value: Double
  }

  let node: NodeContext
  var nodes: [Node] = []
  /// The first node of each tree, in the order of the file; the nodes of a tree follow its root.
  var roots: [Int] = []
  var weights: [Weight] = []
  /// Which numbers are missing, rows x features; nil where none is.
  private var missing: Term?

  /// An ensemble without trees, for the node that has it.
  init(of node: NodeContext) {
    self.node = node
    missing = node.optional(0)?.missing.map { missing in
      missing.mask.shape.count == 1
        ? missing.mask.reshaped([1, missing.mask.count]) : missing.mask
    }
  }

  /// The tree of each node, by the place of its root among the roots.
  var trees: [Int] {
    var trees = [Int](repeating: 0, count: nodes.count)
    for (tree, root) in roots.enumerated() {
      let end = tree + 1 < roots.count ? roots[tree + 1] : nodes.count
      for node in root..<end { trees[node] = tree }
    }
    return trees
  }

  /// Nodes by their distance from the roots; fails where a node is reached twice or never.
  private func levels() throws(ModelError) -> [[Int]] {
    var parents = [Int](repeating: 0, count: nodes.count)
    for node in nodes where node.mode != .leaf {
      parents[node.whenTrue] += 1
      parents[node.whenFalse] += 1
    }
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
    let rows = x.shape[0]
    try node.checkedCount([rows, branches.count])
    var parts: [Term] = []
    var order: [Int] = []
    func add(_ own: [Int], _ outcomes: Term) throws(ModelError) {
      parts.append(try withMissing(own, outcomes))
      order += own
    }
    let known = branches.filter { nodes[$0].verdict != nil }
    if !known.isEmpty {
      let row = known.map { nodes[$0].verdict == true ? 1.0 : 0 }
      let numbers = (0..<rows).flatMap { _ in row }
      try add(known, Term(numbers, shape: [rows, known.count], type: .bool))
    }
    let compared = branches.filter { nodes[$0].verdict == nil }
    let modes = Set(compared.map { nodes[$0].mode })
    for mode in modes.sorted(by: { $0.rawValue < $1.rawValue }) {
      let own = compared.filter { nodes[$0].mode == mode }
      try add(own, mode == .member ? memberships(own, x) : comparisons(own, mode, x))
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

  /// The features that these nodes read, or others of the shape of x: rows x nodes.
  private func features(of own: [Int], in x: Term) throws(ModelError) -> Term {
    let (rows, features) = (x.shape[0], x.shape[1])
    let places = (0..<rows).flatMap { row in own.map { row * features + nodes[$0].feature } }
    return try node.picking(places, of: x, shape: [rows, own.count])
  }

  /// The outcomes of comparisons with thresholds, rows x nodes.
  private func comparisons(_ own: [Int], _ mode: Mode, _ x: Term) throws(ModelError) -> Term {
    let inputs = try features(of: own, in: x)
    let limits = Term(own.map { nodes[$0].threshold }, shape: [own.count], type: x.type)
    return switch mode {
    case .less: try node.compare(.less, inputs, limits)
    case .lessOrEqual: try node.not(node.compare(.less, limits, inputs))
    case .greater: try node.compare(.less, limits, inputs)
    case .greaterOrEqual: try node.not(node.compare(.less, inputs, limits))
    case .equal: try node.compare(.equal, inputs, limits)
    case .unequal, .member, .leaf: try node.not(node.compare(.equal, inputs, limits))
    }
  }

  /// Whether each number is one of its node's members, rows x nodes.
  private func memberships(_ own: [Int], _ x: Term) throws(ModelError) -> Term {
    let rows = x.shape[0]
    let counts = own.map { nodes[$0].members.count }
    let width = counts.reduce(0, +)
    try node.checkedCount([rows, width])
    let asked = own.flatMap { [Int](repeating: $0, count: nodes[$0].members.count) }
    let members = Term(own.flatMap { nodes[$0].members }, shape: [width], type: x.type)
    let found = try node.compare(.equal, features(of: asked, in: x), members)
    var groups: [[Int]] = []
    for row in 0..<rows {
      var start = row * width
      for count in counts {
        groups.append(Array(start..<start + count))
        start += count
      }
    }
    // Members differ, so that one of them is equal at most.
    let sums = try node.sums(of: groups, in: found, shape: [rows, own.count]).typed(.bool)
    return try node.recorder.record(.confine(0...1), [sums], shape: sums.shape, type: .bool)
  }

  /// Outcomes, where missing numbers go as the nodes say.
  private func withMissing(_ own: [Int], _ outcomes: Term) throws(ModelError) -> Term {
    guard let missing else { return outcomes }
    let isMissing = try features(of: own, in: missing)
    let taken = Term(own.map { nodes[$0].takesMissing ? 1 : 0 }, shape: [own.count], type: .bool)
    return try node.select(isMissing, taken, outcomes).typed(.bool)
  }

  /// Whether each leaf is reached: rows x leaves, and the leaves in that order.
  func reachedLeaves(_ x: Term) throws(ModelError) -> (Term, [Int]) {
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
}
