extension Operators {
  /// alpha * A' * B' + beta * C with the operand B constant or variable.
  static func gemm(_ node: NodeContext) throws(ModelError) -> Translation {
    let (a, b) = (try node.operand(0), try node.operand(1))
    try node.require(a.shape.count == 2 && b.shape.count == 2, "operands must be matrices")
    let transA = node.integer("transA", default: 0) != 0
    let transB = node.integer("transB", default: 0) != 0
    let (m, k) = transA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (inner, n) = transB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    try node.require(k == inner, "inner sizes \(k) and \(inner) differ")
    let alpha = try node.float("alpha", default: 1)
    let beta = try node.float("beta", default: 1)
    let stridesA = transA ? [1, m] : [k, 1]
    let stridesB = transB ? [1, k] : [n, 1]
    var translation = try matrixProduct(
      node, rows: TensorShape.elements(shape: [m, k], strides: stridesA),
      columns: TensorShape.elements(shape: [k, n], strides: stridesB), batch: 1, m: m, k: k, n: n,
      shape: [m, n])
    guard let c = node.optional(2), beta != 0 || alpha != 1 else {
      if alpha != 1 { appendSum(&translation, m * n, alpha: alpha, nil, shape: [m, n]) }
      return translation
    }
    try node.require(
      TensorShape.broadcast(c.shape, [m, n]) == [m, n],
      "a bias of shape \(c.shape) does not fit [\(m), \(n)]")
    let places = TensorShape.broadcastElements(c.shape, to: [m, n])
    if let numbers = try node.coefficients(2) {
      appendSum(
        &translation, m * n, alpha: alpha, .constant(places.map { beta * numbers[$0] }),
        shape: [m, n])
    } else {
      appendSum(&translation, m * n, alpha: alpha, .variable(beta, places, c.count), shape: [m, n])
    }
    return translation
  }

  private enum Addend {
    case constant([Double])
    case variable(Double, [Int], Int)
  }

  /// alpha * the last result + the addend, which is operand 2.
  private static func appendSum(
    _ translation: inout Translation, _ count: Int, alpha: Double, _ addend: Addend?, shape: [Int]
  ) {
    var sources: [Translation.Source] = [.step(translation.steps.count - 1)]
    var total = count
    if case .variable(_, _, let elements) = addend {
      sources.append(.operand(2))
      total += elements
    }
    var map = RealMap(inputCount: total)
    for element in 0..<count {
      map.add(element, alpha)
      var bias = 0.0
      switch addend {
      case .constant(let numbers): bias = numbers[element]
      case .variable(let beta, let places, _): map.add(count + places[element], beta)
      case nil: break
      }
      map.endRow(bias: bias)
    }
    translation.steps.append((.affine(map), sources, shape))
  }

  static func matmul(_ node: NodeContext) throws(ModelError) -> Translation {
    let (a, b) = (try node.operand(0), try node.operand(1))
    try node.require(!a.shape.isEmpty && !b.shape.isEmpty, "an operand is a scalar")
    let shapeA = a.shape.count == 1 ? [1] + a.shape : a.shape
    let shapeB = b.shape.count == 1 ? b.shape + [1] : b.shape
    let (m, k) = (shapeA[shapeA.count - 2], shapeA[shapeA.count - 1])
    let (inner, n) = (shapeB[shapeB.count - 2], shapeB[shapeB.count - 1])
    try node.require(k == inner, "inner sizes \(k) and \(inner) differ")
    let (leadA, leadB) = (Array(shapeA.dropLast(2)), Array(shapeB.dropLast(2)))
    guard let lead = TensorShape.broadcast(leadA, leadB) else {
      throw node.error("batch shapes \(leadA) and \(leadB) cannot be broadcast")
    }
    var shape = lead
    if a.shape.count > 1 { shape.append(m) }
    if b.shape.count > 1 { shape.append(n) }
    try node.checkedCount(lead + [m, k])
    try node.checkedCount(lead + [k, n])
    return try matrixProduct(
      node, rows: TensorShape.broadcastElements(shapeA, to: lead + [m, k]),
      columns: TensorShape.broadcastElements(shapeB, to: lead + [k, n]),
      batch: lead.reduce(1, *), m: m, k: k, n: n, shape: shape)
  }

  /// Products of matrices whose elements are taken from operands 0 and 1 in the given order.
  private static func matrixProduct(
    _ node: NodeContext, rows: [Int], columns: [Int], batch: Int, m: Int, k: Int, n: Int,
    shape: [Int]
  ) throws(ModelError) -> Translation {
    try node.checkedCount(shape)
    let constants = [try node.coefficients(0), try node.coefficients(1)]
    let variable = constants[0] == nil ? 0 : 1
    if let numbers = constants[1 - variable] {
      try node.checkEntries(batch * m * n, k)
      var map = RealMap(inputCount: try node.operand(variable).count)
      map.reserve(rows: batch * m * n, entries: batch * m * n * k)
      for matrix in 0..<batch {
        for row in 0..<m {
          for column in 0..<n {
            for inner in 0..<k {
              let left = rows[(matrix * m + row) * k + inner]
              let right = columns[(matrix * k + inner) * n + column]
              map.add(
                variable == 0 ? left : right, variable == 0 ? numbers[right] : numbers[left])
            }
            map.endRow()
          }
        }
      }
      return Translation(.affine(map), [.operand(variable)], shape: shape)
    }
    var translation = Translation()
    var factors: [Translation.Source] = []
    for (index, elements) in [rows, columns].enumerated() {
      let count = try node.operand(index).count
      if elements.elementsEqual(0..<count) {
        factors.append(.operand(index))
      } else {
        let map = RealMap.selecting(elements, of: count)
        factors.append(
          translation.then(.affine(map), [.operand(index)], shape: [elements.count]))
      }
    }
    translation.steps.append((.matmul(batch: batch, m: m, k: k, n: n), factors, shape))
    return translation
  }
}
