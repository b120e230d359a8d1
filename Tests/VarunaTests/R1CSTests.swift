import Algebra
import Testing
import Varuna

@Suite("Constraint systems")
struct R1CSTests {
  /// x1 = w0 w0 and w0 + 2 = w1, three public variables padded to four.
  private func system(randomized: Bool = true) -> R1CS {
    let a = SparseMatrix(rows: [[(3, .one)], [(3, .one), (0, Fr(2))]])
    let b = SparseMatrix(rows: [[(3, .one)], [(0, .one)]])
    let c = SparseMatrix(rows: [[(1, .one)], [(4, .one)]])
    return R1CS(publicCount: 3, privateCount: 2, matrices: [a, b, c], randomized: randomized)
  }

  @Test func rowsAreNormalised() {
    let matrix = SparseMatrix(rows: [
      [(4, Fr(3)), (1, Fr(2)), (4, Fr(-3)), (0, Fr(5)), (1, Fr(7))], [], [(2, .zero)],
    ])
    #expect(matrix.rowStarts == [0, 2, 2, 2])
    #expect(matrix.variables == [0, 1])
    #expect(matrix.coefficients == [Fr(5), Fr(9)])
  }

  @Test func paddingAndRandomizerArePlaced() {
    let r1cs = system()
    #expect(r1cs.paddedPublicCount == 4)
    #expect(r1cs.variableCount == 9)
    #expect(r1cs.constraintCount == 3)
    #expect(r1cs.matrices.map { $0.variables.last } == [6, 7, 8])
    #expect(r1cs.matrices[0].variables == [4, 0, 4, 6])
    #expect(system(randomized: false).constraintCount == 2)
  }

  @Test func violationsAreLocated() {
    let r1cs = system()
    let random = (Fr(11), Fr(13))
    func assignment(_ x: Int, _ w: [Int]) -> [Fr] {
      r1cs.assignment(
        publicInputs: [.one, Fr(x), .zero], privateValues: w.map { Fr($0) }, randomizer: random)
    }
    #expect(r1cs.firstViolation(assignment(9, [3, 5])) == nil)
    #expect(r1cs.firstViolation(assignment(9, [-3, -1])) == nil)
    #expect(r1cs.firstViolation(assignment(10, [3, 5])) == 0)
    #expect(r1cs.firstViolation(assignment(9, [3, 6])) == 1)
    var broken = assignment(9, [3, 5])
    broken[8] += .one
    #expect(r1cs.firstViolation(broken) == 2)
  }

  @Test func productsDoNotDependOnThreads() {
    let r1cs = system()
    let z = (0..<r1cs.variableCount).map { Fr($0 + 1) }
    #expect(r1cs.products(z) == r1cs.products(z, threads: 3))
    #expect(r1cs.products(z)[0] == [Fr(5), Fr(7), Fr(7)])
  }

  @Test func encodingHasTheDocumentedLength() {
    let r1cs = system()
    let nonzeros = r1cs.matrices.map(\.nonzeros).reduce(0, +)
    #expect(r1cs.encoded.count == 48 + 3 * 8 + 9 * 8 + 40 * nonzeros)
  }
}
