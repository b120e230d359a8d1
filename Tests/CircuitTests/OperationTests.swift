import Algebra
import Circuit
import TestSupport
import Testing

/// Every kind of operation alone: honest witnesses satisfy, no variable is loose, and a forged result either violates a
/// constraint or changes nothing that is committed to.
@Suite struct OperationTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var kind: IntegerOperation.Kind
    var inputs: [(count: Int, range: ClosedRange<Int64>)]
    var outputCount: Int
    var output: ClosedRange<Int64>? = nil
    var testDescription: String { name }
  }

  static let divisions = Rounding.allCases.flatMap { rounding in
    [
      Case(
        name: "divide by 6, \(rounding)", kind: .divide(by: 6, rounding: rounding),
        inputs: [(4, -40...33)], outputCount: 4),
      Case(
        name: "divide by 7, \(rounding)", kind: .divide(by: 7, rounding: rounding),
        inputs: [(4, -8...63)], outputCount: 4),
      Case(
        name: "divide by 8, \(rounding)", kind: .divide(by: 8, rounding: rounding),
        inputs: [(4, -64 ... -1)], outputCount: 4),
      Case(
        name: "narrow divide, \(rounding)", kind: .divide(by: 4, rounding: rounding),
        inputs: [(2, -40...33)], outputCount: 2, output: -7...5),
      Case(
        name: "quotient, \(rounding)", kind: .quotient(shift: 2, rounding: rounding),
        inputs: [(4, -20...20), (4, 1...6)], outputCount: 4),
      Case(
        name: "quotient by 4, \(rounding)", kind: .quotient(shift: 0, rounding: rounding),
        inputs: [(4, -20...20), (4, 4...4)], outputCount: 4),
    ]
  }

  /// Sums of two and three elements, and a copy.
  static let sums = {
    var map = LinearMap(inputCount: 3)
    map.appendRow([(0, 2), (1, -3)], bias: 5)
    map.appendRow([(0, 1), (1, 1), (2, -1)])
    map.appendRow([(2, 1)])
    return map
  }()

  static let others = [
    Case(name: "square root", kind: .squareRoot, inputs: [(6, 0...40)], outputCount: 6),
    Case(name: "absolute", kind: .absolute, inputs: [(4, -9...7)], outputCount: 4),
    Case(name: "clamp", kind: .clamp(-3...4), inputs: [(6, -8...9)], outputCount: 6),
    Case(name: "clamp above", kind: .clamp(-10...4), inputs: [(4, -8...9)], outputCount: 4),
    Case(
      name: "clamp to nothing of it", kind: .clamp(20...24), inputs: [(4, -8...9)], outputCount: 4),
    Case(name: "is negative", kind: .isNegative, inputs: [(4, -3...2)], outputCount: 4),
    Case(name: "is zero", kind: .isZero, inputs: [(6, -1...1)], outputCount: 6),
    Case(
      name: "select", kind: .select, inputs: [(4, 0...1), (4, -5...2), (4, 3...9)], outputCount: 4),
    Case(name: "product", kind: .product, inputs: [(4, -5...5), (4, -3...8)], outputCount: 4),
    Case(
      name: "matmul", kind: .matmul(batch: 2, m: 2, k: 3, n: 2),
      inputs: [(12, -4...4), (12, -4...4)], outputCount: 8),
    Case(name: "and", kind: .bitwise(.and), inputs: [(4, 0...12), (4, 3...7)], outputCount: 4),
    Case(name: "or", kind: .bitwise(.or), inputs: [(4, 0...12), (4, 3...7)], outputCount: 4),
    Case(name: "xor", kind: .bitwise(.xor), inputs: [(4, 0...12), (4, 3...7)], outputCount: 4),
    Case(name: "bit length", kind: .bitLength, inputs: [(6, 0...20)], outputCount: 6),
    Case(
      name: "table", kind: .table(FunctionTable(over: -9...22) { ($0 * 37) % 19 - 5 }),
      inputs: [(5, -9...20)], outputCount: 5),
    Case(
      name: "table of one", kind: .table(FunctionTable(lowest: 3, values: [8])),
      inputs: [(2, 3...3)], outputCount: 2),
    Case(
      name: "interpolate",
      kind: .interpolate(
        SegmentTable(
          lowest: -16, lowBits: 3, intercepts: [4, -9, 0, 2], slopes: [1, 0, -5, 7])),
      inputs: [(5, -13...15)], outputCount: 5),
    Case(
      name: "interpolate with parabolas",
      kind: .interpolate(
        SegmentTable(
          lowest: -16, lowBits: 3, intercepts: [4, -9, 0, 2], slopes: [1, 0, -5, 7],
          curvatures: [0, 3, -1, 2], coarseBits: 1)),
      inputs: [(5, -13...15)], outputCount: 5),
    Case(
      name: "distance", kind: .distance(groups: [[0, 1, 2], [4, 2, 3]]), inputs: [(5, -9...7)],
      outputCount: 6),
    Case(
      name: "distance in groups of one", kind: .distance(groups: [[1], [0]]), inputs: [(2, -9...7)],
      outputCount: 2),
    Case(name: "cap", kind: .clamp(-3...4), inputs: [(6, -3...30)], outputCount: 6),
    Case(name: "cap by one bit", kind: .clamp(-5...10), inputs: [(6, -5...20)], outputCount: 6),
    Case(
      name: "gather",
      kind: .gather(picks: [
        Pick(index: 0, start: 0, stride: 1, count: 3),
        Pick(index: 1, start: 5, stride: -2, count: 3),
        Pick(index: 0, start: 3, stride: 0, count: 4),
      ]), inputs: [(6, -7...7), (2, 0...2)], outputCount: 3),
    Case(name: "one-hot", kind: .oneHot(depth: 4), inputs: [(2, 0...3)], outputCount: 8),
    Case(
      name: "top 2 of 4",
      kind: .order(groups: [[0, 1, 2, 3], [3, 1, 4]], count: 2, descending: true),
      inputs: [(5, -2...2)], outputCount: 4),
    Case(
      name: "rounded product", kind: .narrowed(.product, .rescale(shift: 3)),
      inputs: [(4, -5...5), (4, -3...8)], outputCount: 4),
    Case(
      name: "rounded product in a narrow range", kind: .narrowed(.product, .rescale(shift: 2)),
      inputs: [(2, -5...5), (2, -3...8)], outputCount: 2, output: -5...6),
    Case(
      name: "wrapped product", kind: .narrowed(.product, .wrap(bits: 3, isSigned: true)),
      inputs: [(4, -5...5), (4, -3...8)], outputCount: 4),
    Case(
      name: "product wrapped without a sign",
      kind: .narrowed(.product, .wrap(bits: 4, isSigned: false)),
      inputs: [(4, -5...5), (4, -3...8)], outputCount: 4),
    Case(
      name: "rounded matmul",
      kind: .narrowed(.matmul(batch: 2, m: 2, k: 3, n: 2), .rescale(shift: 2)),
      inputs: [(12, -4...4), (12, -4...4)], outputCount: 8),
    Case(
      name: "wrapped sums", kind: .narrowed(.linear(sums), .wrap(bits: 3, isSigned: true)),
      inputs: [(3, -9...7)], outputCount: 3),
    Case(
      name: "sort", kind: .order(groups: [[0, 1, 2, 3]], count: 4, descending: false),
      inputs: [(4, -2...2)], outputCount: 4),
  ]

  @Test(arguments: divisions + others) func honestSatisfiesAndForgedDoesNot(_ test: Case) throws {
    let chunk = try ChunkSketch(
      test.kind, inputs: test.inputs, to: test.outputCount, output: test.output)
    let output = chunk.program.graph.outputs[0]
    var generator = SeededGenerator(seed: 31)
    var rejected = 0
    for _ in 0..<8 {
      let inputs = chunk.randomInputs(&generator)
      guard let values = try? chunk.program.graph.evaluate(inputs: inputs) else {
        rejected += 1
        continue
      }
      let salts = chunk.instance(inputs).salts
      let honest = chunk.program.assemble(values: values, salts: salts)
      #expect(chunk.compiled.failure(of: chunk.assignment(honest)) == nil, "\(inputs)")
      for element in values[output].indices {
        for change in [-1, 1, 3] as [Int64] {
          var forged = values
          forged[output][element] += change
          let witness = chunk.program.assemble(values: forged, salts: salts)
          // A result that is a combination of other variables cannot be claimed at all.
          let failure = chunk.compiled.failure(of: chunk.assignment(witness))
          #expect(
            failure != nil || witness.publicInputs == honest.publicInputs,
            "\(inputs) \(element) \(change)")
        }
      }
    }
    #expect(rejected < 8)
  }

  @Test(arguments: divisions + others) func noVariableIsLoose(_ test: Case) throws {
    let chunk = try ChunkSketch(
      test.kind, inputs: test.inputs, to: test.outputCount, output: test.output)
    var generator = SeededGenerator(seed: 7)
    var inputs = chunk.randomInputs(&generator)
    while (try? chunk.program.graph.evaluate(inputs: inputs)) == nil {
      inputs = chunk.randomInputs(&generator)
    }
    for delta in [Fr.one, -.one, Fr(2), Fr(12345)] {
      let loose = try chunk.looseVariables(inputs, delta: delta)
      #expect(try Set(loose).subtracting(chunk.freeInverses(inputs)).isEmpty)
    }
  }

  /// Functions of a capped number: read by its low bits where it is inside, the value at the limit where it is not.
  @Test(arguments: [true, false]) func cappedNumbersAreReadByTheirLowBits(isTable: Bool) throws {
    var sketch = GraphSketch()
    let x = sketch.input(3, 0...90)
    let capped = sketch.add(.clamp(0...31), [x], count: 3)
    let kind: IntegerOperation.Kind =
      isTable
      ? .table(FunctionTable(over: 0...31) { $0 * 37 % 19 - 5 })
      : .interpolate(
        SegmentTable(
          lowest: 0, lowBits: 3, intercepts: [4, -9, 0, 2], slopes: [1, 0, -5, 7],
          curvatures: [0, 3, -1, 2]))
    let y = sketch.add(kind, [capped], count: 3)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]))
    for number in 0...88 as ClosedRange<Int64> {
      let inputs = [[number, 90 - number, number + 2]]
      let values = try chunk.program.graph.evaluate(inputs: inputs)
      let witness = chunk.program.assemble(values: values, salts: chunk.instance(inputs).salts)
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let commitment = try chunk.program.outputEncodings[0].commitment(values: values[y], salt: nil)
      #expect(witness.publicInputs.last == commitment)
      for delta in [Fr.one, Fr(12345)] where number % 8 == 0 {
        let loose = try chunk.looseVariables(inputs, delta: delta)
        #expect(try Set(loose).subtracting(chunk.freeInverses(inputs)).isEmpty)
      }
    }
  }

  /// Segments that begin elsewhere than the clamp do not share its bits: they read the limited number itself.
  @Test func segmentsMayBeginElsewhereThanTheClamp() throws {
    var sketch = GraphSketch()
    let x = sketch.input(3, 0...90)
    let capped = sketch.add(.clamp(-8...55), [x], count: 3)
    let segments = SegmentTable(
      lowest: 0, lowBits: 4, intercepts: [4, -9, 0, 2], slopes: [1, 0, -5, 7])
    let y = sketch.add(.interpolate(segments), [capped], count: 3)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]))
    for number in 0...88 as ClosedRange<Int64> {
      let inputs = [[number, 90 - number, number + 2]]
      let values = try chunk.program.graph.evaluate(inputs: inputs)
      let witness = chunk.program.assemble(values: values, salts: chunk.instance(inputs).salts)
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let commitment = try chunk.program.outputEncodings[0].commitment(values: values[y], salt: nil)
      #expect(witness.publicInputs.last == commitment)
    }
  }

  /// A bound far below all that occurs makes no table of as many entries: the limited number gets bits of its own.
  @Test func capsFarBelowTheirArgumentAreCheap() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, -3...90)
    let capped = sketch.add(.clamp(32 - (1 << 40)...31), [x], count: 2)
    let y = sketch.add(
      .table(FunctionTable(over: -3...31) { $0 * 37 % 19 - 5 }), [capped], count: 2)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]), checked: [])
    for number in -3...90 as ClosedRange<Int64> {
      let inputs = [[number, 87 - number]]
      let values = try chunk.program.graph.evaluate(inputs: inputs)
      let witness = chunk.program.assemble(values: values, salts: chunk.instance(inputs).salts)
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let commitment = try chunk.program.outputEncodings[0].commitment(values: values[y], salt: nil)
      #expect(witness.publicInputs.last == commitment)
    }
    #expect(try chunk.looseVariables([[2, 77]], delta: .one).isEmpty)
  }

  /// A maximum that is too large leaves no difference 0, one that is too small a negative one.
  @Test(arguments: [-4, -1, 1, 4] as [Int64]) func onlyTheMaximumIsOne(change: Int64) throws {
    let chunk = try ChunkSketch(
      .distance(groups: [[0, 1, 2, 3]]), inputs: [(4, -8...7)], to: 4)
    let output = chunk.program.graph.outputs[0]
    let failure = try chunk.failure([[-2, 3, 1, -8]]) { values in
      for element in 0..<4 { values[output][element] += change }
    }
    #expect(failure?.location.gadget == (change > 0 ? .product : .recomposition))
  }

  /// Constant data is a table that the bits of an index read: every index gives its entry, and no bit is loose.
  @Test func gatherFromConstantsReadsByBits() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, 2...77)
    var data = LinearMap(inputCount: 2)
    for place in 0..<80 { data.appendRow([], bias: Int64(place * place % 71 - 30)) }
    let table = sketch.add(.linear(data), [x], count: 80)
    let picks = [
      Pick(index: 0, start: 0, stride: 1, count: 80),
      Pick(index: 1, start: 79, stride: -1, count: 80),
    ]
    let y = sketch.add(.gather(picks: picks), [table, x], count: 2)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]))
    #expect(
      !(0..<chunk.compiled.r1cs.constraintCount).contains {
        chunk.compiled.location(of: $0).gadget == .oneHot
      })
    for index in 2...77 as ClosedRange<Int64> {
      let inputs = [[index, 79 - index]]
      let values = try chunk.program.graph.evaluate(inputs: inputs)
      let witness = chunk.program.assemble(values: values, salts: chunk.instance(inputs).salts)
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let commitment = try chunk.program.outputEncodings[0].commitment(values: values[y], salt: nil)
      #expect(witness.publicInputs.last == commitment)
    }
    #expect(try chunk.looseVariables([[2, 77]], delta: Fr(12345)).isEmpty)
    #expect(try chunk.looseVariables([[40, 3]], delta: .one).isEmpty)
  }

  /// The formula of each kind, checked against a straightforward one.
  @Test func roundingsAgreeWithTheirDefinition() {
    for divisor in 1...9 as ClosedRange<Int128> {
      for number in -40...40 as ClosedRange<Int128> {
        let exact = Double(number) / Double(divisor)
        for (rounding, expected) in [
          (Rounding.floor, exact.rounded(.down)), (.ceiling, exact.rounded(.up)),
          (.towardZero, exact.rounded(.towardZero)), (.halfUp, (exact + 0.5).rounded(.down)),
          (.halfEven, exact.rounded(.toNearestOrEven)),
        ] {
          #expect(rounding.quotient(number, divisor) == Int128(expected))
        }
      }
    }
  }

  @Test func squareRootsAreExact() {
    for root in [0, 1, 2, 46340, 94_906_267, 3_037_000_499] as [Int64] {
      #expect(IntegerOperation.squareRoot(root * root) == root)
      #expect(IntegerOperation.squareRoot(root * root + root) == root)
      if root > 0 { #expect(IntegerOperation.squareRoot(root * root - 1) == root - 1) }
    }
    #expect(IntegerOperation.squareRoot(.max) == 3_037_000_499)
  }

  /// Tiles of an operation make the same elements as the whole.
  @Test(arguments: divisions + others) func tilesMakeTheSameElements(_ test: Case) throws {
    let whole = try ChunkSketch(
      test.kind, inputs: test.inputs, to: test.outputCount, output: test.output
    ).program.graph
    var generator = SeededGenerator(seed: 3)
    let inputs = test.inputs.map { input in
      (0..<input.count).map { _ in Int64.random(in: input.range, using: &generator) }
    }
    guard let values = try? whole.evaluate(inputs: inputs) else { return }
    for element in 0..<test.outputCount {
      let elements = test.kind.tileable([element, (element * 7 + 3) % test.outputCount].sorted())
      #expect(elements.contains(element) && test.kind.tileable(elements) == elements)
      let tile = test.kind.tile(elements, inputs: test.inputs.map(\.count))
      var sketch = GraphSketch()
      let tensors = zip(tile.reads, test.inputs).map { sketch.input($0.count, $1.range) }
      let y = sketch.add(tile.kind, tensors, count: elements.count, range: test.output)
      let part = try sketch.graph(outputs: [y]).evaluate(
        inputs: zip(tile.reads, inputs).map { reads, list in reads.map { list[$0] } })
      #expect(part[y] == elements.map { values[whole.outputs[0]][$0] })
    }
  }
}
