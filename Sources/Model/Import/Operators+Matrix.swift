extension Operators {
  /// Matrix products.
  static let matrices: [String: Translation] = [
    "MatMul": binary { (node, a, b) throws(ModelError) in try node.matmul(a, b) },
    "Gemm": binary(gemm), "Einsum": one(einsum), "Det": unary(determinant),
  ]

  /// The determinant of small matrices, by the minors of the first row.
  private static func determinant(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let size = x.shape.last ?? 0
    try node.require(
      x.shape.count >= 2 && x.shape[x.shape.count - 2] == size && (1...4).contains(size),
      "only square matrices of at most 4 rows are supported")
    let lead = Array(x.shape.dropLast(2))
    let matrices = x.reshaped([lead.reduce(1, *), size, size])
    func minor(_ rows: [Int], _ columns: [Int]) throws(ModelError) -> Term {
      func element(_ column: Int) throws(ModelError) -> Term {
        let row = try node.taken(matrices, axis: 1, [rows[0]], shape: [])
        return try node.taken(row, axis: 1, [column], shape: [])
      }
      if rows.count == 1 { return try element(columns[0]) }
      var terms: [Term] = []
      for column in columns {
        terms.append(
          try node.product(
            element(column), minor(Array(rows.dropFirst()), columns.filter { $0 != column })))
      }
      return try node.sum(terms, factors: terms.indices.map { $0 % 2 == 0 ? 1 : -1 })
    }
    let all = Array(0..<size)
    return try minor(all, all).reshaped(lead)
  }

  /// alpha * A' * B' + beta * C.
  static func gemm(_ node: NodeContext, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    try node.require(a.shape.count == 2 && b.shape.count == 2, "operands must be matrices")
    let transA = node.flag("transA")
    let transB = node.flag("transB")
    let (m, k) = transA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (inner, n) = transB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    try node.require(k == inner, "inner sizes \(k) and \(inner) differ")
    let alpha = try node.float("alpha", default: 1)
    let beta = try node.float("beta", default: 1)
    try node.checkedCount([m, n])
    let product = try node.matrixProduct(
      a, TensorShape.elements(shape: [m, k], strides: transA ? [1, m] : [k, 1]),
      b, TensorShape.elements(shape: [k, n], strides: transB ? [1, k] : [n, 1]),
      batch: 1, m: m, k: k, n: n, shape: [m, n])
    guard let c = node.optional(2), beta != 0 else {
      return alpha == 1 ? product : try node.scaled(product, by: alpha)
    }
    try node.require(
      TensorShape.broadcast(c.shape, [m, n]) == [m, n],
      "a bias of shape \(c.shape) does not fit [\(m), \(n)]")
    return try node.sum([product, c], factors: [alpha, beta])
  }
}

extension NodeContext {
  /// The matrix product as numpy.matmul has it, with batches and vectors.
  func matmul(_ a: Term, _ b: Term) throws(ModelError) -> Term {
    try require(!a.shape.isEmpty && !b.shape.isEmpty, "an operand is a scalar")
    let shapeA = a.shape.count == 1 ? [1] + a.shape : a.shape
    let shapeB = b.shape.count == 1 ? b.shape + [1] : b.shape
    let (m, k) = (shapeA[shapeA.count - 2], shapeA[shapeA.count - 1])
    let (inner, n) = (shapeB[shapeB.count - 2], shapeB[shapeB.count - 1])
    try require(k == inner, "inner sizes \(k) and \(inner) differ")
    let (leadA, leadB) = (Array(shapeA.dropLast(2)), Array(shapeB.dropLast(2)))
    guard let lead = TensorShape.broadcast(leadA, leadB) else {
      throw error("batch shapes \(leadA) and \(leadB) cannot be broadcast")
    }
    var shape = lead
    if a.shape.count > 1 { shape.append(m) }
    if b.shape.count > 1 { shape.append(n) }
    try checkedCount(lead + [m, k])
    try checkedCount(lead + [k, n])
    try checkedCount(shape)
    return try matrixProduct(
      a, TensorShape.broadcastElements(shapeA, to: lead + [m, k]),
      b, TensorShape.broadcastElements(shapeB, to: lead + [k, n]),
      batch: lead.reduce(1, *), m: m, k: k, n: n, shape: shape)
  }

  /// Products of matrices whose elements are those of `a` and `b` in the given order; nil elements are 0.
  func matrixProduct(
    _ a: Term, _ rows: [Int?], _ b: Term, _ columns: [Int?], batch: Int, m: Int, k: Int, n: Int,
    shape: [Int]
  ) throws(ModelError) -> Term {
    guard (a.constant == nil) == (b.constant == nil) else {
      return try matrixMap(a, rows, b, columns, batch: batch, m: m, k: k, n: n, shape: shape)
    }
    try require(k > 0, "the inner size is 0")
    let (count, overflow) = (batch * m * n).multipliedReportingOverflow(by: k)
    try require(
      !overflow && count <= 1 << 32,
      "needs more than the \(1 << 32) multiplications that a step may have; a smaller input needs fewer"
    )
    let left = try picking(rows, of: a, shape: [rows.count])
    let right = try picking(columns, of: b, shape: [columns.count])
    return try recorder.record(
      .matmul(batch: batch, m: m, k: k, n: n), [left, right], shape: shape, type: a.type)
  }

  /// A product where the numbers of one factor are known, so that it is an affine map of the other.
  private func matrixMap(
    _ a: Term, _ rows: [Int?], _ b: Term, _ columns: [Int?], batch: Int, m: Int, k: Int, n: Int,
    shape: [Int]
  ) throws(ModelError) -> Term {
    let isLeftVariable = a.constant == nil
    let numbers = (isLeftVariable ? b : a).constant!
    try require(numbers.allSatisfy(\.isFinite), "a factor is not a finite number")
    try checkEntries(batch * m * n, k, shared: true)
    let variable = isLeftVariable ? a : b
    var map = RealMap(inputCount: variable.count)
    map.reserve(rows: batch * m * n)
    for matrix in 0..<batch {
      // What the rows of the variable factor, or its columns, read; and the vectors of the constant one.
      let lefts = (0..<m).map { row in
        (0..<k).map { rows[(matrix * m + row) * k + $0] }
      }
      let rights = (0..<n).map { column in
        (0..<k).map { columns[(matrix * k + $0) * n + column] }
      }
      let vectors = (isLeftVariable ? rights : lefts).map { $0.map { $0.map { numbers[$0] } ?? 0 } }
      var product = VectorProducts(vectors, selections: isLeftVariable ? lefts : rights)
      for row in 0..<m {
        for column in 0..<n {
          if isLeftVariable {
            product.append(vector: column, selection: row, to: &map)
          } else {
            product.append(vector: row, selection: column, to: &map)
          }
        }
        let stored = map.matrix.storedCount
        guard stored <= RealMap.maximalStored else { throw recorder.tooMuch(stored) }
      }
    }
    return try affine(map, [variable], shape: shape, type: a.type)
  }
}
