import Algebra

/// The four index polynomials of one matrix, by their coefficients.
///
/// Entry k of the matrix, numbered row by row, has row(k) = its row's element of R, col(k) = its
/// variable's element of C, rowCol = row col, rowColVal = row col value. The rest of K has
/// row = col = rowCol = 1 and rowColVal = 0.
public struct MatrixIndex: Sendable {
  private let polynomials: [[Fr]]

  /// The coefficients of an index polynomial, lowest degree first, |K| of them.
  public subscript(polynomial: VerifyingKey.Polynomial) -> [Fr] {
    polynomials[polynomial.rawValue]
  }

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
    row.withUnsafeMutableBufferPointer { row in
      col.withUnsafeMutableBufferPointer { col in
        rowCol.withUnsafeMutableBufferPointer { rowCol in
          rowColVal.withUnsafeMutableBufferPointer { rowColVal in
            nonisolated(unsafe) let (row, col, rowCol, rowColVal) = (row, col, rowCol, rowColVal)
            Parallel.forRanges(sparse.rowCount, threads: threads, minimum: 1 << 10) { rows in
              for i in rows {
                for k in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
                  let position = Int(circuit.positions[Int(sparse.variables[k])])
                  row[k] = rowElements[i]
                  col[k] = columnElements[position]
                  rowCol[k] = row[k] * col[k]
                  rowColVal[k] = rowCol[k] * sparse.coefficients[k]
                }
              }
            }
          }
        }
      }
    }
    let domain = Domain(size: size)
    domain.ifftInPlace(&col, threads: threads)
    domain.ifftInPlace(&row, threads: threads)
    domain.ifftInPlace(&rowCol, threads: threads)
    domain.ifftInPlace(&rowColVal, threads: threads)
    polynomials = [col, row, rowCol, rowColVal]
  }
}
