/// Ensembles as ai.onnx.ml has them before version 5: nodes by tree and number, leaves among them, and weights that name a leaf.
extension TreeEnsemble {
  /// - Parameters:
  ///   - targets: what the names of the lists of weights begin with.
  ///   - reals: what the thresholds and weights of a tensor are, as of the operand in runtimes.
  init(_ node: NodeContext, targets: String, reals: ElementType) throws(ModelError) {
    self.init(of: node)
    func list(_ name: String) throws(ModelError) -> [Int] {
      guard let list = node.integers(name) else { throw node.error("\(name) is missing") }
      return list
    }
    let (trees, ids) = (try list("nodes_treeids"), try list("nodes_nodeids"))
    let (features, modes) = (
      try list("nodes_featureids"), node.attribute("nodes_modes")?.texts ?? []
    )
    let (yes, no) = (try list("nodes_truenodeids"), try list("nodes_falsenodeids"))
    let thresholds = try node.reals("nodes_values", orTensor: reals) ?? []
    let count = ids.count
    let lengthsDiffer = "the lists of nodes have different lengths"
    try node.require(
      [trees.count, features.count, modes.count, yes.count, no.count, thresholds.count]
        .allSatisfy { $0 == count } && count > 0, lengthsDiffer)
    struct Key: Hashable {
      var tree: Int
      var id: Int
    }
    var place: [Key: Int] = [:]
    for index in 0..<count {
      guard let mode = Mode(rawValue: modes[index]), mode != .member else {
        throw node.error("unknown mode \(modes[index])")
      }
      nodes.append(Node(feature: features[index], threshold: thresholds[index], mode: mode))
      try node.require(
        place.updateValue(index, forKey: Key(tree: trees[index], id: ids[index])) == nil,
        "a node is given twice")
    }
    try node.require(
      nodes.allSatisfy(\.isUsable), "nodes_values holds a number that is not finite")
    let tracks = node.integers("nodes_missing_value_tracks_true") ?? []
    try node.require(tracks.isEmpty || tracks.count == count, lengthsDiffer)
    for index in 0..<count {
      // No comparison with what is not a number holds, but that it is another one.
      nodes[index].takesMissing =
        !tracks.isEmpty && tracks[index] != 0 || nodes[index].mode == .unequal
    }
    for index in 0..<count where nodes[index].mode != .leaf {
      let branches = [yes[index], no[index]].map { place[Key(tree: trees[index], id: $0)] }
      guard let first = branches[0], let second = branches[1] else {
        throw node.error("a branch leads nowhere")
      }
      (nodes[index].whenTrue, nodes[index].whenFalse) = (first, second)
    }
    roots = trees.indices.filter { $0 == 0 || trees[$0] != trees[$0 - 1] }
    // Runtimes differ about trees whose nodes stand among those of others.
    try node.require(
      roots.count == Set(trees).count, "the nodes of a tree do not stand side by side")
    let (leafTrees, leafIDs) = (try list("\(targets)_treeids"), try list("\(targets)_nodeids"))
    let ids2 = try list("\(targets)_ids")
    let values = try node.finite("\(targets)_weights", orTensor: reals) ?? []
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
}

extension NodeContext {
  /// A list of floats, or a tensor of a type under the same name and `_as_tensor`; nil where neither is given.
  ///
  /// Runtimes read such a tensor by the type of the operand, and refuse another one.
  func reals(_ name: String, orTensor type: ElementType) throws(ModelError) -> [Double]? {
    let list = attribute(name).map { $0.floats.map(Double.init) }
    let (name, other) = ("\(name)_as_tensor", name)
    guard let tensor = try tensor(name, of: type), !tensor.isEmpty else { return list }
    try require(
      list?.isEmpty ?? true, "\(other) is given as a list and as a tensor")
    return tensor
  }

  /// The same, where all numbers have to be finite.
  func finite(_ name: String, orTensor type: ElementType) throws(ModelError) -> [Double]? {
    let list = try reals(name, orTensor: type)
    try require(list?.allSatisfy(\.isFinite) ?? true, "\(name) holds a number that is not finite")
    return list
  }

  /// The elements of an attribute that is a tensor with one axis; nil where it is left out.
  func tensor(_ name: String, of type: ElementType) throws(ModelError) -> [Double]? {
    guard let attribute = attribute(name) else { return nil }
    guard let tensor = attribute.tensor, tensor.type == type else {
      throw error(
        "\(name) is a tensor of \(attribute.tensor?.type.word ?? "texts"), not of \(type.word)")
    }
    try require(tensor.shape.count == 1, "\(name) has \(tensor.shape.count) axes, not one")
    return tensor.values
  }
}
