/// Turns the nodes of an ONNX graph into a typed graph with known shapes, folding constants on the way.
struct GraphBuilder {
  private let model: OnnxModel
  private let given: [String: GivenInput]
  let recorder: GraphRecorder
  /// The graphs that are being translated, the model's first, a body after what it is a body of.
  var scopes: [Scope] = []
  /// Nodes and rounds of loops that were translated.
  private var work = 0
  private var inputs: [Model.Port] = []
  private var fixed: [FixedInput] = []
  private var labels: [Labels?] = []
  private var marks: [MissingMark] = []

  /// What names stand for while a graph is translated.
  struct Scope {
    /// What comes before the names of nodes.
    var path = ""
    var opset: Int
    var operands: [String: Term] = [:]
    /// Whether names of the graphs around it mean nothing here.
    var isFunction = false
    /// What attributes that refer to a function's own stand for.
    var attributes: [String: OnnxModel.Attribute] = [:]
  }

  /// A graph and how it takes the model's inputs.
  struct Result {
    var graph: Graph
    /// All inputs of the model.
    var inputs: [Model.Port]
    /// Those that are constants of the graph, because its form depends on them.
    var fixed: [FixedInput]
    /// What the numbers of each output are called.
    var labels: [Labels?]
    /// What stands for missing numbers, of inputs that have such.
    var marks: [MissingMark]
  }

