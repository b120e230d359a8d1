import Algebra

/// The constants of one Poseidon permutation with capacity 1, S-box x^17, 8 full and 31 partial rounds.
///
/// The state has `rate + 1` elements, the capacity element first. All constants come from the Grain
/// generator; `PoseidonInstances` holds those that Aleo uses.
public struct PoseidonParameters<F: PrimeField>: Sendable {
  /// Number of elements absorbed or squeezed per permutation.
  public let rate: Int
  /// One row of `width` constants per round, `fullRounds + partialRounds` rows.
  public let roundConstants: [[F]]
  /// The matrix of the linear layer: new[i] = sum over j of mds[i][j] old[j].
  public let mds: [[F]]
  /// The partial rounds in an equivalent form with sparse matrices.
  public let partial: PoseidonPartialRounds<F>

  /// The linear layer of the last full round before the partial ones, merged with what they need first.
  let mergedMatrix: [[F]]

  /// Number of state elements.
  public var width: Int { rate + 1 }
  /// Rounds with an S-box on every element, half of them before the partial rounds.
  public static var fullRounds: Int { 8 }
  /// Rounds with an S-box on element 0 only.
  public static var partialRounds: Int { 31 }

  /// Derives the constants for a rate of at least 1.
  public init(rate: Int) {
    precondition(rate >= 1)
    let width = rate + 1
    var generator = GrainLFSR(
      modulusBits: F.bitCount, width: width, fullRounds: Self.fullRounds,
      partialRounds: Self.partialRounds)
    let rounds = Self.fullRounds + Self.partialRounds
    roundConstants = (0..<rounds).map { _ in (0..<width).map { _ in generator.element(F.self) } }
    let xs = (0..<width).map { _ in generator.reducedElement(F.self) }
    let ys = (0..<width).map { _ in generator.reducedElement(F.self) }
    var entries = xs.flatMap { x in ys.map { y in x + y } }
    batchInvert(&entries)
    mds = (0..<width).map { Array(entries[$0 * width..<($0 + 1) * width]) }
    self.rate = rate
    partial = PoseidonPartialRounds(
      constants: Array(roundConstants.dropFirst(Self.fullRounds / 2).prefix(Self.partialRounds)),
      mds: mds)
    mergedMatrix = SquareMatrix.product(partial.preMatrix, mds)
  }
}

/// Poseidon's partial rounds with one constant and 2 width - 1 multiplications per round.
///
/// Because the S-box of a partial round touches element 0 only, the other constants can be moved to a
/// later round, and the part of the matrix that does not mix with element 0 to an earlier one
/// (Poseidon paper, appendix B). Equivalent to the plain rounds:
///
///     s := preMatrix s;   per round:  y = (s_0 + constants[r])^17,
///                                     s_0 := corner y + sum row[r][i] s_i,   s_i := s_i + column[r][i] y
///     s := s + after
public struct PoseidonPartialRounds<F: PrimeField>: Sendable {
  /// Applied once before the first partial round; its first row and column are those of the identity.
  public let preMatrix: [[F]]
  /// What is added to element 0 in each round.
  public let constants: [F]
  /// The factor of the S-box output in the new element 0.
  public let corner: F
  /// Per round the factors of elements 1... in the new element 0.
  public let rows: [[F]]
  /// Per round the factors of the S-box output in the new elements 1....
  public let columns: [[F]]
  /// What is added to the state after the last partial round.
  public let after: [F]

  init(constants full: [[F]], mds: [[F]]) {
    let width = mds.count
    // Constants of elements 1... pass the S-box unchanged and leave the round through the matrix.
    var scalars: [F] = []
    var moved = [F](repeating: .zero, count: width)
    for round in full {
      let sum = zip(round, moved).map { $0 + $1 }
      scalars.append(sum[0])
      moved = mds.map { row in
        zip(row, sum).dropFirst().reduce(F.zero) { $0 + $1.0 * $1.1 }
      }
    }
    // M = A diag(1, N) with A = [[m_00, v N^-1], [w, 1]]: diag(1, N) commutes with the S-box, so it is
    // multiplied into the matrix of the round before. From the last round to the first.
    var matrix = mds
    var border = mds
    var rows: [[F]] = []
    var columns: [[F]] = []
    for _ in full {
      let minor = matrix.dropFirst().map { Array($0.dropFirst()) }
      let top = [Array(matrix[0].dropFirst())]
      rows.append(SquareMatrix.product(top, SquareMatrix.inverse(minor))[0])
      columns.append(matrix.dropFirst().map { $0[0] })
      border = SquareMatrix.bordered(minor)
      matrix = SquareMatrix.product(border, mds)
    }
    preMatrix = border
    self.constants = scalars
    corner = mds[0][0]
    self.rows = rows.reversed()
    self.columns = columns.reversed()
    after = moved
  }
}

/// The little linear algebra that deriving the sparse rounds takes.
private enum SquareMatrix {
  static func product<F: PrimeField>(_ a: [[F]], _ b: [[F]]) -> [[F]] {
    a.map { row in
      b[0].indices.map { j in row.indices.reduce(F.zero) { $0 + row[$1] * b[$1][j] } }
    }
  }

  /// [[1, 0], [0, matrix]]
  static func bordered<F: PrimeField>(_ matrix: [[F]]) -> [[F]] {
    [[F.one] + [F](repeating: .zero, count: matrix.count)] + matrix.map { [F.zero] + $0 }
  }

  /// The inverse by Gauss-Jordan elimination; the minors of a Cauchy matrix and of the products that
  /// occur here are regular.
  static func inverse<F: PrimeField>(_ matrix: [[F]]) -> [[F]] {
    let n = matrix.count
    var rows = matrix.enumerated().map { i, row in
      row + (0..<n).map { $0 == i ? F.one : F.zero }
    }
    for column in 0..<n {
      guard let pivot = (column..<n).first(where: { !rows[$0][column].isZero }),
        let scale = rows[pivot][column].inverse()
      else { preconditionFailure("the linear layer of Poseidon is singular") }
      rows.swapAt(column, pivot)
      rows[column] = rows[column].map { $0 * scale }
      for i in 0..<n where i != column && !rows[i][column].isZero {
        let factor = rows[i][column]
        rows[i] = zip(rows[i], rows[column]).map { $0 - factor * $1 }
      }
    }
    return rows.map { Array($0[n...]) }
  }
}
