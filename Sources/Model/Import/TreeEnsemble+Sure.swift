/// What an ensemble gives, whichever leaves are reached.
extension TreeEnsemble {
  /// For every target whether each leaf of some tree gives something to it.
  ///
  /// - Parameter targets: how many there are; the weights are for those alone.
  func sureTargets(_ targets: Int) -> [Bool] {
    let (trees, leafCounts) = (trees, leafCounts)
    // Leaves that give something, by tree and target.
    var givers: [Int: Set<Int>] = [:]
    for weight in weights {
      givers[trees[weight.leaf] * targets + weight.target, default: []].insert(weight.leaf)
    }
    var isSure = [Bool](repeating: false, count: targets)
    for (key, leaves) in givers where leaves.count == leafCounts[key / targets] {
      isSure[key % targets] = true
    }
    return isSure
  }

  /// Whether each leaf of some tree gives something to any target.
  var givesAlways: Bool {
    let (trees, leafCounts) = (trees, leafCounts)
    var givers = [Int](repeating: 0, count: roots.count)
    for leaf in Set(weights.map(\.leaf)) { givers[trees[leaf]] += 1 }
    return zip(givers, leafCounts).contains { $0 == $1 }
  }

  /// How many leaves each tree has.
  private var leafCounts: [Int] {
    let trees = trees
    var counts = [Int](repeating: 0, count: roots.count)
    for (place, node) in nodes.enumerated() where node.mode == .leaf { counts[trees[place]] += 1 }
    return counts
  }
}
