/// Collects the steps of a graph while nodes are translated, evaluating at once what is known already.
///
/// Bounds what a model can make the importer allocate: a model that needs more is refused.
final class GraphRecorder {
  private(set) var graph = Graph()
  /// Node that is being translated, for the steps' names and errors.
  var node = ""
  /// Version of the operator set ai.onnx.ml.
  let classicalOpset: Int
  /// Inputs of the model whose numbers are given, by name.
  var given: Set<String> = []
  /// What inputs of texts are places in; a place after the last one stands for any other text.
  var openTexts: Labels?
  /// Inputs of the model whose numbers a node needed, by name.
  private(set) var demanded: Set<String> = []
  private var elements = 0
  private var entries = 0
  private var stored = 0

  private var folded = 0

  /// Elements of all tensors of a model together, constants and intermediate ones included.
  static let maximalElements = 1 << 26
  /// Steps of arithmetic on what is known when a model is read, in all.
  static let maximalFolding = 1 << 30

  init(classicalOpset: Int) { self.classicalOpset = classicalOpset }

  /// Adds an input of the model.
  func addInput(_ name: String, shape: [Int], type: ElementType) throws(ModelError) -> Term {
    let value = try addValue(
      Graph.Value(
        name: name, shape: shape, isInteger: type.isInteger,
        isNonnegative: type.lowest.map { $0 >= 0 } ?? false, type: type, isResult: true,
        bounds: type.bounds))
    graph.inputs.append(value)
    return Term(shape: shape, type: type, content: .variable(value))
  }

  /// Adds a step, or gives its numbers where all inputs are known.
  func record(
    _ kind: Graph.Kind, _ inputs: [Term], shape: [Int], type: ElementType
  ) throws(ModelError) -> Term {
    // What has no elements depends on nothing.
    if shape.contains(0) { return Term([], shape: shape, type: type) }
    let known = inputs.compactMap(\.known)
    if known.count == inputs.count {
      try accountFolded(shape, work: kind.foldingWork(known.reduce(0) { $0 + $1.count }))
      return Term(
        kind.evaluate(known, type: type).held(as: type, rounding: false), shape: shape, type: type)
    }
    if case .affine(let map) = kind { try account(map) }
    var sources: [ValueID] = []
    for input in inputs { sources.append(try value(of: input)) }
    let operands = sources.map { graph.values[$0] }
    let bounds = kind.bounds(of: operands)
    let output = try addValue(
      Graph.Value(
        name: "\(node).\(graph.steps.count)", shape: shape, isInteger: kind.isInteger(of: operands),
        isNonnegative: kind.isNonnegative(of: operands)
          || (kind == .product && sources[0] == sources[1])
          || bounds.map { $0.lowerBound >= 0 } ?? false, type: type, bounds: bounds))
    graph.steps.append(Graph.Step(name: node, kind: kind, inputs: sources, output: output))
    return Term(shape: shape, type: type, content: .variable(output))
  }

  /// The value that holds a term; constants get a step of their own.
  func value(of term: Term) throws(ModelError) -> ValueID {
    let kind: Graph.Kind
    switch term.content {
    case .variable(let value): return value
    case .constant(let numbers): kind = .constant(numbers)
    case .integers(let numbers): kind = .integers(numbers)
    }
    let output = try addValue(
      Graph.Value(
        name: "\(node).constant", shape: term.shape, isInteger: kind.isInteger(of: []),
        isNonnegative: kind.isNonnegative(of: []), type: term.type, bounds: kind.bounds(of: [])))
    graph.steps.append(Graph.Step(name: node, kind: kind, inputs: [], output: output))
    return output
  }

  /// Marks a value as what an operator makes, so that its float type rounds it; a copy where another operator made it.
  func result(_ term: Term) throws(ModelError) -> Term {
    guard let value = term.variable else {
      return term.known.map {
        Term($0.held(as: term.type, rounding: true), shape: term.shape, type: term.type)
      } ?? term
    }
    if !graph.values[value].isResult {
      graph.values[value].isResult = true
      graph.values[value].type = term.type
      return term
    }
    let held = graph.values[value].type
    guard held != term.type, term.type.isNarrower(than: held) else { return term }
    if let bounds = graph.values[value].bounds, term.type.holds(bounds), held.isInteger {
      return term
    }
    let map = RealMap.selecting(Array(0..<term.count), of: term.count)
    return try result(record(.affine(map), [term], shape: term.shape, type: term.type))
  }

  /// Gives a value the name of the tensor in the model, for messages.
  func rename(_ value: ValueID, _ name: String) {
    graph.values[value].name = name
  }

  /// Where all elements of a computed term lie, as far as it is known.
  func bounds(of term: Term) -> ClosedRange<Int128>? {
    term.variable.flatMap { graph.values[$0].bounds }
  }

