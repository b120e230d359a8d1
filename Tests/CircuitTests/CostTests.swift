import Circuit
import Testing

/// Pins what each gadget costs, so that a regression shows.
@Suite struct CostTests {
  struct Cost: CustomTestStringConvertible {
    var name: String
    /// Operations after the input, on 8 elements of [-128, 127].
    var build: @Sendable (inout GraphSketch, TensorID) -> TensorID
    /// Constraints, variables, nonzeros of A + B + C of all operations, without the boundary.
    var expected: [Int]
    var testDescription: String { name }
  }

  static func dense(_ sketch: inout GraphSketch, _ x: TensorID) -> TensorID {
    var map = LinearMap(inputCount: 8)
    for row in 0..<8 {
      map.appendRow((0..<8).map { (column: $0, coefficient: Int64(1 + (row + $0) % 5)) })
    }
    return sketch.add(.linear(map), [x], count: 8)
  }

  static let costs = [
    Cost(name: "linear", build: { dense(&$0, $1) }, expected: [0, 0, 0]),
    Cost(
      name: "linear, rescale, relu",
      build: { sketch, x in
        let y = dense(&sketch, x)
        let q = sketch.add(.rescale(shift: 6), [y], count: 8, range: -128...127)
        return sketch.add(.relu, [q], count: 8)
      }, expected: [8 * 16, 8 * 15, 8 * 75]),
    Cost(
      name: "relu", build: { sketch, x in sketch.add(.relu, [x], count: 8) },
      expected: [8, 8, 8 * 3]),
    Cost(
      name: "maximum of 4",
      build: { sketch, x in
        sketch.add(.maximum(windows: [[0, 1, 2, 3], [4, 5, 6, 7]]), [x], count: 2)
      }, expected: [66, 60, 6 * 45]),
    Cost(
      name: "argmax of 8",
      build: { sketch, x in
        sketch.add(.argmax(groups: [Array(0..<8)], last: false), [x], count: 1)
      }, expected: [83, 76, 343]),
    Cost(
      name: "product", build: { sketch, x in sketch.add(.product, [x, x], count: 8) },
      expected: [8, 8, 24]),
  ]

  @Test(arguments: costs) func operationsCostWhatTheyDid(cost: Cost) throws {
    var sketch = GraphSketch()
    let x = sketch.input(8, -128...127)
    let y = cost.build(&sketch, x)
    let counts = try ChunkSketch(sketch.graph(outputs: [y])).program.counts()
    let sum = counts.parts.dropFirst().dropLast().reduce(CircuitCounts()) { $0 + $1.counts }
    #expect(
      [sum.constraints, sum.privateVariables, sum.nonzeros.reduce(0, +)] == cost.expected)
  }

  /// One used element among 1 and 9 full pieces of one-bit elements: 252 bits, then one and two permutations.
  @Test(arguments: [(1, [745, 744, 4110]), (9, [1305, 1312, 7523])])
  func boundariesCostWhatTheyDid(pieces: Int, expected: [Int]) throws {
    let count = 252 * pieces
    var sketch = GraphSketch()
    let x = sketch.input(count, 0...1)
    let y = sketch.add(.linear(.selecting([0], of: count)), [x], count: 1)
    let counts = try ChunkSketch(sketch.graph(outputs: [y])).program.counts()
    let input = counts.parts[0].counts
    #expect(
      [input.constraints, input.privateVariables, input.nonzeros.reduce(0, +)] == expected)
  }
}
