import Algebra
import Synchronization

/// A constraint system with its place in the protocol: domains, circuit id, index polynomials.
public final class IndexedCircuit: Sendable {
  /// The constraint system.
  public let r1cs: R1CS
  /// Its domain sizes.
  public let shape: CircuitShape
  /// The circuit id: Blake2s-256 of the encoded constraint system, 32 bytes.
  public let id: [UInt8]
  /// The place on the domain C of each variable.
  public let positions: [UInt32]
  private let indices: Mutex<[MatrixIndex?]>

  /// Computes the id; the index polynomials are computed when first asked for.
  public init(_ r1cs: R1CS, threads: Int = 1) throws(VarunaError) {
    self.r1cs = r1cs
    shape = try CircuitShape(r1cs)
    let shape = shape
    positions = (0..<r1cs.variableCount).map {
      UInt32(Self.position(of: $0, X: shape.X, C: shape.C))
    }
    var hash = Blake2s()
    r1cs.forEachEncodedPiece { hash.update($0) }
    id = hash.finalize()
    indices = Mutex([nil, nil, nil])
  }

  /// The index in C of a variable: X is every (|C|/|X|)-th element, private variables fill the gaps.
  public static func position(of variable: Int, X: Int, C: Int) -> Int {
    let ratio = C / X
    guard variable >= X else { return variable * ratio }
    let i = variable - X
    return i + i / (ratio - 1) + 1
  }

  /// An assignment laid out on the domain C.
  public func assignmentValues(_ z: [Fr]) -> [Fr] {
    precondition(z.count == r1cs.variableCount)
    var values = [Fr](repeating: .zero, count: shape.C)
    for (variable, position) in positions.enumerated() { values[Int(position)] = z[variable] }
    return values
  }

  /// The index polynomials of a matrix; computed once and kept.
  public func index(_ matrix: Matrix, threads: Int = 1) -> MatrixIndex {
    if let known = indices.withLock({ $0[matrix.rawValue] }) { return known }
    let computed = MatrixIndex(self, matrix, threads: threads)
    return indices.withLock { stored in
      if let known = stored[matrix.rawValue] { return known }
      stored[matrix.rawValue] = computed
      return computed
    }
  }

  /// Forgets the index polynomials, which take 128 bytes per element of each K.
  public func dropIndex() {
    indices.withLock { $0 = [nil, nil, nil] }
  }

  /// The verifying key: twelve commitments of |K| coefficients.
  public func verifyingKey(_ srs: SRS, threads: Int = 1) throws(VarunaError) -> VerifyingKey {
    var commitments: [G1] = []
    for polynomial in VerifyingKey.Polynomial.allCases {
      for matrix in Matrix.allCases {
        let coefficients = index(matrix, threads: threads)[polynomial]
        commitments.append(try KZG.commit(srs, coefficients, threads: threads))
      }
    }
    let counts = r1cs.counts.map { UInt64($0) }
    return VerifyingKey(
      publicCount: counts[0], variableCount: counts[1], constraintCount: counts[2],
      nonzeros: Array(counts[3...]), commitments: G1.batchAffine(commitments), circuitID: id,
      informational: counts[1])
  }

  /// M(alpha, X) on the domain C: sum over rows r of L_r(alpha) times the row, one value per position.
  public func rowValues(_ matrix: Matrix, lagrangeAtAlpha lagrange: [Fr]) -> [Fr] {
    let sparse = r1cs.matrices[matrix.rawValue]
    precondition(lagrange.count >= sparse.rowCount)
    var values = [Fr](repeating: .zero, count: shape.C)
    for row in 0..<sparse.rowCount {
      for k in sparse.rowStarts[row]..<sparse.rowStarts[row + 1] {
        values[Int(positions[Int(sparse.variables[k])])] += sparse.coefficients[k] * lagrange[row]
      }
    }
    return values
  }

  /// Every entry times the factors of its row and of its place on C, in the order of the entries.
  func entryValues(_ matrix: Matrix, rows: [Fr], columns: [Fr], threads: Int) -> [Fr] {
    let sparse = r1cs.matrices[matrix.rawValue]
    precondition(rows.count >= sparse.rowCount && columns.count == shape.C)
    return [Fr](unsafeUninitializedCapacity: sparse.nonzeros) { buffer, count in
      nonisolated(unsafe) let base = buffer.baseAddress!
      Parallel.forRanges(sparse.rowCount, threads: threads) { range in
        for row in range {
          for k in sparse.rowStarts[row]..<sparse.rowStarts[row + 1] {
            let column = columns[Int(positions[Int(sparse.variables[k])])]
            (base + k).initialize(to: sparse.coefficients[k] * rows[row] * column)
          }
        }
      }
      count = sparse.nonzeros
    }
  }

  /// M(alpha, beta), from the matrix itself; nil if alpha lies in R or beta in C.
  public func evaluate(_ matrix: Matrix, alpha: Fr, beta: Fr) -> Fr? {
    guard let rows = Domain(size: shape.R).lagrange(at: alpha),
      let columns = Domain(size: shape.C).lagrange(at: beta)
    else { return nil }
    return zip(rowValues(matrix, lagrangeAtAlpha: rows), columns).reduce(.zero) {
      $0 + $1.0 * $1.1
    }
  }
}
