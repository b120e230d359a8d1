import Algebra

/// The four index polynomials of one matrix, as values on K and as coefficients.
///
/// Entry k of the matrix, numbered row by row, has row(k) = its row's element of R, col(k) = its
/// variable's element of C, rowCol = row col, rowColVal = row col value. The rest of K has
/// row = col = rowCol = 1 and rowColVal = 0.
public struct MatrixIndex: Sendable {
  /// One index polynomial.
  public struct Part: Sendable {
    /// The values on K.
    public let values: [Fr]
    /// The coefficients, lowest degree first, |K| of them.
    public let coefficients: [Fr]
  }

  private let parts: [Part]

  /// An index polynomial.
  public subscript(polynomial: VerifyingKey.Polynomial) -> Part { parts[polynomial.rawValue] }

  init(_ circuit: IndexedCircuit, _ matrix: Matrix, threads: Int) {
    let sparse = circuit.r1cs.matrices[matrix.rawValue]
    let rowElements = Domain(size: circuit.shape.R).elements
    let columnElements = Domain(size: circuit.shape.C).elements
    let size = circuit.shape.K[matrix.rawValue]
    let ones = [Fr](repeating: .one, count: size)
    var row = ones
    var col = ones
    var rowCol = ones
    var rowColVal = [Fr](repeating: .zero, count: size)
    for i in 0..<sparse.rowCount {
      for k in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
        row[k] = rowElements[i]
        col[k] = columnElements[Int(circuit.positions[Int(sparse.variables[k])])]
        rowCol[k] = row[k] * col[k]
        rowColVal[k] = rowCol[k] * sparse.coefficients[k]
      }
    }
    let domain = Domain(size: size)
    parts = [col, row, rowCol, rowColVal].map {
      Part(values: $0, coefficients: domain.ifft($0, threads: threads))
    }
  }
}
