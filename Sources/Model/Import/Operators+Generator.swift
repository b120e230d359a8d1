import Foundation

extension Operators {
  /// Operators whose result depends on attributes, shapes and known numbers only.
  static let generators: [String: Translation] = [
    "Constant": one(constant), "ConstantOfShape": one(constantOfShape), "Shape": unary(shape),
    "Size": unary { (_, x) throws(ModelError) in Term(Double(x.count), type: .int64) },
    "Range": one(range), "EyeLike": unary(eyeLike), "NonZero": one(nonZero),
    "HannWindow": window([0.5, 0.5]), "HammingWindow": window([25.0 / 46, 21.0 / 46]),
    "BlackmanWindow": window([0.42, 0.5, 0.08]),
  ]

  private static func constant(_ node: NodeContext) throws(ModelError) -> Term {
    let values = node.node.attributes.filter { !$0.name.hasPrefix("__") }
    try node.require(values.count == 1, "it holds \(values.count) values, not one")
    for attribute in values {
      switch attribute.name {
      case "value", "sparse_value":
        if let tensor = attribute.tensor { return try node.recorder.constant(tensor) }
        if let tensor = attribute.textTensor { return Term(tensor) }
      case "value_float":
        return Term(Double(attribute.float ?? 0))
      case "value_int":
        return Term(.integers([Int128(attribute.integer ?? 0)]), shape: [], type: .int64)
      case "value_floats":
        return Term(attribute.floats.map(Double.init), shape: [attribute.floats.count])
      case "value_ints":
        return Term(
          .integers(attribute.integers.map { Int128($0) }), shape: [attribute.integers.count],
          type: .int64)
      default: break
      }
    }
    throw node.error("it holds no tensor of numbers")
  }

  private static func constantOfShape(_ node: NodeContext) throws(ModelError) -> Term {
    let shape = try node.integers(0, "the shape")
    let fill = node.attribute("value")?.tensor
    let count = try node.checkedCount(shape)
    try node.recorder.accountFolded(shape)
    if let whole = fill?.integers?.first {
      return Term(
        .integers([Int128](repeating: whole, count: count)), shape: shape, type: fill!.type)
    }
    return Term(
      [Double](repeating: fill?.values.first ?? 0, count: count), shape: shape,
      type: fill?.type ?? .float)
  }

  private static func shape(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    func place(_ name: String, _ value: Int) -> Int {
      let given = node.integer(name, default: value)
      return Swift.min(
        Swift.max(given < 0 ? given &+ x.shape.count : given, 0), x.shape.count)
    }
    let (start, end) = (place("start", 0), place("end", x.shape.count))
    let part = start < end ? x.shape[start..<end].map(Double.init) : []
    return Term(part, shape: [part.count], type: .int64)
  }

  private static func range(_ node: NodeContext) throws(ModelError) -> Term {
    let start = try node.scalar(0, "the start")
    let limit = try node.scalar(1, "the limit")
    let step = try node.scalar(2, "the step")
    let count = ((limit - start) / step).rounded(.up)
    try node.require(
      count.isFinite && count <= Double(TensorShape.maximalCount),
      "the range from \(start) to \(limit) in steps of \(step) is unusable")
    let size = Int(Swift.max(0, count))
    try node.recorder.accountFolded([size])
    return Term(
      (0..<size).map { start + Double($0) * step }, shape: [size],
      type: try node.operand(0).type)
  }

  private static func eyeLike(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    try node.require(x.shape.count == 2, "needs a matrix")
    let diagonal = Swift.min(Swift.max(node.integer("k", default: 0), -1 << 25), 1 << 25)
    let columns = Swift.max(1, x.shape[1])
    try node.recorder.accountFolded(x.shape)
    let numbers = (0..<x.count).map { $0 % columns - $0 / columns == diagonal ? 1.0 : 0 }
    return Term(numbers, shape: x.shape, type: try node.type("dtype", default: x.type))
  }

  private static func nonZero(_ node: NodeContext) throws(ModelError) -> Term {
    let numbers = try node.constant(0, "the operand")
    let shape = try node.operand(0).shape
    let places = numbers.indices.filter { numbers[$0] != 0 }
    try node.recorder.accountFolded([shape.count, places.count], work: numbers.count)
    let strides = TensorShape.strides(shape)
    let rows = shape.indices.flatMap { axis in
      places.map { Double($0 / strides[axis] % shape[axis]) }
    }
    return Term(rows, shape: [shape.count, places.count], type: .int64)
  }

  /// Sum of (-1)^i * coefficient i * cos(2 pi i n / N).
  private static func window(_ coefficients: [Double]) -> Translation {
    one { (node) throws(ModelError) in
      let size = Int(clamping: try node.scalar(0, "the size"))
      try node.require((1...1 << 24).contains(size), "a size of \(size)")
      try node.recorder.accountFolded([size], work: 16 * size)
      let period = node.flag("periodic", default: true) ? size : size - 1
      let numbers = (0..<size).map { place in
        let angle = 2 * Double.pi * Double(place) / Double(Swift.max(period, 1))
        return coefficients.enumerated().reduce(0) { sum, term in
          let sign: Double = term.offset % 2 == 0 ? 1 : -1
          return sum + sign * term.element * cos(angle * Double(term.offset))
        }
      }
      return Term(
        numbers, shape: [size], type: try node.type("output_datatype", default: .float))
    }
  }
}
