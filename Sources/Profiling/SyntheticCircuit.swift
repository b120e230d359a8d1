import Algebra
import Varuna

/// A satisfiable constraint system of a given shape with full-size random values: the most expensive kind.
///
/// Row i is (A_i z)(B_i z) = C_i z. The first rows define one private variable each, by a coefficient 1 in C; the
/// rest, if there are more rows than variables, states the value of its product by the constant; if there are more
/// variables than rows, some variables are free. The other entries are spread evenly over the rows and refer to
/// earlier variables, half of them with the coefficient 1.
public struct SyntheticCircuit: Sendable {
  /// The raw counts of a circuit, padded public variables and the randomizing row included, as in a verifying key.
  public struct Shape: Codable, Equatable, Sendable {
    /// Public variables, a power of two.
    public var publicCount: Int
    /// All variables.
    public var variables: Int
    /// Rows.
    public var constraints: Int
    /// Entries of A, B and C.
    public var nonzeros: [Int]

    /// Collects the counts.
    public init(publicCount: Int, variables: Int, constraints: Int, nonzeros: [Int]) {
      self.publicCount = publicCount
      self.variables = variables
      self.constraints = constraints
      self.nonzeros = nonzeros
    }

    /// Whether a circuit of this shape can be made.
    public var isUsable: Bool {
      publicCount >= 1 && publicCount & (publicCount - 1) == 0 && constraints >= 2
        && variables >= publicCount + 5
        && nonzeros.count == 3 && nonzeros.allSatisfy { $0 >= constraints }
    }

    /// Equal powers of two for rows and variables with about this many entries a row in each matrix.
    public static func square(log2 size: Int, entriesPerRow: Double = 1) -> Shape {
      let rows = 1 << size
      let entries = Int(Double(rows) * entriesPerRow)
      return Shape(
        publicCount: 4, variables: rows, constraints: rows, nonzeros: [entries, entries, entries])
    }
  }

  /// The constraint system with its only assignment.
  public let circuit: ProfiledCircuit

  /// Makes the system; the same seed gives the same system.
  public init(_ shape: Shape, seed: UInt64 = 1) {
    precondition(shape.isUsable, "no circuit has the shape \(shape)")
    var random = SplitMix(state: seed)
    let publicInputs = [.one] + (1..<shape.publicCount).map { _ in Fr.random(using: &random) }
    let privateCount = shape.variables - shape.publicCount - 3
    let rows = shape.constraints - 1
    let free = max(1, privateCount - rows)
    var z = publicInputs + (0..<free).map { _ in Fr.random(using: &random) }
    var matrices = [SparseMatrix(), SparseMatrix(), SparseMatrix()]
    for row in 0..<rows {
      var products: [Fr] = []
      var terms: [[(variable: Int, coefficient: Fr)]] = []
      for m in 0..<3 {
        // The randomizing row has one entry in each matrix.
        let entries = Self.share(of: shape.nonzeros[m] - 1, row: row, rows: rows)
        let own = m == 2 ? entries - 1 : entries
        let picked = Self.pick(own, below: z.count, using: &random)
        terms.append(picked)
        products.append(picked.reduce(.zero) { $0 + $1.coefficient * z[$1.variable] })
      }
      let missing = products[0] * products[1] - products[2]
      if row + free < privateCount {
        terms[2].append((z.count, .one))
        z.append(missing)
      } else {
        terms[2].append((0, missing))
      }
      for m in 0..<3 { matrices[m].append(terms[m]) }
    }
    circuit = ProfiledCircuit(
      r1cs: R1CS(publicCount: shape.publicCount, privateCount: privateCount, matrices: matrices),
      publicInputs: publicInputs, privateValues: Array(z[shape.publicCount...]))
  }

  /// The number of entries of a row if `total` entries are spread over all rows.
  private static func share(of total: Int, row: Int, rows: Int) -> Int {
    total * (row + 1) / rows - total * row / rows
  }

  /// Distinct variables other than the constant, near each other as in real circuits.
  private static func pick(
    _ count: Int, below limit: Int, using random: inout SplitMix
  ) -> [(variable: Int, coefficient: Fr)] {
    guard count > 0 else { return [] }
    let count = min(count, limit - 1)
    let start = Int.random(in: 1...(limit - count), using: &random)
    return (0..<count).map { i in
      (start + i, i % 2 == 0 ? .one : Fr.random(using: &random))
    }
  }
}
