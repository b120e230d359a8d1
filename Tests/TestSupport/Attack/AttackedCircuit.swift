import Algebra
import Circuit

/// The constraints of a chunk as somebody sees them who wants to satisfy them with something false: rows that can be left
/// out, and what the prover cannot choose.
package struct AttackedCircuit {
  package typealias Term = (variable: Int, coefficient: Fr)

  /// One constraint a * b = c.
  package struct Row {
    package var sides: [[Term]]
    package var location: ConstraintLocation
    /// Variables of all sides, each once, ascending.
    package var variables: [Int]
  }

  package let rows: [Row]
  /// For each variable the rows that mention it.
  package let mentions: [[Int]]
  /// Whether a variable is proven to be 0 or 1.
  package let isBit: [Bool]
  /// Whether a prover is bound to the honest value: the constant, the commitments of inputs, and inputs themselves with all
  /// that hashes them. Who finds other inputs for a commitment has found a collision.
  package let isGiven: [Bool]
  /// The honest assignment.
  package let honest: [Fr]
  /// Variables before this one are public.
  package let publicCount: Int
  /// Rows that add up bits, and rows of hashes.
  package let recompositions, hashRows: [Int]

  /// - Parameters:
  ///   - honest: an assignment that satisfies all constraints.
  ///   - without: leaves out rows for which it is true.
  package init(
    _ program: ChunkProgram, _ compiled: CompiledChunk, honest: [Fr],
    without: (ConstraintLocation) -> Bool = { _ in false }
  ) throws {
    let r1cs = compiled.r1cs
    self.honest = honest
    var rows: [Row] = []
    var mentions = [[Int]](repeating: [], count: r1cs.variableCount)
    var isBit = [Bool](repeating: false, count: r1cs.variableCount)
    for row in 0..<r1cs.constraintCount - 1 {
      let location = compiled.location(of: row)
      if without(location) { continue }
      let sides = r1cs.matrices.map { matrix in
        (matrix.rowStarts[row]..<matrix.rowStarts[row + 1]).map {
          (variable: Int(matrix.variables[$0]), coefficient: matrix.coefficients[$0])
        }
      }
      let variables = Set(sides.joined().map(\.variable)).sorted()
      for variable in variables { mentions[variable].append(rows.count) }
      if variables.count == 1, variables[0] != 0, sides.allSatisfy({ $0.count == 1 }) {
        isBit[variables[0]] = true
      }
      rows.append(Row(sides: sides, location: location, variables: variables))
    }
    (self.rows, self.mentions, self.isBit) = (rows, mentions, isBit)
    recompositions = rows.indices.filter { rows[$0].location.gadget == .recomposition }
    hashRows = rows.indices.filter {
      [.sbox, .hashState].contains(rows[$0].location.gadget)
    }
    publicCount = r1cs.paddedPublicCount
    let inputCount = program.graph.inputs.count
    let parts = program.counts().parts.prefix(inputCount)
    let inputVariables = parts.reduce(0) { $0 + $1.counts.privateVariables }
    isGiven = honest.indices.map { variable in
      variable <= inputCount
        || (r1cs.paddedPublicCount..<r1cs.paddedPublicCount + inputVariables).contains(variable)
        || variable >= r1cs.variableCount - 3
    }
  }

  /// Variables that a prover may choose, ascending: in the order in which the circuit makes them.
  package var free: [Int] {
    honest.indices.filter { !isGiven[$0] && !mentions[$0].isEmpty }
  }

  package func value(_ terms: [Term], _ assignment: [Fr]) -> Fr {
    var sum = Fr.zero
    for term in terms { sum += term.coefficient * assignment[term.variable] }
    return sum
  }

  package func holds(_ row: Int, _ assignment: [Fr]) -> Bool {
    let sides = rows[row].sides
    return value(sides[0], assignment) * value(sides[1], assignment)
      == value(sides[2], assignment)
  }

  /// Variables of zero tests whose number is 0 under an assignment: nothing reads them, so they may be anything.
  package func inversesOfZero(_ assignment: [Fr]) -> Set<Int> {
    var inverses = Set<Int>()
    for row in rows where row.location.gadget == .equality {
      for (number, other) in [(0, 1), (1, 0)] where row.sides[other].count == 1 {
        let inverse = row.sides[other][0].variable
        if mentions[inverse].count == 1, value(row.sides[number], assignment).isZero {
          inverses.insert(inverse)
        }
      }
    }
    return inverses
  }
}
