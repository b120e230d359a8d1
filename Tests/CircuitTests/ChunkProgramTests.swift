import Algebra
import Circuit
import TestSupport
import Testing
import Varuna

@Suite struct ChunkProgramTests {
  private func program() throws -> ChunkProgram {
    try ChunkSketch(GraphSketch.everyKind(), salted: true).program
  }

  /// The digest names the circuit: whatever changes the circuit changes it.
  @Test func digestsNameGraphEncodingsAndChecks() throws {
    func digest(
      _ range: ClosedRange<Int64> = -8...7, bits: Int = 8, offset: Int64 = -128,
      salted: Bool = false, checked: [Int] = []
    ) throws -> [UInt8] {
      var sketch = GraphSketch()
      let (a, b) = (sketch.input(4, range), sketch.input(4, range))
      let y = sketch.add(.matmul(batch: 1, m: 2, k: 2, n: 2), [a, b], count: 4)
      let input = BoundaryEncoding(bitWidth: bits, offset: offset, salted: salted)
      return try ChunkProgram(
        graph: sketch.graph(outputs: [y]), inputEncodings: [input, input],
        outputEncodings: [.word(for: -512...511, salted: false)], checked: checked
      ).digest
    }
    let others = [
      try digest(), try digest(-8...6), try digest(bits: 9), try digest(offset: -127),
      try digest(salted: true), try digest(checked: [0]),
    ]
    #expect(try digest() == others[0])
    #expect(Set(others).count == others.count)
  }

