/// Turns the nodes of an ONNX graph into a typed graph with known shapes, folding constants on the way.
struct GraphBuilder {
  private let model: OnnxModel
  private let given: [String: GivenInput]
  private let recorder = GraphRecorder()
  private var operands: [String: Term] = [:]
  private var inputs: [Model.Port] = []
  private var fixed: [FixedInput] = []

  /// A graph and how it takes the model's inputs.
  struct Result {
    var graph: Graph
    /// All inputs of the model.
    var inputs: [Model.Port]
    /// Those that are constants of the graph, because its form depends on them.
    var fixed: [FixedInput]
  }

  /// - Parameter given: what is known of the inputs, by name.
  /// - Throws: `unsupportedOperators` with all of them, `invalidNode`, `invalidModel`, `notFinite`.
  static func build(
    _ model: OnnxModel, _ given: [String: GivenInput]
  ) throws(ModelError) -> Result {
    var fixing: Set<String> = []
    while true {
      var builder = GraphBuilder(model, given)
      do throws(ModelError) {
        try builder.run(fixing: fixing)
        return Result(
          graph: builder.recorder.graph.pruned(), inputs: builder.inputs, fixed: builder.fixed)
      } catch {
        // An operand that shapes depend on may be an input, whose numbers are then taken as they are given.
        let missing = builder.recorder.demanded.subtracting(fixing)
        guard !missing.isEmpty, missing.allSatisfy({ given[$0]?.numbers != nil }) else {
          throw error
        }
        fixing.formUnion(missing)
      }
    }
  }

  private mutating func run(fixing: Set<String>) throws(ModelError) {
    try checkOperators()
    try addInitializers()
    try addInputs(fixing: fixing)
    for index in try order() { try add(index) }
    try addOutputs()
  }

  private init(_ model: OnnxModel, _ given: [String: GivenInput]) {
    self.model = model
    self.given = given
    recorder.given = Set(given.filter { $0.value.numbers != nil }.keys)
  }

  private func name(_ index: Int) -> String {
    let node = model.nodes[index]
    return node.name.isEmpty ? "\(node.op)#\(index)" : node.name
  }

  private func checkOperators() throws(ModelError) {
    var unsupported: [UnsupportedOperator] = []
    for (index, node) in model.nodes.enumerated() where Operators.translation(node) == nil {
      let standard = node.domain.isEmpty || node.domain == "ai.onnx"
      unsupported.append(
        UnsupportedOperator(
          node: name(index), op: standard ? node.op : "\(node.domain).\(node.op)"))
    }
    if !unsupported.isEmpty { throw .unsupportedOperators(unsupported) }
  }

  private mutating func addInitializers() throws(ModelError) {
    for tensor in model.initializers {
      try define(tensor.name, Term(tensor))
    }
  }

  /// Infinities have a meaning, as masks before a softmax; what is not a number has none.
  private mutating func define(_ name: String, _ term: Term) throws(ModelError) {
    if let element = term.constant?.firstIndex(where: \.isNaN) {
      throw .notFinite(tensor: name, element: element)
    }
    guard operands.updateValue(term, forKey: name) == nil else {
      throw .invalidModel(reason: "\(name) is defined twice")
    }
  }

  private mutating func addInputs(fixing: Set<String>) throws(ModelError) {
    let declared = model.inputs.filter { operands[$0.name] == nil }
    guard !declared.isEmpty else { throw .invalidModel(reason: "it has no inputs") }
    for input in declared {
      let known = given[input.name]
      let shape = try InputShape.resolve(input, known)
      let type = ElementType(rawValue: input.elementType) ?? .float
      let port = Model.Port(name: input.name, shape: shape, elementType: type)
      inputs.append(port)
      guard fixing.contains(input.name) || port.count == 0 else {
        try define(input.name, recorder.addInput(input.name, shape: shape, type: type))
        continue
      }
      let numbers = known?.numbers ?? .reals([])
      guard numbers.count == port.count else {
        throw .countMismatch(
          what: "elements of input \(input.name)", expected: port.count, found: numbers.count)
      }
      try port.check(numbers)
      let held = numbers.held(as: type, rounding: true)
      try define(input.name, Term(held, shape: shape, type: type))
      fixed.append(FixedInput(name: input.name, shape: shape, values: held.reals))
    }
    // A program has an input, if only one that nothing reads any more.
    guard recorder.graph.inputs.isEmpty else { return }
    guard let port = inputs.first(where: { $0.count > 0 }) else {
      throw .invalidModel(reason: "its inputs have no elements, so that nothing is left to prove")
    }
    _ = try recorder.addInput(port.name, shape: port.shape, type: port.elementType)
  }

  /// The nodes in an order in which every operand is defined before it is used.
  private func order() throws(ModelError) -> [Int] {
    var producer: [String: Int] = [:]
    for (index, node) in model.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard producer.updateValue(index, forKey: output) == nil else {
          throw .invalidModel(reason: "\(output) is defined twice")
        }
      }
    }
    var missing = [Int](repeating: 0, count: model.nodes.count)
    var waiting: [String: [Int]] = [:]
    for (index, node) in model.nodes.enumerated() {
      for input in Set(node.inputs) where !input.isEmpty && operands[input] == nil {
        guard producer[input] != nil else {
          throw .invalidNode(
            node: name(index), op: node.op,
            reason: model.texts.contains(input)
              ? "\(input) holds texts, which cannot be proven" : "\(input) is not defined")
        }
        missing[index] += 1
        waiting[input, default: []].append(index)
      }
    }
    var ready = missing.indices.filter { missing[$0] == 0 }
    var next = 0
    while next < ready.count {
      for output in model.nodes[ready[next]].outputs {
        for index in waiting[output] ?? [] {
          missing[index] -= 1
          if missing[index] == 0 { ready.append(index) }
        }
      }
      next += 1
    }
    guard ready.count == model.nodes.count else {
      let index = missing.firstIndex { $0 > 0 }!
      throw .invalidNode(
        node: name(index), op: model.nodes[index].op, reason: "it depends on itself")
    }
    return ready
  }

  private mutating func add(_ index: Int) throws(ModelError) {
    let node = model.nodes[index]
    let context = NodeContext(
      node: node, name: name(index), opset: Int(model.opset),
      operands: node.inputs.map { $0.isEmpty ? nil : operands[$0] }, recorder: recorder)
    guard let translate = Operators.translation(node) else {
      throw .unsupportedOperators([UnsupportedOperator(node: context.name, op: node.op)])
    }
    recorder.node = context.name
    let before = recorder.graph.values.count
    let terms = try translate(context)
    for (place, output) in node.outputs.enumerated() where !output.isEmpty {
      guard place < terms.count else {
        throw context.error("output \(place) is not supported")
      }
      let term = try context.settled(terms[place])
      if let value = term.variable, value >= before { recorder.rename(value, output) }
      try define(output, term)
    }
  }

  private mutating func addOutputs() throws(ModelError) {
    guard !model.outputs.isEmpty else { throw .invalidModel(reason: "it has no outputs") }
    for output in model.outputs {
      guard let operand = operands[output.name] else {
        throw .invalidModel(reason: "output \(output.name) is not computed")
      }
      guard operand.count > 0 else {
        throw .invalidModel(reason: "output \(output.name) has no elements")
      }
      try recorder.addOutput(operand, name: output.name)
    }
  }
}
