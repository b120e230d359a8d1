import Algebra
import Testing
import Varuna

@Suite("Index")
struct IndexTests {
  @Test(arguments: Batch.names) func circuitsFollowTheVectors(name: String) throws {
    let batch = try Batch(name)
    for (system, vector) in zip(batch.systems, batch.circuits) {
      let circuit = try IndexedCircuit(system)
      #expect(Hexadecimal.encode(circuit.id) == vector["id"].text)
      #expect(circuit.positions.map { Int($0) } == vector["positions"].ints)
      let domains = vector["domains"]
      #expect(circuit.shape.X == domains["X"].int)
      #expect(circuit.shape.C == domains["C"].int)
      #expect(circuit.shape.R == domains["R"].int)
      #expect(circuit.shape.K == domains["K"].ints)
      let names = ["col", "row", "row_col", "row_col_val"]
      for (matrix, letter) in zip(Matrix.allCases, ["a", "b", "c"]) {
        let index = circuit.index(matrix, threads: 2)
        for (polynomial, name) in zip(VerifyingKey.Polynomial.allCases, names) {
          let expected = vector["index_polynomials"][letter][name].frs
          #expect(trimmed(index[polynomial]) == trimmed(expected))
        }
      }
      #expect(try CircuitShape(verifyingKey: batch.entries[0].0).X >= 1)
    }
  }

  @Test(arguments: Batch.names) func assignmentsSatisfyTheirCircuits(name: String) throws {
    let batch = try Batch(name)
    for (system, instances) in zip(batch.systems, batch.assignments) {
      for z in instances {
        #expect(system.firstViolation(z) == nil)
        var wrong = z
        wrong[z.count - 1] += .one
        #expect(system.firstViolation(wrong) != nil)
      }
    }
  }

  @Test func matricesEvaluateConsistently() throws {
    let circuit = try IndexedCircuit(try Batch("two").systems[0])
    let alpha = Fr(decimal: "123456789012345678901234567890") ?? .one
    let beta = alpha.squared()
    for matrix in Matrix.allCases {
      // M(alpha, beta) from the index polynomials: the sum over K of
      // v_R(alpha) v_C(beta) rowColVal / (|R| |C| (alpha - row) (beta - col)).
      let index = circuit.index(matrix)
      let scale =
        Equations.vanishing(circuit.shape.R, at: alpha)
        * Equations.vanishing(circuit.shape.C, at: beta)
      let size = Fr(circuit.shape.R) * Fr(circuit.shape.C)
      var sum = Fr.zero
      let domain = Domain(size: circuit.shape.K[matrix.rawValue])
      let (row, col, value) = (index[.row], index[.col], index[.rowColVal])
      let values = [row, col, value].map { domain.fft($0, threads: 1) }
      for k in 0..<domain.size {
        let denominator = size * (alpha - values[0][k]) * (beta - values[1][k])
        sum += scale * values[2][k] * (denominator.inverse() ?? .zero)
      }
      #expect(circuit.evaluate(matrix, alpha: alpha, beta: beta) == sum)
    }
    #expect(circuit.evaluate(.a, alpha: .one, beta: beta) == nil)
  }

  @Test func positionsFillTheGaps() {
    for (x, c) in [(1, 2), (2, 4), (4, 32), (8, 16), (16, 64)] {
      let places = (0..<c).map { IndexedCircuit.position(of: $0, X: x, C: c) }
      #expect(Set(places) == Set(0..<c))
      #expect(places[..<x].allSatisfy { $0 % (c / x) == 0 })
    }
  }

  @Test func circuitsWithoutDegreeBoundAreRefused() {
    let one = SparseMatrix(rows: [[(1, .one)]])
    let system = R1CS(
      publicCount: 1, privateCount: 1, matrices: [one, one, one], randomized: false)
    #expect(throws: VarunaError.self) { try IndexedCircuit(system) }
    let noPrivate = R1CS(
      publicCount: 4, privateCount: 0, matrices: [one, one, one], randomized: false)
    #expect(throws: VarunaError.self) { try IndexedCircuit(noPrivate) }
  }
}

/// Coefficients without trailing zeros.
func trimmed(_ coefficients: [Fr]) -> [Fr] {
  Array(coefficients[..<((coefficients.lastIndex { !$0.isZero } ?? -1) + 1)])
}
