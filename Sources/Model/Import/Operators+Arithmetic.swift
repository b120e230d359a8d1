extension Operators {
  /// Sum of operands with signs, under broadcasting.
  static func sum(_ node: NodeContext, signs: [Double]) throws(ModelError) -> Translation {
    let (a, b) = (try node.operand(0), try node.operand(1))
    let shape = try broadcast(node, a, b)
    let layout = try OperandLayout(node, [0, 1])
    let elements = [a, b].map { TensorShape.broadcastElements($0.shape, to: shape) }
    var map = RealMap(inputCount: layout.inputCount)
    for element in 0..<(try node.checkedCount(shape)) {
      var bias = 0.0
      for operand in 0..<2 {
        let place = elements[operand][element]
        if let offset = layout.offsets[operand] {
          map.add(offset + place, signs[operand])
        } else {
          bias += signs[operand] * layout.constants[operand][place]
        }
      }
      map.endRow(bias: bias)
    }
    return Translation(.affine(map), layout.sources, shape: shape)
  }

  static func broadcast(
    _ node: NodeContext, _ a: Operand, _ b: Operand
  ) throws(ModelError) -> [Int] {
    guard let shape = TensorShape.broadcast(a.shape, b.shape) else {
      throw node.error("shapes \(a.shape) and \(b.shape) cannot be broadcast")
    }
    return shape
  }

  /// The first operand times a coefficient for each element.
  static func scaled(
    _ node: NodeContext, _ coefficient: (Int) -> Double
  ) throws(ModelError) -> Translation {
    let operand = try node.operand(0)
    var map = RealMap(inputCount: operand.count)
    for element in 0..<operand.count {
      map.add(element, coefficient(element))
      map.endRow()
    }
    return Translation(.affine(map), [.operand(0)], shape: operand.shape)
  }

  static func multiply(_ node: NodeContext) throws(ModelError) -> Translation {
    let operands = [try node.operand(0), try node.operand(1)]
    let shape = try broadcast(node, operands[0], operands[1])
    try node.checkedCount(shape)
    let elements = operands.map { TensorShape.broadcastElements($0.shape, to: shape) }
    for constant in 0..<2 {
      guard let numbers = try node.coefficients(constant) else { continue }
      let variable = 1 - constant
      return movement(
        elements[variable], coefficients: elements[constant].map { numbers[$0] },
        of: operands[variable].count, from: .operand(variable), shape: shape)
    }
    var translation = Translation()
    var factors: [Translation.Source] = []
    for operand in 0..<2 {
      if operands[operand].count == elements[operand].count {
        factors.append(.operand(operand))
      } else {
        let map = RealMap.selecting(elements[operand], of: operands[operand].count)
        factors.append(translation.then(.affine(map), [.operand(operand)], shape: shape))
      }
    }
    translation.steps.append((.product, factors, shape))
    return translation
  }

  static func divide(_ node: NodeContext) throws(ModelError) -> Translation {
    let (dividend, divisor) = (try node.operand(0), try node.operand(1))
    let shape = try broadcast(node, dividend, divisor)
    try node.checkedCount(shape)
    let numbers = try node.constant(1, "the divisor").values
    try node.require(!numbers.contains(0), "division by zero")
    let places = TensorShape.broadcastElements(divisor.shape, to: shape)
    return movement(
      TensorShape.broadcastElements(dividend.shape, to: shape),
      coefficients: places.map { 1 / numbers[$0] }, of: dividend.count, from: .operand(0),
      shape: shape)
  }

  /// A map that copies elements and scales each.
  private static func movement(
    _ elements: [Int], coefficients: [Double], of count: Int, from source: Translation.Source,
    shape: [Int]
  ) -> Translation {
    var map = RealMap(inputCount: count)
    map.reserve(rows: elements.count, entries: elements.count)
    for (element, coefficient) in zip(elements, coefficients) {
      map.add(element, coefficient)
      map.endRow()
    }
    return Translation(.affine(map), [source], shape: shape)
  }

  /// Inference form, per channel: (x - mean) / sqrt(variance + epsilon) * scale + bias.
  static func batchNormalization(_ node: NodeContext) throws(ModelError) -> Translation {
    let input = try node.operand(0)
    try node.require(input.shape.count >= 2, "needs an input of rank 2 or more")
    try node.require(node.integer("training_mode", default: 0) == 0, "training mode")
    let channels = input.shape[1]
    var parameters: [[Double]] = []
    for (index, what) in ["scale", "bias", "mean", "variance"].enumerated() {
      let list = try node.constant(index + 1, what).values
      try node.require(list.count == channels, "\(what) has \(list.count) of \(channels) elements")
      parameters.append(list)
    }
    let epsilon = try node.float("epsilon", default: 1e-5)
    try node.require(parameters[3].allSatisfy { $0 + epsilon > 0 }, "a variance is not positive")
    let factors = (0..<channels).map {
      parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot()
    }
    let inner = input.shape.dropFirst(2).reduce(1, *)
    var map = RealMap(inputCount: input.count)
    for element in 0..<input.count {
      let channel = element / inner % channels
      map.add(element, factors[channel])
      map.endRow(bias: parameters[1][channel] - parameters[2][channel] * factors[channel])
    }
    return Translation(.affine(map), [.operand(0)], shape: input.shape)
  }
}
