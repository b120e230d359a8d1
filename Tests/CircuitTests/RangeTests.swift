import Circuit
import TestSupport
import Testing

/// Interval arithmetic: what is too wide is an error, whatever numbers a graph has, and what is derived holds all results.
@Suite struct RangeTests {
  /// Runs a kind through the graph's checks with the derived range, or the widest one if there is none.
  private func derived(
    _ kind: IntegerOperation.Kind, _ inputs: [ClosedRange<Int64>], counts: [Int]
  ) throws -> ClosedRange<Int64> {
    try IntegerOperation.derivedRange(
      of: kind,
      inputs: zip(inputs, counts).map {
        IntegerTensor(name: "x", shape: [$1], range: $0, scaleBits: 0)
      }, name: "n")
  }

  /// Five products of 2^125 leave 127 bits; four more with the other sign do not bring the sum back.
  @Test func sumsThatOverflowOnTheWayStayTooWide() throws {
    let large: Int64 = 1 << 62
    for signs in [[1, 1, 1, 1, 1, -1, -1, -1, -1], [-1, -1, -1, -1, -1, 1, 1, 1, 1, 1]] as [[Int64]]
    {
      var map = LinearMap(inputCount: signs.count)
      map.appendRow(signs.enumerated().map { ($0.offset, $0.element * .max) })
      #expect(
        throws: CircuitError.rangeTooWide(
          operation: "n", lowest: "-2^127", highest: "2^127", declared: nil)
      ) { try derived(.linear(map), [large...large], counts: [signs.count]) }
    }
    // What fits on the way is exact.
    var map = LinearMap(inputCount: 2)
    map.appendRow([(0, .max), (1, -.max)])
    #expect(try derived(.linear(map), [large...large], counts: [2]) == 0...0)
  }

  /// Coefficients as large as a file may have them, of which products need 160 bits.
  @Test func steepCurvesAreTooWide() throws {
    for extreme in [Int64.max, .min] {
      let table = SegmentTable(
        lowest: 0, lowBits: 48, intercepts: [extreme], slopes: [extreme], curvatures: [extreme])
      #expect(throws: CircuitError.self) {
        try derived(.interpolate(table), [0...(1 << 48) - 1], counts: [1])
      }
      let steep = SegmentTable(lowest: 0, lowBits: 48, intercepts: [extreme], slopes: [extreme])
      #expect(throws: CircuitError.self) {
        try derived(.interpolate(steep), [0...(1 << 48) - 1], counts: [1])
      }
      #expect(try derived(.interpolate(steep), [0...0], counts: [1]) == extreme...extreme)
    }
  }

  /// No kind traps for the widest ranges there are, nor for shapes that no graph accepts.
  @Test func extremesAreAnsweredOrRefused() throws {
    let extremes: [ClosedRange<Int64>] = [
      .min ... .max, .min ... .min, .max ... .max, .min ... -1, 0 ... .max, 1 ... .max, -1...0,
      0...1,
    ]
    var answered = 0
    for a in extremes {
      for b in extremes {
        for kind in Self.kinds {
          let inputs = Array([a, b, b].prefix(kind.arity ?? 1))
          for count in [1, 4] {
            let counts = [Int](repeating: count, count: inputs.count)
            if (try? derived(kind, inputs, counts: counts)) != nil { answered += 1 }
          }
        }
      }
    }
    #expect(answered > 500)
    for shape in [[.max, .max], [1 << 40, 1 << 40], [-1, 3], [0], [.min, .min]] as [[Int]] {
      let tensor = IntegerTensor(name: "x", shape: shape, range: 0...1, scaleBits: 0)
      #expect((0...1 << 40).contains(tensor.count))
      for kind in Self.kinds where kind.arity == 1 {
        _ = try? IntegerOperation.derivedRange(of: kind, inputs: [tensor])
      }
      #expect(throws: CircuitError.self) {
        try IntegerGraph(tensors: [tensor], operations: [], inputs: [0], outputs: [0])
      }
    }
  }

  private static let kinds: [IntegerOperation.Kind] = {
    var map = LinearMap(inputCount: 4)
    map.appendRow([(0, .min), (1, .max), (2, .min), (3, .min)], bias: .min)
    return [
      .linear(map), .rescale(shift: 0), .rescale(shift: 62), .squareRoot, .relu, .absolute,
      .clamp(.min ... .max), .clamp(-1...0), .isNegative, .isZero, .select, .product,
      .matmul(batch: 1, m: 1, k: 1, n: 1), .matmul(batch: 1, m: 2, k: 2, n: 2), .bitLength,
      .table(FunctionTable(lowest: .max, values: [.min])),
      .table(FunctionTable(lowest: .min, values: [.max])), .oneHot(depth: 1 << 40),
      .gather(picks: [Pick(index: 0, start: 0, stride: 1, count: 2)]),
      .maximum(windows: [[0, 1]]), .distance(groups: [[0, 1]]),
      .argmax(groups: [[0, 1]], last: true),
      .order(groups: [[0, 1]], count: 2, descending: false),
      .narrowed(.product, .rescale(shift: 62)),
      .narrowed(.product, .wrap(bits: 64, isSigned: true)),
      .narrowed(.linear(map), .wrap(bits: 63, isSigned: false)),
      .narrowed(.linear(map), .rescale(shift: 1)),
      .narrowed(.matmul(batch: 1, m: 2, k: 2, n: 2), .wrap(bits: 1, isSigned: true)),
    ] + IntegerOperation.BitOperation.allCases.map { .bitwise($0) }
      + Rounding.allCases.flatMap { rounding in
        [
          .divide(by: 1, rounding: rounding), .divide(by: .max, rounding: rounding),
          .quotient(shift: 62, rounding: rounding), .quotient(shift: 0, rounding: rounding),
        ]
      }
  }()

  /// Results of random numbers in random ranges lie in the range that is derived.
  @Test func derivedRangesHoldAllResults() throws {
    var generator = SeededGenerator(seed: 19)
    for test in OperationTests.divisions + OperationTests.others {
      let ranges = test.inputs.map(\.range)
      let range = try derived(test.kind, ranges, counts: test.inputs.map(\.count))
      for _ in 0..<50 {
        let inputs = test.inputs.map { input in
          (0..<input.count).map { _ in Int64.random(in: input.range, using: &generator) }
        }
        #expect(test.kind.evaluate(inputs).allSatisfy { range.contains($0) })
      }
    }
  }
}
