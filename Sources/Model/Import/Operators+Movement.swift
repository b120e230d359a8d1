extension Operators {
  /// Movement of data to places that are known when the model is loaded; none of it costs anything.
  static let movements: [String: Translation] = [
    "Reshape": unary(reshape), "Flatten": unary(flatten), "Squeeze": unary(squeeze),
    "Unsqueeze": unary(unsqueeze), "Transpose": unary(transpose), "Concat": one(concat),
    "Split": split, "Slice": unary(slice), "Pad": unary(pad), "Expand": unary(expand),
    "Tile": unary(tile), "Trilu": unary(trilu), "DepthToSpace": unary(depthToSpace),
    "SpaceToDepth": unary(spaceToDepth), "ReverseSequence": unary(reverseSequence),
    "Compress": unary(compress),
  ]

  private static func flatten(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let given = node.integer("axis", default: 1)
    let axis = given < 0 ? given &+ x.shape.count : given
    try node.require((0...x.shape.count).contains(axis), "axis \(given) does not fit \(x.shape)")
    return x.reshaped([x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])
  }

  private static func reshape(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    var shape = try node.integers(1, "the shape")
    try node.require(shape.count <= 64, "too many dimensions")
    for axis in shape.indices where shape[axis] == 0 && !node.flag("allowzero") {
      try node.require(axis < x.shape.count, "shape \(shape) copies a missing dimension")
      shape[axis] = x.shape[axis]
    }
    let open = shape.indices.filter { shape[$0] == -1 }
    try node.require(open.count <= 1, "shape \(shape) leaves more than one dimension open")
    if let axis = open.first {
      shape[axis] = 1
      let rest = try node.checkedCount(shape)
      try node.require(rest > 0 && x.count % rest == 0, "\(x.count) elements do not fit \(shape)")
      shape[axis] = x.count / rest
    }
    let count = try node.checkedCount(shape)
    try node.require(count == x.count, "\(x.count) elements do not fit \(shape)")
    return x.reshaped(shape)
  }

  private static func squeeze(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    var axes = x.shape.indices.filter { x.shape[$0] == 1 }
    if let given = try node.integers(attribute: "axes", orInput: 1) {
      axes = try node.axes(given, rank: x.shape.count)
    }
    try node.require(
      axes.allSatisfy { x.shape[$0] == 1 }, "a squeezed dimension of \(x.shape) is not 1")
    return x.reshaped(TensorShape.reduced(x.shape, axes: axes, keeping: false))
  }

  private static func unsqueeze(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    guard let given = try node.integers(attribute: "axes", orInput: 1) else {
      throw node.error("axes are missing")
    }
    let rank = x.shape.count + min(given.count, 64)
    let axes = try node.axes(given, rank: rank)
    var rest = x.shape.makeIterator()
    return x.reshaped((0..<rank).map { axes.contains($0) ? 1 : rest.next()! })
  }

  private static func transpose(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let order = node.integers("perm") ?? x.shape.indices.reversed()
    try node.require(
      order.sorted() == Array(x.shape.indices), "perm \(order.prefix(8)) does not fit \(x.shape)")
    return try node.transposed(x, order)
  }

  private static func concat(_ node: NodeContext) throws(ModelError) -> Term {
    let parts = try node.allOperands()
    guard let given = node.attribute("axis")?.integer else { throw node.error("axis is missing") }
    return try node.concatenated(parts, axis: node.axis(Int(given), rank: parts[0].shape.count))
  }

  private static func split(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    let axis = try node.axis(default: 0, rank: x.shape.count)
    let size = x.shape[axis]
    var sizes: [Int]
    if let given = try node.integers(attribute: "split", orInput: 1) {
      sizes = given
    } else {
      let count = node.integer("num_outputs", default: node.node.outputs.count)
      try node.require((1...1 << 16).contains(count), "it has \(count) outputs")
      let most = (size + count - 1) / count
      sizes = (0..<count).map { max(0, min(most, size - $0 * most)) }
    }
    try node.require(
      sizes.allSatisfy((0...size).contains) && sizes.count <= 1 << 16
        && sizes.reduce(0, +) == size,
      "parts of sizes \(sizes.prefix(8)) do not make up \(size)")
    var parts: [Term] = []
    var start = 0
    for size in sizes {
      parts.append(try node.sliced(x, axis: axis, start..<start + size))
      start += size
    }
    return parts
  }

  private static func slice(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    guard let starts = try node.integers(attribute: "starts", orInput: 1),
      let ends = try node.integers(attribute: "ends", orInput: 2)
    else { throw node.error("starts or ends are missing") }
    let given = try node.integers(attribute: "axes", orInput: 3) ?? Array(starts.indices)
    let axes = try node.axes(given, rank: x.shape.count)
    let steps =
      node.optional(4) == nil
      ? [Int](repeating: 1, count: starts.count) : try node.integers(4, "steps")
    try node.require(
      ends.count == starts.count && axes.count == starts.count && steps.count == starts.count,
      "starts, ends, axes and steps have different lengths")
    var (target, base) = (x.shape, 0)
    let own = TensorShape.strides(x.shape)
    var strides = own
    for (index, axis) in axes.enumerated() {
      // A step beyond every size takes one element, whatever it is.
      let (size, step) = (x.shape[axis], min(max(steps[index], -1 << 31), 1 << 31))
      try node.require(step != 0, "a step is 0")
      func clamped(_ place: Int, _ limits: ClosedRange<Int>) -> Int {
        min(max(place < 0 ? place + size : place, limits.lowerBound), limits.upperBound)
      }
      guard size > 0 else { continue }
      let limits = step > 0 ? 0...size : -1...size - 1
      let (start, end) = (clamped(starts[index], limits), clamped(ends[index], limits))
      target[axis] =
        step > 0
        ? max(0, (end - start + step - 1) / step) : max(0, (start - end - step - 1) / -step)
      if target[axis] > 0 { base += start * own[axis] }
      strides[axis] = step * own[axis]
    }
    return try node.picking(
      TensorShape.elements(shape: target, strides: strides, base: base), of: x, shape: target)
  }

  private static func pad(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let shape = x.shape
    let mode = node.text("mode", default: "constant")
    guard let pads = try node.integers(attribute: "pads", orInput: 1) else {
      throw node.error("pads are missing")
    }
    let given = node.optional(3) == nil ? Array(shape.indices) : try node.integers(3, "axes")
    let axes = try node.axes(given, rank: shape.count)
    try node.require(
      pads.count == 2 * axes.count && pads.allSatisfy { abs(Double($0)) <= 0x1p24 },
      "pads \(pads.prefix(8)) do not fit \(axes.count) axes")
    var fill = 0.0
    if node.opset < 11 {
      fill = try node.float("value", default: 0)
    } else if node.optional(2) != nil {
      fill = try node.scalar(2, "the padding value")
    }
    var ranges = shape.map { 0..<$0 }
    for (index, axis) in axes.enumerated() {
      let start = -pads[index]
      ranges[axis] = start..<max(start, shape[axis] + pads[axes.count + index])
    }
    let target = ranges.map(\.count)
    try node.checkedCount(target)
    guard let padding = Padding(rawValue: mode),
      padding == .constant || !shape.contains(0)
    else { throw node.error("mode \(mode) is not supported here") }
    // Whether what is cut off is repeated is not what runtimes agree about.
    try node.require(
      padding == .constant || pads.allSatisfy { $0 >= 0 },
      "mode \(mode) with a negative pad is not supported; cut with Slice first")
    let places = shape.indices.map { axis in
      ranges[axis].map { padding.source($0, shape[axis]) }
    }
    var elements: [Int?] = [0]
    for axis in shape.indices {
      elements = elements.flatMap { element in
        places[axis].map { place in
          guard let element, let place else { return nil }
          return element * shape[axis] + place
        }
      }
    }
    return try node.picking(elements, of: x, shape: target, fill: fill)
  }

  private static func expand(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let shape = try node.integers(1, "the shape")
    try node.checkedCount(shape)
    return try node.expanded(x, to: node.broadcast([x.shape, shape]))
  }

  private static func tile(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let repeats = try node.integers(1, "the repeats")
    try node.require(
      repeats.count == x.shape.count && repeats.allSatisfy((0...1 << 24).contains),
      "repeats \(repeats.prefix(8)) do not fit \(x.shape)")
    let target = zip(x.shape, repeats).map { $0 * $1 }
    try node.checkedCount(target)
    // Every axis is split in the repetition, which moves nothing, and the place.
    let own = TensorShape.strides(x.shape)
    let shape = zip(repeats, x.shape).flatMap { [$0, $1] }
    let strides = own.flatMap { [0, $0] }
    return try node.picking(
      TensorShape.elements(shape: shape, strides: strides), of: x, shape: target)
  }

  private static func trilu(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    try node.require(x.shape.count >= 2, "needs a matrix")
    let diagonal =
      node.optional(1) == nil ? 0 : Int(clamping: try node.scalar(1, "the diagonal"))
    let bounded = min(max(diagonal, -1 << 25), 1 << 25)
    let columns = x.shape[x.shape.count - 1]
    let rows = x.shape[x.shape.count - 2]
    let isUpper = node.flag("upper", default: true)
    let elements: [Int?] = (0..<x.count).map { element in
      let (row, column) = (element / columns % rows, element % columns)
      return (isUpper ? column - row >= bounded : column - row <= bounded) ? element : nil
    }
    return try node.picking(elements, of: x, shape: x.shape)
  }

  private static func depthToSpace(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let block = node.integer("blocksize", default: 0)
    try node.require(
      x.shape.count == 4 && (1...1 << 12).contains(block) && x.shape[1] % (block * block) == 0,
      "blocks of \(block) do not fit \(x.shape)")
    let (batch, depth) = (x.shape[0], x.shape[1] / (block * block))
    let (height, width) = (x.shape[2], x.shape[3])
    let isColumnFirst = node.text("mode", default: "DCR") == "CRD"
    let split =
      isColumnFirst
      ? [batch, depth, block, block, height, width] : [batch, block, block, depth, height, width]
    let order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    return try node.transposed(x.reshaped(split), order)
      .reshaped([batch, depth, height * block, width * block])
  }

  private static func spaceToDepth(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let block = node.integer("blocksize", default: 0)
    try node.require(
      x.shape.count == 4 && (1...1 << 12).contains(block) && x.shape[2] % block == 0
        && x.shape[3] % block == 0, "blocks of \(block) do not fit \(x.shape)")
    let (batch, depth) = (x.shape[0], x.shape[1])
    let (height, width) = (x.shape[2] / block, x.shape[3] / block)
    let isColumnFirst = node.text("mode", default: "DCR") == "CRD"
    return try node.transposed(
      x.reshaped([batch, depth, height, block, width, block]),
      isColumnFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    ).reshaped([batch, depth * block * block, height, width])
  }

  private static func reverseSequence(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let lengths = try node.integers(1, "the lengths")
    let (time, batch) = (
      node.integer("time_axis", default: 0), node.integer("batch_axis", default: 1)
    )
    try node.require(
      x.shape.count >= 2 && [[0, 1], [1, 0]].contains([time, batch])
        && lengths.count == x.shape[batch]
        && lengths.allSatisfy { (0...x.shape[time]).contains($0) },
      "lengths and axes do not fit \(x.shape)")
    let strides = TensorShape.strides(x.shape)
    let elements = (0..<x.count).map { element in
      let place = element / strides[time] % x.shape[time]
      let length = lengths[element / strides[batch] % x.shape[batch]]
      return place < length ? element + (length - 1 - 2 * place) * strides[time] : element
    }
    return try node.picking(elements, of: x, shape: x.shape)
  }

  private static func compress(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let kept = try node.constant(1, "the condition")
    let given = node.attribute("axis")?.integer.map(Int.init)
    let source = given == nil ? x.reshaped([x.count]) : x
    let axis = try node.axis(given ?? 0, rank: source.shape.count)
    let places = kept.indices.filter { kept[$0] != 0 }
    try node.require(
      places.allSatisfy { $0 < source.shape[axis] }, "the condition exceeds axis \(axis)")
    return try node.taken(source, axis: axis, places, shape: [places.count])
  }
}

