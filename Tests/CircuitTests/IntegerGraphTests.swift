import TestSupport
import Testing

import Circuit

@Suite struct IntegerGraphTests {
  @Test func evaluatesEveryKind() throws {
    var graph = GraphSketch()
    let x = graph.input(4, -8...7)
    var map = LinearMap(inputCount: 4)
    map.appendRow([(3, 2), (0, -1), (3, 1)], bias: 5)
    map.appendRow([(1, 4), (1, -4)])
    map.appendRow([(2, 10)], bias: -1)
    map.appendRow([(0, 1)])
    let y = graph.add(.linear(map), [x], count: 4)
    let q = graph.add(.rescale(shift: 2), [y], count: 4, range: -32...31)
    let z = graph.add(.relu, [q], count: 4)
    let p = graph.add(.product, [q, y], count: 4)
    let m = graph.add(.matmul(batch: 1, m: 2, k: 2, n: 2), [x, q], count: 4)
    let w = graph.add(.maximum(windows: [[0, 1], [2, 3, 0]]), [p], count: 2)
    let a = graph.add(.argmax(groups: [[0, 1, 3], [3, 1]], last: false), [z], count: 2)
    let b = graph.add(.argmax(groups: [[0, 1, 3]], last: true), [z], count: 1)
    let values = try graph.graph(outputs: [a, b]).evaluate(inputs: [[-8, 3, -2, 7]])
    #expect(values[y] == [34, 0, -21, -8])
    #expect(values[q] == [9, 0, -5, -2])  // 8.5 and -5.25, halves round up
    #expect(values[z] == [9, 0, 0, 0])
    #expect(values[p] == [306, 0, 105, 16])
    #expect(values[m] == [-87, -6, -53, -14])
    #expect(values[w] == [306, 306])
    #expect(values[a] == [0, 0])
    #expect(values[b] == [0])
  }

  @Test func rescaleRoundsHalvesUp() {
    for value in -20...20 {
      let exact = (Double(value) / 8 + 0.5).rounded(.down)
      #expect(IntegerOperation.rescaled(Int64(value), 3) == Int64(exact))
    }
    #expect(IntegerOperation.rescaled(.max, 1) == 1 << 62)
    #expect(IntegerOperation.rescaled(.min, 62) == -2)
  }

  @Test func namesTheValueThatLeavesItsRange() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, -100...100)
    let q = sketch.add(.rescale(shift: 1), [x], count: 2, range: -8...7, name: "dense_3")
    let graph = try sketch.graph(outputs: [q])
    #expect(
      throws: CircuitError.valueOutOfRange(
        operation: "dense_3", tensor: "t1", element: 1, value: 8, range: -8...7)
    ) { try graph.evaluate(inputs: [[0, 15]]) }
    #expect(throws: CircuitError.self) { try graph.evaluate(inputs: [[0, 101]]) }
    #expect(throws: CircuitError.countMismatch(what: "elements of t0", expected: 2, found: 1)) {
      try graph.evaluate(inputs: [[0]])
    }
  }

  @Test func rejectsInvalidGraphs() throws {
    let byte = IntegerTensor(name: "x", shape: [2], range: -128...127, scaleBits: 0)
    func build(
      _ kind: IntegerOperation.Kind, _ inputs: [Int], output: IntegerTensor,
      outputs: [Int] = [1]
    ) throws(CircuitError) {
      _ = try IntegerGraph(
        tensors: [byte, output],
        operations: [IntegerOperation(name: "n", kind: kind, inputs: inputs, output: 1)],
        inputs: [0], outputs: outputs)
    }
    try build(.relu, [0], output: byte)
    var narrow = byte
    narrow.range = 0...126
    #expect(
      throws: CircuitError.rangeTooWide(
        operation: "n (relu)", lowest: "0", highest: "127", declared: 0...126)
    ) { try build(.relu, [0], output: narrow) }
    var long = byte
    long.shape = [3]
    #expect(throws: CircuitError.self) { try build(.relu, [0], output: long) }
    #expect(throws: CircuitError.self) { try build(.relu, [1], output: byte) }
    #expect(throws: CircuitError.self) { try build(.relu, [0, 0], output: byte) }
    #expect(throws: CircuitError.self) { try build(.relu, [0], output: byte, outputs: [2]) }
    #expect(throws: CircuitError.self) { try build(.product, [0, 7], output: byte) }
    #expect(throws: CircuitError.self) {
      try build(.maximum(windows: [[0], [2]]), [0], output: byte)
    }
    var far = byte
    far.range = 500...600
    #expect(throws: CircuitError.self) { try build(.rescale(shift: 0), [0], output: far) }
    // A divisor that may be 0 or less, and a root of what may be negative.
    #expect(throws: CircuitError.self) {
      try build(.quotient(shift: 0, rounding: .floor), [0, 0], output: byte)
    }
    #expect(throws: CircuitError.self) {
      try build(.divide(by: 0, rounding: .floor), [0], output: byte)
    }
    #expect(throws: CircuitError.self) { try build(.squareRoot, [0], output: byte) }
    var map = LinearMap(inputCount: 2)
    map.appendRow([(0, .max), (1, .max)])
    map.appendRow([])
    #expect(throws: CircuitError.self) { try build(.linear(map), [0], output: byte) }
  }

  @Test(
    arguments: [
      (-128...127, 8, 8), (0...0, 1, 0), (-1...0, 1, 1), (0...1, 2, 1), (-129...0, 9, 8),
      (Int64.min...Int64.max, 64, 64), (0...Int64.max, 64, 63), (5...6, 4, 1),
    ] as [(ClosedRange<Int64>, Int, Int)])
  func countsBits(range: ClosedRange<Int64>, signed: Int, unsigned: Int) {
    #expect(range.signedBitCount == signed)
    #expect(range.unsignedBitCount == unsigned)
    #expect(range.signedPowerOfTwo.covers(range))
    #expect(range.signedPowerOfTwo.signedBitCount == signed)
  }

  @Test func canonicalBytesRoundTripAndNothingElseDecodes() throws {
    let graph = try GraphSketch.everyKind()
    let bytes = graph.canonicalBytes
    #expect(try IntegerGraph(canonicalBytes: bytes) == graph)
    #expect(throws: CircuitError.self) { try IntegerGraph(canonicalBytes: bytes + [0]) }
    for length in 0..<bytes.count {
      #expect(throws: CircuitError.self) {
        try IntegerGraph(canonicalBytes: Array(bytes[..<length]))
      }
    }
    // A changed byte either is refused or gives another graph, whose form is again those bytes.
    for place in bytes.indices {
      for flip in [1, 0x80, 0xff] as [UInt8] {
        var changed = bytes
        changed[place] ^= flip
        guard let other = try? IntegerGraph(canonicalBytes: changed) else { continue }
        #expect(other != graph)
        #expect(other.canonicalBytes == changed)
      }
    }
  }
}
