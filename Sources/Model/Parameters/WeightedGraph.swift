/// A graph beside its twin with generic weights: what differs between the two depends on weights, and what is equal inside
/// the twin is the same weight.
///
/// Both have the same steps and the same entries in every map, whatever the weights are. So all that is decided by the twin
/// is the same for all models of one architecture.
struct WeightedGraph: Sendable {
  /// With the model's numbers; consecutive affine maps are merged where that leaves the weights' matrices whole.
  let graph: Graph
  /// The same with generic weights.
  let generic: Graph

  /// - Throws: `invalidModel` where weights decide the form of the graph, or there are none.
  init(imported: Graph, generic: Graph) throws(ModelError) {
    try Self.checkForm(imported, generic)
    var imported = imported
    // Whether values are whole or not negative must not depend on weights.
    imported.values = generic.values
    let weighted = Self.weighted(imported, generic)
    guard !weighted.isEmpty else {
      throw .invalidModel(
        reason: "it has no weights that could be committed to (--param-visibility fixed)")
    }
    let fused = [imported, generic].map { $0.fused(weighted: weighted) }
    try Self.checkForm(fused[0], fused[1])
    let maps = Self.weighted(fused[0], fused[1])
    let composed = fused.map { $0.composed(weighted: maps).withSharedDivisors() }
    try Self.checkForm(composed[0], composed[1])
    (self.graph, self.generic) = (composed[0], composed[1])
  }

  /// Values that steps with different numbers make.
  private static func weighted(_ a: Graph, _ b: Graph) -> Set<ValueID> {
    Set(zip(a.steps, b.steps).lazy.filter { $0 != $1 }.map { $0.0.output })
  }

  private static func checkForm(_ a: Graph, _ b: Graph) throws(ModelError) {
    var different = a.steps.count == b.steps.count ? nil : a.steps.last?.name ?? ""
    for (first, second) in zip(a.steps, b.steps) where different == nil {
      let isSame: Bool
      if case .affine(let map) = first.kind, case .affine(let other) = second.kind {
        isSame = map.hasEntries(like: other)
      } else {
        isSame = first.kind == second.kind
      }
      if !isSame || first.inputs != second.inputs || first.output != second.output {
        different = first.name
      }
    }
    if let node = different {
      throw .invalidModel(
        reason: "at node \(node) weights decide more than numbers, so they cannot be committed to "
          + "(--param-visibility fixed)")
    }
  }

  /// The weighted part of a step; nil where it depends on no weights.
  func weightedMap(ofStep index: Int) -> WeightedMap? {
    guard case .affine(let map) = graph.steps[index].kind,
      case .affine(let twin) = generic.steps[index].kind, map != twin
    else { return nil }
    return WeightedMap(map, twin: twin)
  }
}
