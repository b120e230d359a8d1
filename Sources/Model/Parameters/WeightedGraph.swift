/// A graph beside its twin with generic weights: what differs between the two depends on weights, and what is equal inside
/// the twin is the same weight.
///
/// Both have the same steps and the same entries in every map, whatever the weights are. So all that is decided by the twin
/// is the same for all models of one architecture.
///
/// A weight of 0 would be no entry. So the graph is imported with two small numbers instead of the zeros; what follows from how it
/// differs between the two are the numbers with 0.
struct WeightedGraph: Sendable {
  /// With the model's numbers; consecutive affine maps are merged where that leaves the weights' matrices whole.
  let graph: Graph
  /// The same with generic weights.
  private let generic: Graph
  /// The same with an entry for every weight, be it 0; numbers stand at the same places as in `graph`.
  private let form: Graph

  /// What stands for a weight of 0 while a model is imported: single precision holds it.
  static let smallNumber = 0x1p-90
  /// The small number over the smaller one.
  static let ratio = 0x1p20

  /// - Parameters:
  ///   - imported: the graph with the small number instead of zeros.
  ///   - smaller: the same with the smaller one; nil where no weight is 0.
  ///   - generic: the same with generic weights.
  /// - Throws: `invalidModel` where weights decide the form of the graph, or there are none.
  init(imported: Graph, smaller: Graph?, generic: Graph) throws(ModelError) {
    try Self.checkForm(imported, generic)
    var imported = imported
    // Whether values are whole or not negative must not depend on weights.
    imported.values = generic.values
    let weighted = Self.weighted(imported, generic)
    guard !weighted.isEmpty else {
      throw .invalidModel(
        reason: "it has no weights that could be committed to (--param-visibility fixed)")
    }
    var graphs = [imported, generic]
    if var smaller {
      try Self.checkForm(smaller, generic)
      smaller.values = generic.values
      graphs.append(smaller)
    }
    graphs = graphs.map { $0.fused(weighted: weighted) }
    for other in graphs.dropFirst() { try Self.checkForm(graphs[0], other) }
    let maps = Self.weighted(graphs[0], graphs[1])
    graphs = graphs.map { $0.composed(weighted: maps).withSharedDivisors() }
    for other in graphs.dropFirst() { try Self.checkForm(graphs[0], other) }
    (form, self.generic) = (graphs[0], graphs[1])
    graph = graphs.count > 2 ? Self.vanishing(graphs[0], graphs[2]) : graphs[0]
  }

  /// Imports a model as often as it takes.
  ///
  /// - Parameters:
  ///   - built: the model as it is.
  ///   - onnx: the same.
  ///   - build: imports it with other weights.
  /// - Throws: as above, and what `build` throws.
  init(
    _ built: GraphBuilder.Result, _ onnx: OnnxModel,
    build: (OnnxModel) throws(ModelError) -> GraphBuilder.Result
  ) throws(ModelError) {
    let weights = onnx.weights
    let generic = try build(onnx.withGenericWeights(weights))
    guard onnx.hasZeros(in: weights) else {
      try self.init(imported: built.graph, smaller: nil, generic: generic.graph)
      return
    }
    let small = try build(onnx.replacingZeros(of: weights, by: Self.smallNumber))
    let smaller = try build(
      onnx.replacingZeros(of: weights, by: Self.smallNumber / Self.ratio))
    guard small.fixed == built.fixed, small.marks == built.marks, small.labels == built.labels,
      Self.haveEqualEnds(small.graph, built.graph)
    else {
      throw .invalidModel(
        reason: "weights that are 0 decide its inputs or outputs, so they cannot be committed to "
          + "(--param-visibility fixed)")
    }
    try self.init(imported: small.graph, smaller: smaller.graph, generic: generic.graph)
  }

  /// Whether two graphs have inputs and outputs of the same names, shapes and types.
  private static func haveEqualEnds(_ a: Graph, _ b: Graph) -> Bool {
    func isEqual(_ first: [ValueID], _ second: [ValueID], named: Bool) -> Bool {
      first.count == second.count
        && zip(first, second).allSatisfy { first, second in
          let (value, other) = (a.values[first], b.values[second])
          return value.shape == other.shape && value.type == other.type
            && (!named || value.name.utf8.elementsEqual(other.name.utf8))
        }
    }
    return isEqual(a.inputs, b.inputs, named: true) && isEqual(a.outputs, b.outputs, named: false)
  }

  /// The graph with zeros again, from those with small and with smaller numbers.
  private static func vanishing(_ graph: Graph, _ smaller: Graph) -> Graph {
    var graph = graph
    for (index, step) in smaller.steps.enumerated() {
      guard case .affine(let map) = graph.steps[index].kind, case .affine(let next) = step.kind,
        map != next
      else { continue }
      graph.steps[index].kind = .affine(map.vanishing(next, ratio: ratio))
    }
    return graph
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
    guard case .affine(let map) = form.steps[index].kind,
      case .affine(let twin) = generic.steps[index].kind, map != twin
    else { return nil }
    return WeightedMap(map, twin: twin)
  }
}
