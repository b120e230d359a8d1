/// Turns the nodes of an ONNX graph into a typed graph with known shapes, folding constants on the way.
struct GraphBuilder {
  private let model: OnnxModel
  private let recorder = GraphRecorder()
  private var operands: [String: Term] = [:]

  /// - Parameters:
  ///   - shapes: shapes for inputs with dynamic dimensions, by input; nil leaves them to `counts` and batch 1.
  ///   - counts: element counts of the inputs, which fix one dynamic dimension each.
  /// - Throws: `unsupportedOperators` with all of them, `invalidNode`, `invalidModel`, `notFinite`.
  static func build(
    _ model: OnnxModel, shapes: [[Int]]?, counts: [Int]?
  ) throws(ModelError) -> Graph {
    var builder = GraphBuilder(model)
    try builder.checkOperators()
    try builder.addInitializers()
    try builder.addInputs(shapes: shapes, counts: counts)
    for index in try builder.order() { try builder.add(index) }
    try builder.addOutputs()
    return builder.recorder.graph.pruned()
  }

  private init(_ model: OnnxModel) {
    self.model = model
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

  private mutating func addInputs(shapes: [[Int]]?, counts: [Int]?) throws(ModelError) {
    let inputs = model.inputs.filter { operands[$0.name] == nil }
    guard !inputs.isEmpty else { throw .invalidModel(reason: "it has no inputs") }
    for found in [shapes?.count, counts?.count] {
      guard found ?? inputs.count == inputs.count else {
        throw .countMismatch(what: "inputs", expected: inputs.count, found: found!)
      }
    }
    for (index, input) in inputs.enumerated() {
      let shape = try InputShape.resolve(input, given: shapes?[index], count: counts?[index])
      let type = ElementType(rawValue: input.elementType) ?? .float
      try define(input.name, recorder.addInput(input.name, shape: shape, type: type))
    }
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
          throw .invalidNode(node: name(index), op: node.op, reason: "\(input) is not defined")
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
      if let value = terms[place].variable, value >= before { recorder.rename(value, output) }
      try define(output, terms[place])
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
