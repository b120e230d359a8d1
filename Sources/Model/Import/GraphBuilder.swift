/// Turns the nodes of an ONNX graph into a typed graph with known shapes, folding constants on the way.
struct GraphBuilder {
  private let model: OnnxModel
  private var graph = Graph()
  private var operands: [String: Operand] = [:]

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
    return builder.graph.pruned()
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
    for (index, node) in model.nodes.enumerated() where !Operators.isSupported(node) {
      let standard = node.domain.isEmpty || node.domain == "ai.onnx"
      unsupported.append(
        UnsupportedOperator(
          node: name(index), op: standard ? node.op : "\(node.domain).\(node.op)"))
    }
    if !unsupported.isEmpty { throw .unsupportedOperators(unsupported) }
  }

  private mutating func addInitializers() throws(ModelError) {
    for tensor in model.initializers {
      try define(tensor.name, constant(tensor, name: tensor.name))
    }
  }

  private func constant(_ tensor: OnnxTensor, name: String) throws(ModelError) -> Operand {
    // The one infinity with a meaning is a clipping bound, and exporters write finite ones for it.
    if let element = tensor.values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, element: element)
    }
    return Operand(shape: tensor.shape, isInteger: tensor.isInteger, constant: tensor)
  }

  private mutating func define(_ name: String, _ operand: Operand) throws(ModelError) {
    guard operands.updateValue(operand, forKey: name) == nil else {
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
      let isInteger = ElementType(rawValue: input.elementType)?.isInteger ?? false
      let value = addValue(input.name, shape)
      graph.inputs.append(value)
      try define(input.name, Operand(shape: shape, isInteger: isInteger, value: value))
    }
  }

  private mutating func addValue(_ name: String, _ shape: [Int]) -> ValueID {
    graph.values.append(Graph.Value(name: name, shape: shape))
    return graph.values.count - 1
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
    let inputs = node.inputs.map { $0.isEmpty ? nil : operands[$0] }
    let context = NodeContext(
      node: node, name: name(index), opset: Int(model.opset), operands: inputs,
      isFolding: inputs.allSatisfy { $0?.value == nil })
    guard let output = node.outputs.first, !output.isEmpty else {
      throw context.error("it has no output")
    }
    if let folded = try ConstantFolding.fold(context) {
      try define(output, constant(folded, name: context.name))
      return
    }
    guard let translate = Operators.all[node.op] else {
      throw context.error("its operands must be constant")
    }
    let translation = try translate(context)
    var results: [ValueID] = []
    for (place, step) in translation.steps.enumerated() {
      let isLast = place == translation.steps.count - 1
      var sources: [ValueID] = []
      for input in step.inputs {
        switch input {
        case .operand(let index):
          guard let value = inputs[index]?.value else {
            throw context.error("operand \(index) must not be constant")
          }
          sources.append(value)
        case .step(let index): sources.append(results[index])
        }
      }
      try checkFinite(step.kind, context)
      results.append(addValue(isLast ? output : "\(output).\(place)", step.shape))
      graph.steps.append(
        Graph.Step(name: context.name, kind: step.kind, inputs: sources, output: results[place]))
    }
    let isInteger = node.op == "ArgMax" || inputs.allSatisfy { $0?.isInteger ?? true }
    let last = translation.steps.count - 1
    try define(
      output,
      Operand(
        shape: translation.steps[last].shape, isInteger: isInteger && node.op != "Cast",
        value: results[last]))
  }

  private func checkFinite(_ kind: Graph.Kind, _ context: NodeContext) throws(ModelError) {
    guard case .affine(let map) = kind else { return }
    try context.require(
      map.coefficients.allSatisfy(\.isFinite) && map.biases.allSatisfy(\.isFinite),
      "its coefficients overflow")
  }

  private mutating func addOutputs() throws(ModelError) {
    guard !model.outputs.isEmpty else { throw .invalidModel(reason: "it has no outputs") }
    var used = Set(graph.inputs)
    for output in model.outputs {
      guard let operand = operands[output.name] else {
        throw .invalidModel(reason: "output \(output.name) is not computed by a supported result")
      }
      guard let value = operand.value else {
        throw .invalidModel(reason: "output \(output.name) does not depend on the inputs")
      }
      guard !used.insert(value).inserted else {
        graph.outputs.append(value)
        continue
      }
      // The value is an input or another output already: this output is a copy of it.
      let copy = addValue(output.name, operand.shape)
      let map = RealMap.selecting(Array(0..<operand.count), of: operand.count)
      graph.steps.append(
        Graph.Step(name: output.name, kind: .affine(map), inputs: [value], output: copy))
      graph.outputs.append(copy)
    }
  }
}

/// Fixes the dynamic dimensions of an input.
enum InputShape {
  static func resolve(
    _ input: OnnxModel.Value, given: [Int]?, count: Int?
  ) throws(ModelError) -> [Int] {
    func invalid(_ reason: String) -> ModelError {
      .invalidModel(reason: "input \(input.name): \(reason)")
    }
    guard ElementType(rawValue: input.elementType) != nil else {
      throw invalid("element type \(input.elementType) is not supported")
    }
    guard let declared = input.shape ?? given.map({ $0.map(Int64.init) }) else {
      throw invalid("it declares no shape, and none is given")
    }
    var shape = declared.map { $0.map { Int(clamping: $0) } }
    if let given {
      guard given.count == shape.count,
        zip(given, shape).allSatisfy({ $0 > 0 && ($1 == nil || $0 == $1) })
      else { throw invalid("shape \(given) does not fit the declared one") }
      shape = given
    }
    if shape.first == .some(nil) { shape[0] = 1 }
    let open = shape.indices.filter { shape[$0] == nil }
    if open.count == 1, let count {
      let known = TensorShape.count(shape.compactMap { $0 }) ?? 0
      guard known > 0, count > 0, count % known == 0 else {
        throw invalid("\(count) elements do not fit its shape")
      }
      shape[open[0]] = count / known
    } else if !open.isEmpty {
      throw invalid("its shape has dynamic dimensions; give the shape")
    }
    let fixed = shape.compactMap { $0 }
    guard let total = TensorShape.count(fixed), total > 0 else {
      throw invalid("shape \(fixed) is too large or empty")
    }
    if let count, count != total {
      throw .countMismatch(what: "elements of input \(input.name)", expected: total, found: count)
    }
    return fixed
  }
}