/// What stands outside a padded tensor.
private enum Padding: String {
  case constant, edge, reflect, wrap

  /// The place inside 0 ..< size that stands at a place; nil for the fill value.
  func source(_ place: Int, _ size: Int) -> Int? {
    if (0..<size).contains(place) { return place }
    switch self {
    case .constant: return nil
    case .edge: return place < 0 ? 0 : size - 1
    case .wrap: return ((place % size) + size) % size
    case .reflect:
      guard size > 1 else { return 0 }
      let period = 2 * (size - 1)
      let inside = ((place % period) + period) % period
      return inside < size ? inside : period - inside
    }
  }
}

extension NodeContext {
  func transposed(_ x: Term, _ order: [Int]) throws(ModelError) -> Term {
    let strides = TensorShape.strides(x.shape)
    let target = order.map { x.shape[$0] }
    return try picking(
      TensorShape.elements(shape: target, strides: order.map { strides[$0] }), of: x,
      shape: target)
  }

  func concatenated(_ parts: [Term], axis: Int) throws(ModelError) -> Term {
    let first = parts[0].shape
    var shape = first
    shape[axis] = 0
    var starts: [Int] = []
    var total = 0
    for part in parts {
      var rest = part.shape
      if rest.count == first.count { rest[axis] = first[axis] }
      try require(rest == first, "shapes \(first) and \(part.shape) do not fit along axis \(axis)")
      shape[axis] += part.shape[axis]
      starts.append(total)
      total += part.count
    }
    let count = try checkedCount(shape)
    var order: [Int] = []
    order.reserveCapacity(count)
    for outer in 0..<(count == 0 ? 0 : first[..<axis].reduce(1, *)) {
      for (part, start) in zip(parts, starts) {
        let block = part.shape[axis...].reduce(1, *)
        order += start + outer * block..<start + (outer + 1) * block
      }
    }
    return try picking(order, of: parts, shape: shape).typed(parts[0].type)
  }

  /// The part of a term along an axis.
  func sliced(_ x: Term, axis: Int, _ range: Range<Int>) throws(ModelError) -> Term {
    try taken(x, axis: axis, Array(range), shape: [range.count])
  }

  /// The entries at known places along an axis, in a shape that takes the axis's stead.
  func taken(
    _ x: Term, axis: Int, _ places: [Int], shape: [Int]
  ) throws(ModelError) -> Term {
    let target = Array(x.shape[..<axis]) + shape + Array(x.shape[(axis + 1)...])
    try checkedCount(target)
    let (size, inner) = (x.shape[axis], x.shape[(axis + 1)...].reduce(1, *))
    try require(
      places.allSatisfy((0..<size).contains), "a place is outside a dimension of \(size)")
    let elements = (0..<x.shape[..<axis].reduce(1, *)).flatMap { outer in
      places.flatMap { place in (0..<inner).map { (outer * size + place) * inner + $0 } }
    }
    return try picking(elements, of: x, shape: target)
  }
}