  /// Whether a term is an input of the model whose numbers are given.
  func isGiven(_ term: Term) -> Bool {
    term.variable.map { graph.inputs.contains($0) && given.contains(graph.values[$0].name) }
      ?? false
  }

  /// Notes which inputs a term depends on, because its numbers are needed when the model is loaded.
  ///
  /// Long lists of reals are data, not something that shapes depend on.
  func demand(_ term: Term) {
    let inputs = sources(of: term)
    let isShort = inputs.allSatisfy { $0.type.isInteger || $0.count <= Self.longestFixed }
    if isShort { demanded.formUnion(inputs.map(\.name)) }
  }

  /// The inputs of the model that a term depends on.
  func sources(of term: Term) -> [Graph.Value] {
    guard let value = term.variable else { return [] }
    var needed: Set<ValueID> = [value]
    for step in graph.steps.reversed() where needed.contains(step.output) {
      needed.formUnion(step.inputs)
    }
    return graph.inputs.filter(needed.contains).map { graph.values[$0] }
  }

  /// Elements of an input of reals that may be fixed.
  private static let longestFixed = 256

  /// Adds an output of the model.
  func addOutput(_ term: Term, name: String) throws(ModelError) {
    node = name
    var value = try value(of: term)
    if graph.inputs.contains(value) || graph.outputs.contains(value)
      || graph.values[value].shape != term.shape || graph.values[value].type != term.type
    {
      // The value is an input or another output already: this output is a copy of it.
      let map = RealMap.selecting(Array(0..<term.count), of: term.count)
      let held = Term(shape: term.shape, type: term.type, content: .variable(value))
      let copy = try record(.affine(map), [held], shape: term.shape, type: term.type)
      value = try result(copy).variable!
      rename(value, name)
    }
    graph.outputs.append(value)
  }

  private func addValue(_ value: Graph.Value) throws(ModelError) -> ValueID {
    try account(value.shape)
    graph.values.append(value)
    return graph.values.count - 1
  }

  /// A constant of the model.
  func constant(_ tensor: OnnxTensor) throws(ModelError) -> Term {
    // A sparse one takes more than the file has.
    if tensor.places != nil { try account(tensor.shape) }
    return Term(tensor.dense)
  }

  /// Counts a tensor of known numbers before it is made, and the work of making it beside writing it down.
  func accountFolded(_ shape: [Int], work: Int = 0) throws(ModelError) {
    try account(shape)
    folded += min(work, Self.maximalFolding) + shape.reduce(1, *)
    guard folded <= Self.maximalFolding else {
      throw .invalidModel(
        reason: "what follows from its constants alone takes more than \(Self.maximalFolding) "
          + "steps of arithmetic, at node \(node); fold constants before the export")
    }
  }

  private func account(_ map: RealMap) throws(ModelError) {
    entries += map.entryCount
    guard entries <= RealMap.maximalEntries else {
      throw .invalidModel(
        reason: "with node \(node) it needs \(entries) multiplications by constants, of the "
          + "\(RealMap.maximalEntries) that a model may have; a smaller input needs fewer")
    }
    stored += map.matrix.storedCount
    guard stored <= RealMap.maximalStored else { throw tooMuch(stored) }
  }

  /// The refusal of a model whose maps take too much memory.
  func tooMuch(_ stored: Int) -> ModelError {
    .invalidModel(
      reason: "with node \(node) its multiplications by constants take \(stored) numbers to write "
        + "down, of the \(RealMap.maximalStored) that a model may have; a smaller input needs fewer"
    )
  }

  private func account(_ shape: [Int]) throws(ModelError) {
    guard let count = TensorShape.count(shape) else {
      throw .invalidModel(reason: "a tensor of shape \(shape) is too large, at node \(node)")
    }
    // A tensor without elements still costs its description.
    elements += count + 1
    guard elements <= Self.maximalElements else {
      throw .invalidModel(
        reason: "its tensors have more than \(Self.maximalElements) elements, at node \(node)")
    }
  }
}

extension Graph.Kind {
  /// About how many steps of arithmetic it takes for inputs of so many elements together, results aside.
  fileprivate func foldingWork(_ count: Int) -> Int {
    switch self {
    // Making the map took longer than applying it.
    case .affine(let map): count + 4 * map.entryCount
    case .matmul(let batch, let m, let k, let n):
      [m, k, n].reduce(batch) { product, size in
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        return overflow ? .max >> 1 : next
      }
    case .maximum(let groups), .distance(let groups), .argmax(let groups, _):
      groups.reduce(count) { $0 + $1.count }
    case .order(let groups, _): groups.reduce(count) { $0 + 16 * $1.count }
    default: count
    }
  }
}
