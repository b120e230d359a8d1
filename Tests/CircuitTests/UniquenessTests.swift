import Algebra
import Circuit
import TestSupport
import Testing
import Varuna

/// Operations whose results are made of bits, in instances so small that every assignment of the bits can be tried: just one
/// satisfies, whatever the input.
@Suite struct UniquenessTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var kind: IntegerOperation.Kind
    var range: ClosedRange<Int64>
    var output: ClosedRange<Int64>?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "rescale", kind: .rescale(shift: 3), range: -20...19, output: -4...3),
    Case(
      name: "rescale to a narrow range", kind: .rescale(shift: 2), range: -20...19, output: -3...2),
    Case(name: "enforced range", kind: .rescale(shift: 0), range: -20...19, output: -5...9),
    Case(name: "divide by 5", kind: .divide(by: 5, rounding: .floor), range: -20...19, output: nil),
    Case(
      name: "divide by 3, up", kind: .divide(by: 3, rounding: .ceiling), range: -9...19,
      output: -1...4),
    Case(
      name: "rounded sum", kind: .narrowed(.linear(triple), .rescale(shift: 3)), range: -20...19,
      output: -4...3),
    Case(
      name: "wrapped sum", kind: .narrowed(.linear(triple), .wrap(bits: 3, isSigned: true)),
      range: -20...19, output: nil),
    Case(
      name: "sum wrapped without a sign",
      kind: .narrowed(.linear(triple), .wrap(bits: 4, isSigned: false)), range: -9...6, output: nil),
  ]

  private static let triple = {
    var map = LinearMap(inputCount: 1)
    map.appendRow([(0, 3)], bias: -1)
    return map
  }()

  @Test(arguments: cases) func bitsAreUnique(_ test: Case) throws {
    let chunk = try ChunkSketch(test.kind, 1, test.range, to: 1, output: test.output)
    let r1cs = chunk.compiled.r1cs
    let name = chunk.program.graph.operations[0].name
    let rows = (0..<r1cs.constraintCount).filter {
      chunk.compiled.location(of: $0).operation == name
    }
    let bits = rows.filter { chunk.compiled.location(of: $0).gadget == .bit }.map { row in
      Int(r1cs.matrices[0].variables[r1cs.matrices[0].rowStarts[row]])
    }
    #expect((2...12).contains(bits.count))
    for input in test.range {
      let values = [[input], test.kind.evaluate([[input]])]
      let honest = chunk.program.assemble(values: values, salts: [nil, nil])
      var z = chunk.assignment(honest)
      var accepted = 0
      for pattern in 0..<1 << bits.count {
        for (place, bit) in bits.enumerated() { z[bit] = pattern >> place & 1 == 1 ? .one : .zero }
        if satisfies(rows, r1cs.matrices, &z, from: bits) { accepted += 1 }
      }
      let isInside = test.output?.contains(values[1][0]) ?? true
      #expect(accepted == (isInside ? 1 : 0), "\(input)")
    }
  }

  /// Whether the rows hold once the variables that bounds define as products are set to what they must be.
  private func satisfies(
    _ rows: [Int], _ matrices: [SparseMatrix], _ z: inout [Fr], from bits: [Int]
  ) -> Bool {
    for row in rows {
      let product = matrices[0].product(row: row, z) * matrices[1].product(row: row, z)
      let entries = matrices[2].rowStarts[row]..<matrices[2].rowStarts[row + 1]
      if entries.count == 1, let entry = entries.first,
        !bits.contains(Int(matrices[2].variables[entry])), matrices[2].variables[entry] != 0
      {
        z[Int(matrices[2].variables[entry])] = product
      } else if matrices[2].product(row: row, z) != product {
        return false
      }
    }
    return true
  }
}
