import Algebra

/// A matrix over Fr in compressed rows; columns are variables.
///
/// The entries of a row are ascending by variable, without zeros and repetitions.
public struct SparseMatrix: Sendable, Equatable {
  /// Row i holds entries `rowStarts[i]..<rowStarts[i + 1]`; one more element than there are rows.
  public private(set) var rowStarts: [Int]
  /// The variable of each entry.
  public private(set) var variables: [UInt32]
  /// The value of each entry.
  public private(set) var coefficients: [Fr]

  /// An empty matrix without rows.
  public init() {
    rowStarts = [0]
    variables = []
    coefficients = []
  }

  /// A matrix whose entries are already ascending in each row, without zeros and repetitions.
  public init(rowStarts: [Int], variables: [UInt32], coefficients: [Fr]) {
    precondition(rowStarts.first == 0 && rowStarts.last == variables.count)
    precondition(variables.count == coefficients.count)
    for i in 1..<rowStarts.count {
      precondition(rowStarts[i - 1] <= rowStarts[i])
      var last = -1
      for k in rowStarts[i - 1]..<rowStarts[i] {
        precondition(Int(variables[k]) > last && !coefficients[k].isZero)
        last = Int(variables[k])
      }
    }
    self.rowStarts = rowStarts
    self.variables = variables
    self.coefficients = coefficients
  }

  /// A matrix from rows of terms in any order; terms of one variable are added up.
  public init(rows: some Sequence<[(variable: Int, coefficient: Fr)]>) {
    self.init()
    for row in rows { append(row) }
  }

  /// Number of rows.
  public var rowCount: Int { rowStarts.count - 1 }
  /// Number of non-zero entries.
  public var nonzeros: Int { variables.count }

  /// Appends a row; terms may be in any order and repeat variables.
  public mutating func append(_ terms: [(variable: Int, coefficient: Fr)]) {
    var ascending = true
    for i in terms.indices.dropFirst() where terms[i - 1].variable >= terms[i].variable {
      ascending = false
    }
    let sorted = ascending ? terms : terms.sorted { $0.variable < $1.variable }
    let start = variables.count
    for (variable, coefficient) in sorted {
      if variables.count > start, variables[variables.count - 1] == UInt32(variable) {
        coefficients[coefficients.count - 1] += coefficient
      } else {
        dropTrailingZero(from: start)
        variables.append(UInt32(variable))
        coefficients.append(coefficient)
      }
    }
    dropTrailingZero(from: start)
    rowStarts.append(variables.count)
  }

  private mutating func dropTrailingZero(from start: Int) {
    if coefficients.count > start, coefficients[coefficients.count - 1].isZero {
      coefficients.removeLast()
      variables.removeLast()
    }
  }

  /// Renumbers variables from `first` on by adding `offset` to each.
  mutating func shiftVariables(from first: Int, by offset: Int) {
    guard offset > 0 else { return }
    for k in variables.indices where Int(variables[k]) >= first {
      variables[k] += UInt32(offset)
    }
  }

  /// One more than the largest variable that occurs.
  var variableLimit: Int { variables.max().map { Int($0) + 1 } ?? 0 }

  /// The inner product of a row with an assignment.
  @inline(__always)
  public func product(row: Int, _ z: [Fr]) -> Fr {
    var sum = Fr.zero
    for k in rowStarts[row]..<rowStarts[row + 1] {
      sum += coefficients[k] * z[Int(variables[k])]
    }
    return sum
  }

  /// The product of the matrix with an assignment, one element per row.
  public func product(_ z: [Fr], threads: Int = 1) -> [Fr] {
    precondition(variableLimit <= z.count)
    guard rowCount > 0 else { return [] }
    return [Fr](unsafeUninitializedCapacity: rowCount) { buffer, count in
      nonisolated(unsafe) let base = buffer.baseAddress!
      Parallel.forRanges(rowCount, threads: threads) { range in
        for row in range { (base + row).initialize(to: product(row: row, z)) }
      }
      count = rowCount
    }
  }
}
