extension Operators {
  static func relu(_ node: NodeContext) throws(ModelError) -> Translation {
    Translation(.relu, [.operand(0)], shape: try node.operand(0).shape)
  }

  /// alpha * x + (1 - alpha) * max(x, 0).
  static func leakyRelu(_ node: NodeContext) throws(ModelError) -> Translation {
    let operand = try node.operand(0)
    let alpha = try node.float("alpha", default: 0.01)
    var map = RealMap(inputCount: 2 * operand.count)
    for element in 0..<operand.count {
      map.add(element, alpha)
      map.add(operand.count + element, 1 - alpha)
      map.endRow()
    }
    var translation = Translation(.relu, [.operand(0)], shape: operand.shape)
    translation.steps.append((.affine(map), [.operand(0), .step(0)], operand.shape))
    return translation
  }

  /// max(x, low) is low + relu(x - low), and min(x, high) is high - relu(high - x).
  static func clip(_ node: NodeContext) throws(ModelError) -> Translation {
    let operand = try node.operand(0)
    var bounds: [Double?] = [nil, nil]
    for (index, name) in ["min", "max"].enumerated() {
      if node.opset < 11 {
        bounds[index] = node.attribute(name)?.float.map(Double.init)
      } else if let tensor = try node.optionalConstant(index + 1, name) {
        try node.require(tensor.values.count == 1, "\(name) is not a scalar")
        bounds[index] = tensor.values[0]
      }
      // Exporters write the largest finite float where they mean no bound.
      if let bound = bounds[index], abs(bound) >= Double(Float.greatestFiniteMagnitude) {
        bounds[index] = nil
      }
    }
    if let low = bounds[0], let high = bounds[1] {
      try node.require(low <= high, "min exceeds max")
    }
    let (count, shape) = (operand.count, operand.shape)
    var translation = Translation()
    var last = Translation.Source.operand(0)
    if let low = bounds[0] {
      if low != 0 { last = translation.then(offset(count, 1, -low), [last], shape: shape) }
      last = translation.then(.relu, [last], shape: shape)
      if low != 0 { last = translation.then(offset(count, 1, low), [last], shape: shape) }
    }
    if let high = bounds[1] {
      last = translation.then(offset(count, -1, high), [last], shape: shape)
      last = translation.then(.relu, [last], shape: shape)
      last = translation.then(offset(count, -1, high), [last], shape: shape)
    }
    return translation.steps.isEmpty ? try copy(node) : translation
  }

  /// sign * x + bias for every element.
  private static func offset(_ count: Int, _ sign: Double, _ bias: Double) -> Graph.Kind {
    var map = RealMap(inputCount: count)
    for element in 0..<count {
      map.add(element, sign)
      map.endRow(bias: bias)
    }
    return .affine(map)
  }

  static func argMax(_ node: NodeContext) throws(ModelError) -> Translation {
    let operand = try node.operand(0)
    let axis = try node.axis(node.integer("axis", default: 0), rank: operand.shape.count)
    let strides = TensorShape.strides(operand.shape)
    var reduced = operand.shape
    reduced[axis] = 1
    let groups = TensorShape.elements(shape: reduced, strides: strides).map { first in
      (0..<operand.shape[axis]).map { first + $0 * strides[axis] }
    }
    if node.integer("keepdims", default: 1) == 0 { reduced.remove(at: axis) }
    let last = node.integer("select_last_index", default: 0) != 0
    return Translation(.argmax(groups: groups, last: last), [.operand(0)], shape: reduced)
  }
}
