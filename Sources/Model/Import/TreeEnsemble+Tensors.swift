/// Ensembles as ai.onnx.ml has them from version 5 on: nodes that branch, and leaves beside them.
extension TreeEnsemble {
  /// The modes by their numbers in the specification.
  private static let modes: [Mode] = [
    .lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .unequal, .member,
  ]

  /// - Parameter reals: the element type of the operand, which is that of all thresholds and weights.
  init(tensors node: NodeContext, reals: ElementType) throws(ModelError) {
    self.init(of: node)
    func list(_ name: String) throws(ModelError) -> [Int] {
      guard let list = node.integers(name) else { throw node.error("\(name) is missing") }
      return list
    }
    func tensor(_ name: String, _ type: ElementType) throws(ModelError) -> [Double] {
      guard let list = try node.tensor(name, of: type) else {
        throw node.error("\(name) is missing")
      }
      return list
    }
    let splits = try tensor("nodes_splits", reals)
    let modes = try tensor("nodes_modes", .uint8)
    let features = try list("nodes_featureids")
    let branches = [try list("nodes_truenodeids"), try list("nodes_falsenodeids")]
    let areLeaves = [try list("nodes_trueleafs"), try list("nodes_falseleafs")]
    let tracks = node.integers("nodes_missing_value_tracks_true")
    let count = splits.count
    try node.require(
      ([modes.count, features.count, tracks?.count ?? count]
        + (branches + areLeaves).map(\.count)).allSatisfy { $0 == count } && count > 0,
      "the lists of nodes have different lengths")
    let leafTargets = try list("leaf_targetids")
    let leafWeights = try tensor("leaf_weights", reals)
    try node.require(
      leafTargets.count == leafWeights.count, "the lists of leaves have different lengths")
    try node.require(
      leafWeights.allSatisfy(\.isFinite), "leaf_weights holds a number that is not finite")
    var members = try Self.members(node, reals)[...]
    var given: [Node] = []
    for index in 0..<count {
      guard let code = Int(exactly: modes[index]), Self.modes.indices.contains(code) else {
        throw node.error("unknown mode \(modes[index])")
      }
      var own = Node(
        feature: features[index], threshold: splits[index], mode: Self.modes[code],
        takesMissing: tracks.map { $0[index] != 0 } ?? false || Self.modes[code] == .unequal)
      if own.mode == .member {
        guard let first = members.popFirst() else { throw Self.wrongMembers(node) }
        (own.members, own.threshold) = (first, 0)
      }
      try node.require(own.isUsable, "nodes_splits holds a number that is not finite")
      given.append(own)
    }
    guard members.isEmpty else { throw Self.wrongMembers(node) }
    let steps = given.indices.map { index in
      [0, 1].map { Branch(place: branches[$0][index], isLeaf: areLeaves[$0][index] != 0) }
    }
    try node.require(
      steps.joined().allSatisfy {
        ($0.isLeaf ? leafWeights.indices : given.indices).contains($0.place)
      }, "a branch leads nowhere")
    let starts = try list("tree_roots")
    try node.require(
      !starts.isEmpty && starts.allSatisfy(given.indices.contains), "a tree has no root")
    var isTaken = [Bool](repeating: false, count: count)
    for root in starts {
      roots.append(nodes.count)
      // What is still to be put in place: a node or leaf, and the node that it is a branch of.
      var waiting: [(branch: Branch, parent: Int?, side: Int)] = [
        (Branch(place: root, isLeaf: false), nil, 0)
      ]
      while let (branch, parent, side) = waiting.popLast() {
        let place = nodes.count
        if let parent {
          if side == 0 { nodes[parent].whenTrue = place } else { nodes[parent].whenFalse = place }
        }
        guard !branch.isLeaf else {
          nodes.append(Node())
          weights.append(
            Weight(
              leaf: place, target: leafTargets[branch.place], value: leafWeights[branch.place]))
          continue
        }
        try node.require(!isTaken[branch.place], "two branches or roots lead to one node")
        isTaken[branch.place] = true
        let both = steps[branch.place]
        if both[0] == both[1], both[0].isLeaf {
          // A node whose branches are one leaf is that leaf.
          nodes.append(Node())
          weights.append(
            Weight(
              leaf: place, target: leafTargets[both[0].place], value: leafWeights[both[0].place]))
          continue
        }
        nodes.append(given[branch.place])
        waiting += [(both[1], place, 1), (both[0], place, 0)]
      }
    }
    try node.require(isTaken.allSatisfy { $0 }, "no root leads to one of its nodes")
  }

  /// Where a branch leads: to a node, or to a leaf.
  private struct Branch: Equatable {
    var place: Int
    var isLeaf: Bool
  }

  /// The members of each node that asks for membership, each once: lists that end with what is not a number.
  private static func members(
    _ node: NodeContext, _ reals: ElementType
  ) throws(ModelError) -> [[Double]] {
    guard let all = try node.tensor("membership_values", of: reals), !all.isEmpty else { return [] }
    guard all.last?.isNaN == true else { throw wrongMembers(node) }
    var lists: [[Double]] = []
    for list in all.dropLast().split(omittingEmptySubsequences: false, whereSeparator: \.isNaN) {
      var seen: Set<Double> = []
      lists.append(list.filter { seen.insert($0).inserted })
    }
    // Runtimes differ about lists without members.
    try node.require(
      lists.allSatisfy { !$0.isEmpty }, "membership_values has a list without members")
    return lists
  }

  private static func wrongMembers(_ node: NodeContext) -> ModelError {
    node.error(
      "membership_values has not one list for each node that asks for membership, each of which ends with NaN"
    )
  }
}
