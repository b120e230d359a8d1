import Algebra

/// `batch` products of an m x k by a k x n matrix, both inputs variable: each factor pair multiplied, or all results claimed
/// for a Freivalds check at a challenge.
struct Matmul: CheckableOperation, AccumulatingOperation {
  let batch: Int
  let m: Int
  let k: Int
  let n: Int

  var kind: IntegerOperation.Kind { .matmul(batch: batch, m: m, k: k, n: n) }
  var tag: OperationTag { .matmul }
  var arity: Int? { 2 }

  private static let maximalSize = 1 << 15

  func encode(into writer: inout CanonicalWriter) {
    for size in [batch, m, k, n] { writer.write(count: size) }
  }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    guard [batch, m, k, n].allSatisfy({ (1...Self.maximalSize).contains($0) }) else {
      return .failure(
        OperationMismatch(reason: "a matrix size is outside 1...\(Self.maximalSize)"))
    }
    let counts = inputs.map(\.count)
    return writes(
      batch * m * n, if: counts[0] == batch * m * k && counts[1] == batch * k * n,
      else: "factors have \(counts[0]) and \(counts[1]) elements, not \(batch * m * k) and "
        + "\(batch * k * n)")
  }

  // MARK: Meaning

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { products(inputs[0], inputs[1]) }

  func accumulate(_ inputs: [[Int64]]) -> [Int128] {
    products(inputs[0].map { Int128($0) }, inputs[1].map { Int128($0) })
  }

  private func products<Number: FixedWidthInteger>(_ a: [Number], _ b: [Number]) -> [Number] {
    var out = [Number](repeating: 0, count: batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for inner in 0..<k {
          let factor = a[(matrix * m + row) * k + inner]
          for column in 0..<n {
            out[(matrix * m + row) * n + column] &+= factor &* b[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return out
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    (Interval(inputs[0].range) * Interval(inputs[1].range)).times(Int128(k))
  }

  // MARK: Parts

  func tileable(_ elements: [Int]) -> [Int] {
    Block(of: elements, m: m, n: n).elements(m: m, n: n)
  }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let part = Block(of: elements, m: m, n: n)
    precondition(
      part.count == elements.count, "a tile of a matrix product is made of whole rows and columns")
    return .init(
      kind: .matmul(batch: part.matrices.count, m: part.rows.count, k: k, n: part.columns.count),
      reads: [
        part.matrices.flatMap { matrix in
          part.rows.flatMap { (matrix * m + $0) * k..<(matrix * m + $0 + 1) * k }
        },
        part.matrices.flatMap { matrix in
          (0..<k).flatMap { inner in part.columns.map { (matrix * k + inner) * n + $0 } }
        },
      ])
  }

  /// The same rows and columns of some matrices of a product, each list ascending.
  private struct Block {
    var matrices, rows, columns: [Int]
    var count: Int { matrices.count * rows.count * columns.count }

    /// The smallest block that holds these elements of `m` by `n` matrices.
    init(of elements: [Int], m: Int, n: Int) {
      var (rowIsIn, columnIsIn) = (
        [Bool](repeating: false, count: m), [Bool](repeating: false, count: n)
      )
      matrices = []
      for element in elements {
        if matrices.last != element / (m * n) { matrices.append(element / (m * n)) }
        rowIsIn[element / n % m] = true
        columnIsIn[element % n] = true
      }
      rows = rowIsIn.indices.filter { rowIsIn[$0] }
      columns = columnIsIn.indices.filter { columnIsIn[$0] }
    }

    func elements(m: Int, n: Int) -> [Int] {
      matrices.flatMap { matrix in
        rows.flatMap { row in columns.map { (matrix * m + row) * n + $0 } }
      }
    }
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    use.add(UInt32(n), toAll: inputs[0])
    use.add(UInt32(m), toAll: inputs[1])
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let (a, b) = (circuit.wires[inputs[0]], circuit.wires[inputs[1]])
    let values = circuit.values.map { ($0[inputs[0]], $0[inputs[1]]) }
    return sums(in: circuit) { [circuit] left, right in
      circuit.multiply(
        a[left], b[right], value: values.map { $0.0[left] &* $0.1[right] }
      ).combination
    }.map { Wire(combination: $0) }
  }

  func accumulate(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID]
  ) -> [LinearCombination] {
    let (a, b) = (circuit.wires[inputs[0]], circuit.wires[inputs[1]])
    return sums(in: circuit) { [builder = circuit.builder] left, right in
      builder.product(a[left].combination, b[right].combination)
    }
  }

  /// The entries of the products, made of the products of pairs of elements.
  private func sums(
    in circuit: ChunkCircuit, product: (Int, Int) -> LinearCombination
  ) -> [LinearCombination] {
    var result = [LinearCombination]()
    result.reserveCapacity(batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for column in 0..<n {
          circuit.builder.enter(element: result.count)
          var sum = LinearCombination()
          for inner in 0..<k {
            let left = (matrix * m + row) * k + inner
            let right = (matrix * k + inner) * n + column
            sum.add(product(left, right), times: .one)
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  func cost(_ site: OperationSite) -> OperationCost {
    // Checked at a challenge: factors and results are evaluated, and the results' bits hashed.
    let checked = k / m + k / n + 2 + site.resultBits * 560 / (8 * 252)
    return OperationCost(
      each: min(k, checked), plus: k <= checked ? k : 0, of: site.count)
  }

  // MARK: Checked at a challenge

  /// Claims all entries of the products.
  func emitChecked(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID, index: Int
  ) -> [Wire] {
    let claims = (0..<batch * m * n).map { circuit.claim(output, $0) }
    let (a, b) = (circuit.wires[inputs[0]], circuit.wires[inputs[1]])
    func matrix<Element>(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Element)
      -> [[Element]]
    {
      (0..<rows).map { row in (0..<columns).map { element(row, $0) } }
    }
    for number in 0..<batch {
      circuit.obligations.products.append(
        .init(
          operation: index,
          left: matrix(m, k) { a[(number * m + $0) * k + $1].combination },
          right: matrix(k, n) { b[(number * k + $0) * n + $1].combination },
          results: matrix(m, n) { claims[(number * m + $0) * n + $1] }))
    }
    return claims.map { Wire(combination: LinearCombination($0.variable)) }
  }

  func checkCosts(
    _ operation: IntegerOperation, in plan: ArgumentPlan
  ) -> (direct: ArgumentPlan.Size, checked: ArgumentPlan.Size)? {
    let constants = operation.inputs.map(plan.isConstant)
    let products = batch * m * k * n
    let isProduct = !constants[0] && !constants[1]
    let left = constants[0] ? m : k * (m - 1)
    let right = constants[1] ? n : k * (n - 1)
    let rows = batch * (left + right + m * n + k + 1)
    let entries = batch * k * ((constants[0] ? m : 0) + (constants[1] ? n : 0))
    return (
      .init(constraints: isProduct ? products : 0, entries: products * (isProduct ? 4 : 1)),
      .init(
        rows: rows, entries: entries, and: plan.bindingCost(operation.output, as: .element))
    )
  }
}

extension Matmul {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(
      batch: try reader.integer("batch", limit: Self.maximalSize),
      m: try reader.integer("matrix rows", limit: Self.maximalSize),
      k: try reader.integer("inner size", limit: Self.maximalSize),
      n: try reader.integer("matrix columns", limit: Self.maximalSize))
  }
}