  /// - Parameters:
  ///   - given: what is known of the inputs, by name.
  ///   - fixing: inputs that become constants whether or not its form depends on them.
  /// - Throws: `unsupportedOperators` with all of them, `invalidNode`, `invalidModel`, `notFinite`.
  static func build(
    _ model: OnnxModel, _ given: [String: GivenInput], fixing: Set<String> = []
  ) throws(ModelError) -> Result {
    var fixing = fixing
    while true {
      var builder = GraphBuilder(model, given)
      do throws(ModelError) {
        try builder.run(fixing: fixing)
        return Result(
          graph: builder.recorder.graph.pruned(), inputs: builder.inputs, fixed: builder.fixed,
          labels: builder.labels, marks: builder.marks)
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
    scopes = [Scope(opset: Int(model.opset))]
    try checkOperators(model.nodes)
    try addInitializers(model.graph)
    try addInputs(fixing: fixing)
    try addNodes(model.graph)
    try addOutputs()
  }

  private init(_ model: OnnxModel, _ given: [String: GivenInput]) {
    self.model = model
    self.given = given
    recorder = GraphRecorder(classicalOpset: Int(model.classicalOpset))
    recorder.given = Set(given.filter { $0.value.numbers != nil }.keys)
  }

  /// A node's name with those of the nodes that it is in a body of.
  private func name(_ index: Int, in nodes: [OnnxModel.Node]) -> String {
    let node = nodes[index]
    return scopes.last!.path + (node.name.isEmpty ? "\(node.op)#\(index)" : node.name)
  }

  /// Lists all operators that are not supported, also those in bodies that are sure to run.
  ///
  /// - Throws: also `invalidNode` for a call of a function that a runtime may have an operator of its own for.
  func checkOperators(_ nodes: [OnnxModel.Node]) throws(ModelError) {
    var unsupported: [UnsupportedOperator] = []
    var shadow: ModelError?
    func collect(_ nodes: [OnnxModel.Node], _ path: String) {
      for (index, node) in nodes.enumerated() {
        let name = path + (node.name.isEmpty ? "\(node.op)#\(index)" : node.name)
        if function(of: node) != nil, node.isInDomainOfRuntimes {
          shadow = shadow ?? .shadow(of: node, named: name)
        } else if isControl(node) {
          if node.op == "If" { continue }
          node.attributes.compactMap(\.graph).forEach { collect($0.nodes, name + "/") }
        } else if function(of: node) == nil, Operators.translation(node) == nil {
          let standard = node.domain.isEmpty || node.domain == "ai.onnx"
          unsupported.append(
            UnsupportedOperator(node: name, op: standard ? node.op : "\(node.domain).\(node.op)"))
        }
      }
    }
    collect(nodes, scopes.last!.path)
    if let shadow { throw shadow }
    if !unsupported.isEmpty { throw .unsupportedOperators(unsupported) }
  }

  /// The model's own definition of a node's operator.
  func function(of node: OnnxModel.Node) -> OnnxModel.Function? {
    // By bytes: texts are equal by their characters.
    model.functions.first {
      $0.name.utf8.elementsEqual(node.op.utf8) && $0.domain.utf8.elementsEqual(node.domain.utf8)
        && $0.overload.utf8.elementsEqual(node.overload.utf8)
    }
  }

  private mutating func addInitializers(_ graph: OnnxModel.Graph) throws(ModelError) {
    for tensor in graph.initializers {
      try define(tensor.name, recorder.constant(tensor))
    }
    for tensor in graph.texts { try define(tensor.name, Term(tensor)) }
  }

  /// Infinities have a meaning, as masks before a softmax; what is not a number has none.
  mutating func define(_ name: String, _ term: Term) throws(ModelError) {
    if let element = term.constant?.firstIndex(where: \.isNaN) {
      throw .notFinite(tensor: name, element: element)
    }
    guard scopes[scopes.count - 1].operands.updateValue(term, forKey: name) == nil else {
      throw .invalidModel(reason: "\(name) is defined twice")
    }
  }

  /// What a name stands for here: in this graph, or in those around it.
  func operand(_ name: String) -> Term? {
    for scope in scopes.reversed() {
      if let term = scope.operands[name] { return term }
      if scope.isFunction { return nil }
    }
    return nil
  }

  /// Counts a node or a round of a loop.
  mutating func count(_ name: String) throws(ModelError) {
    work += 1
    guard work <= Self.maximalWork else {
      throw .invalidModel(
        reason: "it has more than \(Self.maximalWork) nodes with its loops unrolled, at node "
          + name)
    }
  }

  /// Nodes and rounds of loops of an unrolled model at most.
  static let maximalWork = 1 << 16

  private mutating func addInputs(fixing: Set<String>) throws(ModelError) {
    let declared = model.inputs.filter { operand($0.name) == nil }
    guard !declared.isEmpty else { throw .invalidModel(reason: "it has no inputs") }
    for input in declared {
      let known = given[input.name]
      let shape = try InputShape.resolve(input, known)
      let type = input.holdsTexts ? .int64 : ElementType(rawValue: input.elementType) ?? .float
      var port = Model.Port(name: input.name, shape: shape, elementType: type)
      if input.holdsTexts {
        port.labels = Labels(.elements, model.vocabulary)
        recorder.openTexts = port.labels
      }
      inputs.append(port)
      guard fixing.contains(input.name) || port.count == 0 else {
        var term = try recorder.addInput(input.name, shape: shape, type: type)
        if !type.isInteger, let mark = known?.mark {
          let node = OnnxModel.Node(name: input.name, op: "input")
          recorder.node = input.name
          term = try NodeContext(
            node: node, name: input.name, opset: scopes[0].opset, operands: [], recorder: recorder
          ).input(term, mark: mark)
          marks.append(MissingMark(name: input.name, mark: mark))
        }
        term.labels = port.labels
        try define(input.name, term)
        continue
      }
      let numbers = known?.numbers ?? .reals([])
      guard numbers.count == port.count else {
        throw .countMismatch(
          what: "elements of input \(input.name)", expected: port.count, found: numbers.count)
      }
      try port.check(numbers)
      let held = numbers.held(as: type, rounding: true)
      var term = Term(held, shape: shape, type: type)
      term.labels = port.labels
      try define(input.name, term)
      fixed.append(FixedInput(name: input.name, shape: shape, numbers: held))
    }
    // A program has an input, if only one that nothing reads any more.
    guard recorder.graph.inputs.isEmpty else { return }
    guard let port = inputs.first(where: { $0.count > 0 }) else {
      throw .invalidModel(reason: "its inputs have no elements, so that nothing is left to prove")
    }
    _ = try recorder.addInput(port.name, shape: port.shape, type: port.elementType)
  }

  /// Translates a body: defines its constants and inputs, and gives its outputs.
  mutating func run(
    _ graph: OnnxModel.Graph, inputs: [Term], in scope: Scope
  ) throws(ModelError) -> [Term] {
    guard scopes.count < Self.maximalDepth else {
      throw .invalidModel(
        reason: "more than \(Self.maximalDepth) bodies and functions are in one another, at node "
          + scope.path)
    }
    scopes.append(scope)
    defer { scopes.removeLast() }
    try checkOperators(graph.nodes)
    try addInitializers(graph)
    for (input, term) in zip(graph.inputs, inputs) { try define(input.name, term) }
    try addNodes(graph)
    var outputs: [Term] = []
    for output in graph.outputs {
      guard let term = operand(output.name) else {
        throw .invalidModel(reason: "output \(scope.path)\(output.name) is not computed")
      }
      outputs.append(term)
    }
    return outputs
  }

  /// Bodies and functions in one another at most.
  private static let maximalDepth = 32

  private mutating func addNodes(_ graph: OnnxModel.Graph) throws(ModelError) {
    for index in try order(graph) { try add(index, in: graph.nodes) }
  }

  /// The nodes in an order in which every operand is defined before it is used.
  private func order(_ graph: OnnxModel.Graph) throws(ModelError) -> [Int] {
    let nodes = graph.nodes
    var producer: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard producer.updateValue(index, forKey: output) == nil else {
          throw .invalidModel(reason: "\(output) is defined twice")
        }
      }
    }
    var missing = [Int](repeating: 0, count: nodes.count)
    var waiting: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for input in node.read where producer[input] != nil || operand(input) == nil {
        guard producer[input] != nil else {
          // What only a body reads may be in a branch that is not taken.
          guard node.inputs.contains(input) else { continue }
          throw .invalidNode(
            node: name(index, in: nodes), op: node.op, reason: "\(input) is not defined")
        }
        missing[index] += 1
        waiting[input, default: []].append(index)
      }
    }
    var ready = missing.indices.filter { missing[$0] == 0 }
    var next = 0
    while next < ready.count {
      for output in nodes[ready[next]].outputs {
        for index in waiting[output] ?? [] {
          missing[index] -= 1
          if missing[index] == 0 { ready.append(index) }
        }
      }
      next += 1
    }
    guard ready.count == nodes.count else {
      let index = missing.firstIndex { $0 > 0 }!
      throw .invalidNode(
        node: name(index, in: nodes), op: nodes[index].op, reason: "it depends on itself")
    }
    return ready
  }

  private mutating func add(_ index: Int, in nodes: [OnnxModel.Node]) throws(ModelError) {
    let name = name(index, in: nodes)
    try count(name)
    let scope = scopes.last!
    let node = nodes[index].resolving(scope.attributes)
    let context = NodeContext(
      node: node, name: name, opset: scope.opset,
      operands: node.inputs.map { $0.isEmpty ? nil : operand($0) }, recorder: recorder)
    let before = recorder.graph.values.count
    let terms: [Term]
    let passed = function(of: node) == nil ? try context.passedLabels() : nil
    if let function = function(of: node) {
      terms = try call(function, context)
    } else if isControl(node) {
      try context.checkForm()
      terms = try control(context)
    } else if let translate = Operators.translation(node) {
      try context.checkForm()
      recorder.node = name
      terms = try context.translated(translate)
    } else {
      throw .unsupportedOperators([UnsupportedOperator(node: name, op: node.op)])
    }
    recorder.node = name
    for (place, output) in node.outputs.enumerated() where !output.isEmpty {
      guard place < terms.count else {
        throw context.error("output \(place) is not supported")
      }
      var term = try context.settled(terms[place])
      term.labels = terms[place].labels ?? passed
      term.missing = terms[place].missing
      if let value = term.variable, value >= before {
        recorder.rename(value, scope.path + output)
      }
      try define(output, term)
    }
  }

  private mutating func addOutputs() throws(ModelError) {
    guard !model.outputs.isEmpty else { throw .invalidModel(reason: "it has no outputs") }
    for output in model.outputs {
      guard let operand = operand(output.name) else {
        throw .invalidModel(reason: "output \(output.name) is not computed")
      }
      guard operand.count > 0 else {
        throw .invalidModel(reason: "output \(output.name) has no elements")
      }
      guard operand.missing == nil else {
        throw .invalidModel(reason: "a number of output \(output.name) may be missing (NaN)")
      }
      try recorder.addOutput(operand, name: output.name)
      labels.append(operand.labels)
    }
  }
}