  @Test func bytesRoundTripAndNothingElseDecodes() throws {
    let program = try program()
    let bytes = program.canonicalBytes
    let decoded = try ChunkProgram(canonicalBytes: bytes)
    #expect(decoded.canonicalBytes == bytes)
    #expect(decoded.digest == program.digest)
    #expect(decoded.counts().total == program.counts().total)
    #expect(decoded.graph.operations[0].name == "operation 0")
    for length in 0..<bytes.count {
      #expect(throws: CircuitError.self) {
        try ChunkProgram(canonicalBytes: Array(bytes[..<length]))
      }
    }
    for place in bytes.indices {
      for flip in [1, 2, 0x80, 0xff] as [UInt8] {
        var changed = bytes
        changed[place] ^= flip
        guard let other = try? ChunkProgram(canonicalBytes: changed) else { continue }
        #expect(other.canonicalBytes == changed)
        #expect(other.digest != program.digest)
      }
    }
  }

  @Test func arbitraryBytesNeverTrap() throws {
    let seed: UInt64 = 77
    var generator = SeededGenerator(seed: seed)
    let bytes = try program().canonicalBytes
    var refused = 0
    for _ in 0..<4000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        changed[Int.random(in: 0..<changed.count, using: &generator)] =
          [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &generator)].randomElement(
            using: &generator)!
      }
      if (try? ChunkProgram(canonicalBytes: changed)) == nil { refused += 1 }
    }
    #expect(refused > 1000, "seed \(seed)")
  }

  @Test func oversizedProgramsAreRefusedBeforeAnythingIsBuilt() throws {
    var sketch = GraphSketch()
    let x = sketch.input(1 << 24, -8...7)
    let y = sketch.add(.relu, [x], count: 1 << 24)
    let graph = try sketch.graph(outputs: [y])
    let encoding = BoundaryEncoding(bitWidth: 4, offset: -8, salted: false)
    let program = try ChunkProgram(
      graph: graph, inputEncodings: [encoding], outputEncodings: [encoding])
    #expect(throws: CircuitError.self) { try program.compile() }
  }

  @Test func encodingsMustHoldTheRange() throws {
    let graph = try GraphSketch.everyKind()
    let narrow = BoundaryEncoding(bitWidth: 3, offset: -4, salted: false)
    let wide = BoundaryEncoding(bitWidth: 64, offset: .min, salted: false)
    let outputs = graph.outputs.map { _ in wide }
    _ = try ChunkProgram(graph: graph, inputEncodings: [wide], outputEncodings: outputs)
    for (inputs, outputs) in [([narrow], outputs), ([wide], [narrow] + outputs.dropFirst())] {
      let error = #expect(throws: CircuitError.self) {
        try ChunkProgram(graph: graph, inputEncodings: inputs, outputEncodings: outputs)
      }
      #expect(error?.description.contains("does not fit") == true)
    }
    #expect(throws: CircuitError.self) {
      try ChunkProgram(graph: graph, inputEncodings: [wide], outputEncodings: [wide])
    }
  }

  @Test func instanceBytesAreStrict() throws {
    let instance = ChunkInstance(
      inputs: [[1, -2, .max], [], [.min]], salts: [nil, Fr(UInt64(9)), nil])
    let bytes = instance.canonicalBytes
    #expect(try ChunkInstance(canonicalBytes: bytes) == instance)
    for length in 0..<bytes.count {
      #expect(throws: CircuitError.self) {
        try ChunkInstance(canonicalBytes: Array(bytes[..<length]))
      }
    }
    #expect(throws: CircuitError.self) { try ChunkInstance(canonicalBytes: bytes + [0]) }
    #expect(throws: CircuitError.self) {
      try ChunkInstance(
        canonicalBytes: bytes[..<(bytes.count - 33)] + [UInt8](repeating: 0xff, count: 33))
    }
  }

  /// Two layers of equal shape, parameters and ranges are one circuit; the cut carries their boundary along.
  @Test func equalPartsOfAGraphGiveEqualPrograms() throws {
    var sketch = GraphSketch()
    var x = sketch.input(3, -8...7)
    var cuts = [x]
    for layer in 0..<3 {
      var map = LinearMap(inputCount: 3)
      for row in 0..<3 { map.appendRow([(row, 3), ((row + 1) % 3, -2)], bias: 1) }
      let y = sketch.add(.linear(map), [x], count: 3, name: "gemm \(layer)")
      x = sketch.add(.rescale(shift: 2), [y], count: 3, range: -16...15)
      x = sketch.add(.rescale(shift: 0), [x], count: 3, range: -8...7)
      cuts.append(x)
    }
    let graph = try sketch.graph(outputs: [x])
    let encoding = BoundaryEncoding(bitWidth: 4, offset: -8, salted: true)
    let chunks = try (0..<3).map { layer in
      try graph.chunk(operations: Array(3 * layer..<3 * layer + 3)) { _ in encoding }
    }
    for (layer, chunk) in chunks.enumerated() {
      #expect(chunk.program.canonicalBytes == chunks[0].program.canonicalBytes)
      #expect(chunk.inputs == [cuts[layer]] && chunk.outputs == [cuts[layer + 1]])
    }
    // The chain evaluates to what the whole does, and links carry equal commitments.
    let values = try graph.evaluate(inputs: [[1, -3, 2]])
    var last: Fr?
    for chunk in chunks {
      let compiled = try chunk.program.compile()
      let witness = try compiled.witness(
        ChunkInstance(inputs: [values[chunk.inputs[0]]], salts: [Fr(UInt64(4)), Fr(UInt64(4))]))
      #expect(witness.values[chunk.program.graph.outputs[0]] == values[chunk.outputs[0]])
      if let last { #expect(witness.publicInputs[1] == last) }
      last = witness.publicInputs[2]
    }
  }

  @Test(
    arguments: [
      (-128...127, 8, -128), (0...255, 16, -32768), (-129...0, 16, -32768),
      (Int64.min...0, 64, Int64.min), (0...Int64.max, 64, Int64.min),
    ] as [(ClosedRange<Int64>, Int, Int64)])
  func wordEncodings(range: ClosedRange<Int64>, width: Int, offset: Int64) {
    let word = BoundaryEncoding.word(for: range, salted: false)
    #expect(word == BoundaryEncoding(bitWidth: width, offset: offset, salted: false))
    #expect(BoundaryEncoding.smallest(for: range, salted: true).range.covers(range))
    #expect(BoundaryEncoding.smallest(for: range, salted: true).bitWidth <= width)
  }

  /// Bits one by one, as the format defines it.
  @Test(arguments: [1, 7, 8, 12, 33, 64]) func packingFollowsTheDefinition(width: Int) throws {
    let encoding = BoundaryEncoding(
      bitWidth: width, offset: width == 64 ? .min : -3, salted: false)
    var generator = SeededGenerator(seed: 1)
    let values = (0..<100).map { _ in Int64.random(in: encoding.range, using: &generator) }
    let bits = values.flatMap { value in
      (0..<width).map { UInt64(bitPattern: value &- encoding.offset) >> UInt64($0) & 1 }
    }
    let expected = stride(from: 0, to: bits.count, by: 252).map { start in
      bits[start..<min(start + 252, bits.count)].reversed().reduce(Fr.zero) {
        $0.doubled() + Fr($1)
      }
    }
    #expect(try encoding.pack(values) == expected)
    #expect(encoding.pieceCount(100) == expected.count)
    if width < 64 {
      #expect(throws: CircuitError.self) { try encoding.pack([encoding.range.upperBound + 1]) }
    }
    #expect(throws: CircuitError.self) { try encoding.commitment(values: values, salt: .one) }
  }
}
