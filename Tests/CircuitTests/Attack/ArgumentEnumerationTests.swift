import Algebra
import Circuit
import TestSupport
import Testing

/// Checks at a challenge in instances so small that every assignment of the bits that a prover chooses can be tried, with the
/// challenge that follows from it: just the honest one satisfies.
@Suite struct ArgumentEnumerationTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var inputs: [[[Int64]]]
    /// Bits that a prover chooses: of results that are rounded or claimed, and of counts.
    var bits: Int
    var build: @Sendable (inout GraphSketch) -> (outputs: [TensorID], checked: [Int])
    var testDescription: String { name }
  }

  static let table = FunctionTable(lowest: 0, values: [2, 0, 3, 0])

  static let cases = [
    Case(
      name: "one lookup", inputs: [[[0]], [[1]], [[2]], [[3]]], bits: 6,
      build: { sketch in
        let x = sketch.input(1, 0...3)
        return ([sketch.add(.table(table), [x], count: 1)], [0])
      }),
    Case(
      name: "two lookups", inputs: [[[0, 1]], [[2, 2]], [[3, 1]]], bits: 12,
      build: { sketch in
        let x = sketch.input(2, 0...3)
        return ([sketch.add(.table(table), [x], count: 2)], [0])
      }),
    Case(
      name: "two lookups, two entries", inputs: [[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]], bits: 8,
      build: { sketch in
        let x = sketch.input(2, 0...1)
        let y = sketch.add(.table(FunctionTable(lowest: 0, values: [3, 0])), [x], count: 2)
        return ([y], [0])
      }),
    Case(
      name: "a rounded argument", inputs: (0...6).map { [[$0]] }, bits: 9,
      build: { sketch in
        let x = sketch.input(1, 0...6)
        let q = sketch.add(.rescale(shift: 1), [x], count: 1)
        return ([sketch.add(.table(table), [q], count: 1)], [1])
      }),
    Case(
      name: "an argument that is looked up", inputs: [[[0]], [[1]]], bits: 6,
      build: { sketch in
        let x = sketch.input(1, 0...1)
        let table = FunctionTable(lowest: 0, values: [1, 0])
        let y = sketch.add(.table(table), [x], count: 1)
        return ([sketch.add(.table(table), [y], count: 1)], [0, 1])
      }),
    // Bits of the value, and of twice the value less 2.
    Case(
      name: "a value that is doubled", inputs: [[[0]], [[1]], [[2]], [[3]]], bits: 10,
      build: { sketch in
        let x = sketch.input(1, 0...3)
        let y = sketch.add(.table(table), [x], count: 1)
        var map = LinearMap(inputCount: 1)
        map.appendRow([(0, 2)], bias: -2)
        let doubled = sketch.add(.linear(map), [y], count: 1)
        return ([sketch.add(.relu, [doubled], count: 1)], [0])
      }),
    Case(
      name: "matrix product",
      inputs: [[[1, -1], [-1, 0]], [[1, 1], [1, -1]], [[0, 0], [1, 1]]],
      bits: 8,
      build: { sketch in
        let (a, b) = (sketch.input(2, -1...1), sketch.input(2, -1...1))
        return ([sketch.add(.matmul(batch: 1, m: 2, k: 1, n: 2), [a, b], count: 4)], [0])
      }),
    Case(
      name: "matrix product, rounded", inputs: [[[2, 0], [1, 0]], [[1, 2], [1, 1]]], bits: 8,
      build: { sketch in
        let (a, b) = (sketch.input(2, 0...2), sketch.input(2, 0...1))
        let y = sketch.add(.matmul(batch: 1, m: 2, k: 1, n: 2), [a, b], count: 4)
        return ([sketch.add(.rescale(shift: 1), [y], count: 4, range: 0...1)], [0])
      }),
    Case(
      name: "products in a row", inputs: [[[2, 1]], [[0, 1]], [[2, 2]]], bits: 7,
      build: { sketch in
        let x = sketch.input(2, 0...2)
        let y = sketch.add(.matmul(batch: 1, m: 1, k: 2, n: 1), [x, x], count: 1)
        let q = sketch.add(.rescale(shift: 2), [y], count: 1)
        return ([sketch.add(.matmul(batch: 1, m: 1, k: 1, n: 1), [q, q], count: 1)], [0, 2])
      }),
  ]

  @Test(arguments: cases) func onlyTheHonestBitsSatisfy(_ test: Case) throws {
    var sketch = GraphSketch()
    let (outputs, checked) = test.build(&sketch)
    let chunk = try ChunkSketch(sketch.graph(outputs: outputs), checked: checked)
    for inputs in test.inputs {
      let circuit = try AttackedCircuit(chunk, inputs: inputs)
      let bits = circuit.free.filter { circuit.isBit[$0] }
      try #require(bits.count == test.bits, "\(bits.count) bits")
      for pattern in 0..<1 << bits.count {
        var chosen: [Int: Fr] = [:]
        for (place, bit) in bits.enumerated() {
          chosen[bit] = pattern >> place & 1 == 1 ? .one : .zero
        }
        let isHonest = chosen.allSatisfy { circuit.honest[$0.key] == $0.value }
        switch WitnessSolver.complete(circuit, chosen: chosen) {
        case .satisfied(let z): #expect(isHonest && z == circuit.honest, "\(inputs) \(pattern)")
        case .violated(let row):
          #expect(!isHonest, "\(inputs): \(circuit.rows[row].location)")
        }
      }
    }
  }
}
