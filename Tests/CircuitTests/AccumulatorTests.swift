import Algebra
import Circuit
import TestSupport
import Testing

/// Sums and products of more than 64 bits, which are rounded or wrapped before they become a tensor.
@Suite struct AccumulatorTests {
  private static let all: ClosedRange<Int64> = .min ... .max
  private static let edges: [Int64] = [
    .min, .min + 1, -1 << 32, -1, 0, 1, 3, 1 << 32, 0x5851_F42D_4C95_7F2D, .max - 1, .max,
  ]

  /// Whether the circuit accepts the program's results and nothing else: no variable can move.
  private func checkRigid(_ chunk: ChunkSketch, _ inputs: [[Int64]]) throws {
    #expect(try chunk.failure(inputs) == nil)
    for delta in [Fr.one, -.one, SmallScalars.powerOfTwo(63), SmallScalars.powerOfTwo(64)] {
      #expect(try chunk.looseVariables(inputs, delta: delta).isEmpty)
    }
  }

  @Test func productsOfAnyTwoIntegersWrapAsMachinesDo() throws {
    let pairs = Self.edges.flatMap { a in Self.edges.map { (a, $0) } }
    let count = pairs.count
    let chunk = try ChunkSketch(
      .narrowed(.product, .wrap(bits: 64, isSigned: true)),
      inputs: [(count, Self.all), (count, Self.all)], to: count)
    let inputs = [pairs.map(\.0), pairs.map(\.1)]
    let output = try #require(try chunk.program.graph.evaluate(inputs: inputs).last)
    #expect(output == pairs.map { $0 &* $1 })
    try checkRigid(chunk, inputs)
  }

  @Test(arguments: [1, 8, 31, 32, 63]) func sumsWrapAtAnyWidth(bits: Int) throws {
    var generator = SeededGenerator(seed: 53)
    var map = LinearMap(inputCount: 4)
    map.appendRow([(0, 1 << 61), (1, -(1 << 61) + 1), (2, 1 << 40)], bias: .min)
    map.appendRow([(3, 1), (0, -1)], bias: .max)
    map.appendRow([(1, 1)])
    for isSigned in [true, false] {
      let chunk = try ChunkSketch(
        .narrowed(.linear(map), .wrap(bits: bits, isSigned: isSigned)), inputs: [(4, Self.all)],
        to: 3)
      for _ in 0..<4 {
        let x = (0..<4).map { _ in Int64.random(in: Self.all, using: &generator) }
        let found = try chunk.program.graph.evaluate(inputs: [x])[1]
        // Modulo 2^bits wrapping arithmetic is exact.
        for (row, number) in zip(map.apply(wrapping: x), found) {
          #expect((row &- number) & ((1 << Int64(bits)) &- 1) == 0)
          #expect(isSigned || number >= 0)
        }
        try checkRigid(chunk, [x])
      }
    }
  }

  @Test func whatIsRoundedMayBeWide() throws {
    let (factors, shift): (ClosedRange<Int64>, Int) = (-(1 << 61)...1 << 61, 60)
    var generator = SeededGenerator(seed: 54)
    let product = try ChunkSketch(
      .narrowed(.product, .rescale(shift: shift)), inputs: [(6, factors), (6, factors)], to: 6,
      output: -(1 << 62)...(1 << 62) - 1)
    let matrix = try ChunkSketch(
      .narrowed(.matmul(batch: 1, m: 2, k: 3, n: 2), .rescale(shift: 62)),
      inputs: [(6, factors), (6, factors)], to: 4)
    for _ in 0..<8 {
      let inputs = (0..<2).map { _ in
        (0..<6).map { _ in Int64.random(in: factors, using: &generator) }
      }
      let half = Int128(1) << Int128(shift - 1)
      let wanted = zip(inputs[0], inputs[1]).map {
        (Int128($0) * Int128($1) + half) >> Int128(shift)
      }
      #expect(try product.program.graph.evaluate(inputs: inputs)[2].map { Int128($0) } == wanted)
      try checkRigid(product, inputs)
      try checkRigid(matrix, inputs)
    }
    // The declared range is enforced.
    let extreme = [[Int64]](repeating: [Int64](repeating: 1 << 61, count: 6), count: 2)
    #expect(throws: CircuitError.self) { try product.program.graph.evaluate(inputs: extreme) }
  }

  @Test func whatNoFieldElementHoldsIsRefused() {
    func range(
      _ accumulator: Accumulator, _ narrowing: Narrowing, _ count: Int
    ) throws -> ClosedRange<Int64> {
      let tensor = IntegerTensor(name: "x", shape: [count], range: Self.all, scaleBits: 0)
      return try IntegerOperation.derivedRange(
        of: .narrowed(accumulator, narrowing), inputs: [tensor, tensor], name: "n")
    }
    let wrap = Narrowing.wrap(bits: 64, isSigned: true)
    #expect(throws: Never.self) { try range(.matmul(batch: 1, m: 1, k: 1, n: 1), wrap, 1) }
    #expect(throws: CircuitError.self) { try range(.matmul(batch: 1, m: 1, k: 2, n: 1), wrap, 2) }
    // Rounded, it still has more than 64 bits.
    #expect(throws: CircuitError.self) { try range(.product, .rescale(shift: 62), 1) }
    for narrowing: Narrowing in [
      .rescale(shift: 0), .rescale(shift: 63), .wrap(bits: 0, isSigned: true),
      .wrap(bits: 65, isSigned: true), .wrap(bits: 64, isSigned: false),
    ] {
      #expect(throws: CircuitError.self) { try range(.product, narrowing, 1) }
    }
  }

  @Test func bytesSayWhatIsAccumulated() throws {
    var map = LinearMap(inputCount: 4)
    map.appendRow([(0, 3), (2, -1)], bias: 7)
    let kinds: [(IntegerOperation.Kind, Int, Int)] = [
      (.narrowed(.product, .wrap(bits: 64, isSigned: true)), 2, 4),
      (.narrowed(.product, .wrap(bits: 32, isSigned: false)), 2, 4),
      (.narrowed(.linear(map), .wrap(bits: 8, isSigned: true)), 1, 1),
      (.narrowed(.matmul(batch: 1, m: 2, k: 2, n: 2), .rescale(shift: 40)), 2, 4),
    ]
    var names = Set<[UInt8]>()
    for (kind, inputs, outputs) in kinds {
      let range: ClosedRange<Int64> = -(1 << 45)...1 << 45
      let program = try ChunkSketch(
        kind, inputs: (0..<inputs).map { _ in (4, range) }, to: outputs
      ).program
      let decoded = try ChunkProgram(canonicalBytes: program.canonicalBytes)
      #expect(decoded.graph.operations[0].kind == kind)
      #expect(decoded.canonicalBytes == program.canonicalBytes)
      names.insert(decoded.canonicalBytes)
    }
    #expect(names.count == kinds.count)
  }
}

extension LinearMap {
  /// M * input + bias modulo 2^64.
  fileprivate func apply(wrapping input: [Int64]) -> [Int64] {
    (0..<outputCount).map { row in
      entries(row).reduce(biases[row]) { sum, entry in
        sum &+ entry.coefficient &* input[entry.column]
      }
    }
  }
}
