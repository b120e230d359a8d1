import Circuit
import TestSupport
import Testing

/// Pins what each gadget costs, so that a regression shows.
@Suite struct CostTests {
  struct Cost: CustomTestStringConvertible {
    var name: String
    /// Operations after the input, on 8 elements of [-128, 127].
    var build: @Sendable (inout GraphSketch, TensorID) -> TensorID
    /// Operations to check at a challenge.
    var checked: [Int] = []
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
    one(.divide(by: 16, rounding: .floor), [72, 64, 280]),
    one(.divide(by: 10, rounding: .halfEven), [112, 96, 464]),
    one(.absolute, [8, 8, 32]),
    one(.clamp(-20...20), [168, 152, 672]),
    one(.isNegative, [0, 0, 0]),
    one(.isZero, [16, 16, 48]),
    one(.table(FunctionTable(over: -128...127) { $0 * $0 * 3 % 255 }), [296, 296, 2032]),
    one(
      .interpolate(
        SegmentTable(
          lowest: -128, lowBits: 4, intercepts: (0..<16).map { $0 * $0 * 7 % 61 },
          slopes: (0..<16).map { $0 * 5 % 13 - 6 })), [56, 56, 312]),
    Cost(
      name: "softmax: distance, cap, parabolas",
      build: { sketch, x in
        let distances = sketch.add(.distance(groups: [Array(0..<8)]), [x], count: 8)
        let capped = sketch.add(.clamp(0...127), [distances], count: 8)
        let table = SegmentTable(
          lowest: 0, lowBits: 3, intercepts: (0..<16).map { 99 - 6 * $0 },
          slopes: (0..<16).map { -$0 % 5 }, curvatures: (0..<16).map { $0 % 3 })
        return sketch.add(.interpolate(table), [capped], count: 8)
      }, expected: [159, 151, 940]),
    Cost(
      name: "first 2 of 8",
      build: { sketch, x in
        sketch.add(.order(groups: [Array(0..<8)], count: 2, descending: true), [x], count: 2)
      }, expected: [159, 148, 707]),
    Cost(
      name: "quotient by 1...16",
      build: { sketch, x in
        let b = sketch.add(.clamp(1...16), [x], count: 8)
        return sketch.add(.quotient(shift: 4, rounding: .halfUp), [x, b], count: 8)
      }, expected: [368, 336, 1496]),
    Cost(
      name: "square root, bit length, and",
      build: { sketch, x in
        let a = sketch.add(.absolute, [x], count: 8)
        let root = sketch.add(.squareRoot, [a], count: 8)
        return sketch.add(.bitwise(.and), [sketch.add(.bitLength, [a], count: 8), root], count: 8)
      }, expected: [352, 320, 1432]),
    Cost(
      name: "one-hot and gather",
      build: { sketch, x in
        let index = sketch.add(.clamp(0...7), [x], count: 8)
        let picks = (0..<8).map { Pick(index: $0, start: 0, stride: 1, count: 8) }
        let picked = sketch.add(.gather(picks: picks), [x, index], count: 8)
        let hot = sketch.add(.oneHot(depth: 8), [index], count: 64)
        return sketch.add(.linear(.selecting([0, 8], of: 72)), [picked, hot], count: 2)
      }, expected: [304, 272, 1160]),
    Cost(
      name: "gather from 100 constants",
      build: { sketch, x in
        var data = LinearMap(inputCount: 8)
        for place in 0..<100 { data.appendRow([], bias: Int64(place * 7 % 50)) }
        let table = sketch.add(.linear(data), [x], count: 100)
        let index = sketch.add(.rescale(shift: 0), [x], count: 8, range: 0...63)
        let picks = (0..<8).map { Pick(index: $0, start: 9, stride: 1, count: 64) }
        return sketch.add(.gather(picks: picks), [table, index], count: 8)
      }, expected: [176, 168, 752]),
    Cost(
      name: "matmul 4 x 8 x 4, directly",
      build: { sketch, x in matmul(&sketch, x) }, expected: [432, 416, 1696]),
    Cost(
      name: "matmul 4 x 8 x 4, checked",
      build: { sketch, x in matmul(&sketch, x) }, checked: [2], expected: [907, 906, 4723]),
    Cost(
      name: "table of 16 for 8, checked",
      build: { sketch, x in
        let low = sketch.add(.clamp(0...15), [x], count: 8)
        return sketch.add(.table(FunctionTable(over: 0...15) { $0 * $0 }), [low], count: 8)
      }, checked: [1], expected: [886, 861, 4690]),
  ]

  static func one(_ kind: IntegerOperation.Kind, _ expected: [Int]) -> Cost {
    Cost(
      name: "\(kind.word)", build: { $0.add(kind, [$1], count: 8) }, expected: expected)
  }

  /// 4 x 8 by 8 x 4, from copies of the eight elements, then rounded.
  static func matmul(_ sketch: inout GraphSketch, _ x: TensorID) -> TensorID {
    let factors = [0, 1].map { shift in
      sketch.add(
        .linear(.selecting((0..<32).map { ($0 + $0 / 8 * shift) % 8 }, of: 8)), [x], count: 32)
    }
    let y = sketch.add(.matmul(batch: 1, m: 4, k: 8, n: 4), factors, count: 16)
    return sketch.add(.rescale(shift: 8), [y], count: 16, range: -512...511)
  }

  @Test(arguments: costs) func operationsCostWhatTheyDid(cost: Cost) throws {
    var sketch = GraphSketch()
    let x = sketch.input(8, -128...127)
    let y = cost.build(&sketch, x)
    let counts = try ChunkSketch(sketch.graph(outputs: [y]), checked: cost.checked).program
      .counts()
    let sum = counts.parts.dropFirst().dropLast().reduce(CircuitCounts()) { $0 + $1.counts }
    #expect(
      [sum.constraints, sum.privateVariables, sum.nonzeros.reduce(0, +)] == cost.expected)
  }

  /// One used element among 1 and 9 full pieces of one-bit elements: 252 bits, then one and two permutations.
  @Test(arguments: [(1, [793, 792, 4254]), (9, [1407, 1414, 7829])])
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
