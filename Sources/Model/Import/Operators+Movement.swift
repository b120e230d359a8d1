extension Operators {
  /// The first operand's elements in another order or shape.
  private static func moved(
    _ node: NodeContext, _ elements: [Int?]? = nil, shape: [Int], fill: Double = 0
  ) throws(ModelError) -> Translation {
    let count = try node.checkedCount(shape)
    let input = try node.operand(0)
    if elements == nil {
      try node.require(
        count == input.count, "\(input.count) elements do not fit the shape \(shape)")
    }
    let map = RealMap.selecting(elements ?? Array(0..<count), of: input.count, fill: fill)
    return Translation(.affine(map), [.operand(0)], shape: shape)
  }

  static func copy(_ node: NodeContext) throws(ModelError) -> Translation {
    try moved(node, shape: node.operand(0).shape)
  }

  static func dropout(_ node: NodeContext) throws(ModelError) -> Translation {
    if let training = try node.optionalConstant(2, "training_mode") {
      try node.require(training.values.allSatisfy { $0 == 0 }, "training mode")
    }
    return try copy(node)
  }

  /// A cast that keeps every real number; whether it does is known from the element types.
  static func cast(_ node: NodeContext) throws(ModelError) -> Translation {
    guard let target = ElementType(rawValue: Int64(node.integer("to", default: 0))) else {
      throw node.error("casts to element type \(node.integer("to", default: 0))")
    }
    let input = try node.operand(0)
    try node.require(
      node.isFolding || !target.isInteger || input.isInteger,
      "a cast of real numbers to integers is not supported")
    return try copy(node)
  }

  static func flatten(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    let given = node.integer("axis", default: 1)
    let axis = given < 0 ? given &+ shape.count : given
    try node.require((0...shape.count).contains(axis), "axis \(given) does not fit \(shape)")
    return try moved(
      node, shape: [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)])
  }

  static func reshape(_ node: NodeContext) throws(ModelError) -> Translation {
    let input = try node.operand(0)
    var shape = try node.constant(1, "the shape").integers
    let keepsZero = node.integer("allowzero", default: 0) != 0
    for axis in shape.indices where shape[axis] == 0 && !keepsZero {
      try node.require(axis < input.shape.count, "shape \(shape) copies a missing dimension")
      shape[axis] = input.shape[axis]
    }
    let open = shape.indices.filter { shape[$0] == -1 }
    try node.require(open.count <= 1, "shape \(shape) leaves more than one dimension open")
    if let axis = open.first {
      shape[axis] = 1
      let rest = try node.checkedCount(shape)
      try node.require(
        rest > 0 && input.count % rest == 0, "\(input.count) elements do not fit \(shape)")
      shape[axis] = input.count / rest
    }
    return try moved(node, shape: shape)
  }

  static func squeeze(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    var axes = Set<Int>()
    if let given = try node.integers(attribute: "axes", orInput: 1) {
      for axis in given { axes.insert(try node.axis(axis, rank: shape.count)) }
    } else {
      axes = Set(shape.indices.filter { shape[$0] == 1 })
    }
    try node.require(
      axes.allSatisfy { shape[$0] == 1 }, "a squeezed dimension of \(shape) is not 1")
    return try moved(node, shape: shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
  }

  static func unsqueeze(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    guard let given = try node.integers(attribute: "axes", orInput: 1) else {
      throw node.error("axes are missing")
    }
    try node.require(given.count <= 64, "too many axes")
    let rank = shape.count + given.count
    var axes = Set<Int>()
    for axis in given { axes.insert(try node.axis(axis, rank: rank)) }
    try node.require(axes.count == given.count, "an axis is given twice")
    var rest = shape.makeIterator()
    return try moved(node, shape: (0..<rank).map { axes.contains($0) ? 1 : rest.next()! })
  }

  static func transpose(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    let order = node.integers("perm") ?? shape.indices.reversed()
    try node.require(
      order.sorted() == Array(shape.indices), "perm \(order) does not fit rank \(shape.count)")
    let strides = TensorShape.strides(shape)
    let target = order.map { shape[$0] }
    return try moved(
      node, TensorShape.elements(shape: target, strides: order.map { strides[$0] }), shape: target)
  }

  static func concat(_ node: NodeContext) throws(ModelError) -> Translation {
    let first = try node.operand(0).shape
    guard let given = node.attribute("axis")?.integer else { throw node.error("axis is missing") }
    let axis = try node.axis(Int(given), rank: first.count)
    var shape = first
    shape[axis] = 0
    var blocks: [Int] = []
    for index in node.operands.indices {
      let part = try node.operand(index).shape
      var rest = part
      let size = rest.count == first.count ? rest[axis] : 0
      if rest.count == first.count { rest[axis] = first[axis] }
      try node.require(rest == first, "shapes \(first) and \(part) do not fit along axis \(axis)")
      shape[axis] += size
      blocks.append(part[axis...].reduce(1, *))
    }
    let layout = try OperandLayout(node, Array(node.operands.indices))
    var map = RealMap(inputCount: layout.inputCount)
    try node.checkedCount(shape)
    for outer in 0..<first[..<axis].reduce(1, *) {
      for (index, block) in blocks.enumerated() {
        for place in outer * block..<(outer + 1) * block {
          if let offset = layout.offsets[index] {
            map.add(offset + place, 1)
            map.endRow()
          } else {
            map.endRow(bias: layout.constants[index][place])
          }
        }
      }
    }
    return Translation(.affine(map), layout.sources, shape: shape)
  }

  static func slice(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    guard let starts = try node.integers(attribute: "starts", orInput: 1),
      let ends = try node.integers(attribute: "ends", orInput: 2)
    else { throw node.error("starts or ends are missing") }
    let axes = try node.integers(attribute: "axes", orInput: 3) ?? Array(starts.indices)
    let steps =
      try node.optionalConstant(4, "steps")?.integers ?? [Int](repeating: 1, count: starts.count)
    try node.require(
      ends.count == starts.count && axes.count == starts.count && steps.count == starts.count,
      "starts, ends, axes and steps have different lengths")
    var (target, base) = (shape, 0)
    let own = TensorShape.strides(shape)
    var strides = own
    for (index, given) in axes.enumerated() {
      let axis = try node.axis(given, rank: shape.count)
      let (size, step) = (shape[axis], steps[index])
      try node.require(step != 0 && abs(Double(step)) <= 0x1p31, "an unusable step")
      func clamped(_ place: Int, _ limits: ClosedRange<Int>) -> Int {
        min(max(place < 0 ? place + size : place, limits.lowerBound), limits.upperBound)
      }
      if step > 0 {
        let (start, end) = (clamped(starts[index], 0...size), clamped(ends[index], 0...size))
        target[axis] = max(0, (end - start + step - 1) / step)
        base += start * own[axis]
      } else {
        let start = clamped(starts[index], -1...size - 1)
        let end = clamped(ends[index], -1...size - 1)
        target[axis] = max(0, (start - end - step - 1) / -step)
        base += start * own[axis]
      }
      strides[axis] = step * own[axis]
    }
    try node.checkedCount(target)
    return try moved(
      node, TensorShape.elements(shape: target, strides: strides, base: base), shape: target)
  }

  static func pad(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    let mode = node.attribute("mode")?.text ?? "constant"
    try node.require(mode == "constant", "mode \(mode) is not supported")
    guard let pads = try node.integers(attribute: "pads", orInput: 1) else {
      throw node.error("pads are missing")
    }
    let given = try node.optionalConstant(3, "axes")?.integers ?? Array(shape.indices)
    let limit = -TensorShape.maximalCount...TensorShape.maximalCount
    try node.require(
      pads.count == 2 * given.count && pads.allSatisfy(limit.contains),
      "pads \(pads) do not fit \(given.count) axes")
    var fill = try node.float("value", default: 0)
    if let given = try node.optionalConstant(2, "the padding value")?.values.first { fill = given }
    var before = [Int](repeating: 0, count: shape.count)
    var target = shape
    for (index, axis) in given.enumerated() {
      let axis = try node.axis(axis, rank: shape.count)
      before[axis] = pads[index]
      target[axis] = shape[axis] + pads[index] + pads[given.count + index]
      try node.require(target[axis] >= 0, "pads \(pads) remove more than there is")
    }
    try node.checkedCount(target)
    var elements: [Int?] = [0]
    for axis in shape.indices {
      elements = elements.flatMap { element in
        (0..<target[axis]).map { index in
          let place = index - before[axis]
          return (0..<shape[axis]).contains(place) ? element.map { $0 * shape[axis] + place } : nil
        }
      }
    }
    return try moved(node, elements, shape: target, fill: fill)
  }

  static func gather(_ node: NodeContext) throws(ModelError) -> Translation {
    let shape = try node.operand(0).shape
    let indices = try node.constant(1, "the indices")
    let axis = try node.axis(node.integer("axis", default: 0), rank: shape.count)
    let target = Array(shape[..<axis]) + indices.shape + Array(shape[(axis + 1)...])
    try node.checkedCount(target)
    let size = shape[axis]
    let places = indices.integers.map { $0 < 0 ? $0 &+ size : $0 }
    try node.require(
      places.allSatisfy((0..<size).contains), "an index is outside a dimension of \(size)")
    let inner = shape[(axis + 1)...].reduce(1, *)
    let elements = (0..<shape[..<axis].reduce(1, *)).flatMap { outer in
      places.flatMap { place in (0..<inner).map { (outer * size + place) * inner + $0 } }
    }
    return try moved(node, elements, shape: target)
  }
}
