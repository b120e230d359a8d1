/// Evaluates nodes whose result is known when the model is loaded.
enum ConstantFolding {
  /// The node's result, or nil if it depends on the model's inputs.
  static func fold(_ node: NodeContext) throws(ModelError) -> OnnxTensor? {
    switch node.node.op {
    case "Constant": return try constant(node)
    case "Shape": return try shape(node)
    case "ConstantOfShape": return try constantOfShape(node)
    default: break
    }
    guard node.isFolding, let translate = Operators.all[node.node.op] else { return nil }
    let translation = try translate(node)
    var results: [[Double]] = []
    for step in translation.steps {
      var inputs: [[Double]] = []
      for source in step.inputs {
        switch source {
        case .operand(let index):
          inputs.append(try node.constant(index, "input \(index)").values)
        case .step(let index):
          inputs.append(results[index])
        }
      }
      results.append(step.kind.evaluate(inputs))
    }
    guard var values = results.last, let shape = translation.steps.last?.shape else { return nil }
    let integer = isInteger(node)
    if node.node.op == "Div", integer {
      values = try quotients(node, shape: shape)
    } else if integer {
      values = values.map { $0.rounded(.towardZero) }
    }
    return OnnxTensor(shape: shape, values: values, isInteger: integer)
  }

  private static func isInteger(_ node: NodeContext) -> Bool {
    switch node.node.op {
    case "Cast":
      ElementType(rawValue: Int64(node.integer("to", default: 1)))?.isInteger ?? false
    case "ArgMax": true
    default: node.optional(0)?.isInteger ?? false
    }
  }

  /// Integer division truncates, which a product with the reciprocal would not do exactly.
  private static func quotients(
    _ node: NodeContext, shape: [Int]
  ) throws(ModelError) -> [Double] {
    let operands = [try node.constant(0, "the dividend"), try node.constant(1, "the divisor")]
    let elements = operands.map { TensorShape.broadcastElements($0.shape, to: shape) }
    return zip(elements[0], elements[1]).map {
      (operands[0].values[$0] / operands[1].values[$1]).rounded(.towardZero)
    }
  }

  private static func constant(_ node: NodeContext) throws(ModelError) -> OnnxTensor {
    for attribute in node.node.attributes {
      switch attribute.name {
      case "value":
        if let tensor = attribute.tensor { return tensor }
      case "value_float":
        return OnnxTensor(shape: [], values: [Double(attribute.float ?? 0)], isInteger: false)
      case "value_int":
        return OnnxTensor(shape: [], values: [Double(attribute.integer ?? 0)], isInteger: true)
      case "value_floats":
        let values = attribute.floats.map(Double.init)
        return OnnxTensor(shape: [values.count], values: values, isInteger: false)
      case "value_ints":
        let values = attribute.integers.map(Double.init)
        return OnnxTensor(shape: [values.count], values: values, isInteger: true)
      default: break
      }
    }
    throw node.error("it holds no tensor of numbers")
  }

  private static func shape(_ node: NodeContext) throws(ModelError) -> OnnxTensor {
    let shape = try node.operand(0).shape
    func place(_ name: String, _ value: Int) -> Int {
      let given = node.integer(name, default: value)
      return min(max(given < 0 ? given &+ shape.count : given, 0), shape.count)
    }
    let (start, end) = (place("start", 0), place("end", shape.count))
    let part = start < end ? shape[start..<end].map(Double.init) : []
    return OnnxTensor(shape: [part.count], values: part, isInteger: true)
  }

  private static func constantOfShape(_ node: NodeContext) throws(ModelError) -> OnnxTensor {
    let shape = try node.constant(0, "the shape").integers
    let fill = node.attribute("value")?.tensor
    guard let count = TensorShape.count(shape) else {
      throw node.error("a result of shape \(shape) is too large")
    }
    return OnnxTensor(
      shape: shape, values: [Double](repeating: fill?.values.first ?? 0, count: count),
      isInteger: fill?.isInteger ?? false)
  }
}
