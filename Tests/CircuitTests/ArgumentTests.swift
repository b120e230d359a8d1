import Algebra
import Circuit
import TestSupport
import Testing

/// Checks at a challenge: matrix products, linear maps that repeat a matrix, and table lookups.
@Suite struct ArgumentTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    /// Builds the graph; returns its output.
    var build: @Sendable (inout GraphSketch) -> TensorID
    /// The operation whose claims are forged.
    var operation: Int
    /// Some of the elements that are claimed.
    var claims = Array(0..<4)
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "matmul",
      build: { sketch in
        let (a, b) = (sketch.input(12, -4...3), sketch.input(12, -4...3))
        return sketch.add(.matmul(batch: 2, m: 2, k: 3, n: 2), [a, b], count: 8)
      }, operation: 0),
    Case(
      name: "matmul, rescale",
      build: { sketch in
        let (a, b) = (sketch.input(12, -4...3), sketch.input(8, -4...3))
        let y = sketch.add(.matmul(batch: 1, m: 3, k: 4, n: 2), [a, b], count: 6)
        return sketch.add(.rescale(shift: 2), [y], count: 6, range: -16...15)
      }, operation: 0),
    Case(
      name: "matmul by a constant",
      build: { sketch in
        let a = sketch.input(12, -4...3)
        var weights = LinearMap(inputCount: 12)
        for weight in 0..<8 { weights.appendRow([], bias: Int64(weight * 3 % 8 - 3)) }
        let b = sketch.add(.linear(weights), [a], count: 8)
        return sketch.add(.matmul(batch: 1, m: 3, k: 4, n: 2), [a, b], count: 6)
      }, operation: 1),
    Case(
      name: "attention: two products in a row",
      build: { sketch in
        let (a, b) = (sketch.input(6, -4...3), sketch.input(6, -4...3))
        let y = sketch.add(.matmul(batch: 1, m: 2, k: 3, n: 2), [a, b], count: 4)
        let q = sketch.add(.rescale(shift: 1), [y], count: 4, range: -32...31)
        return sketch.add(.matmul(batch: 1, m: 2, k: 2, n: 2), [q, q], count: 4)
      }, operation: 0),
    Case(
      name: "convolution",
      build: { sketch in
        let x = sketch.input(36, -4...3)
        let y = sketch.add(.linear(.convolution(channels: 2)), [x], count: 72)
        let q = sketch.add(.rescale(shift: 3), [y], count: 72, range: -16...15)
        return sketch.add(.relu, [q], count: 72)
      }, operation: 0, claims: [7, 8, 13, 28, 43, 64]),
    Case(
      name: "convolution with stride 2 of two channels",
      build: { sketch in
        let x = sketch.input(126, -4...3)
        let y = sketch.add(.linear(.stridedConvolution(channels: 3)), [x], count: 36)
        return sketch.add(.rescale(shift: 3), [y], count: 36, range: -128...127)
      }, operation: 0, claims: [0, 1, 3, 4, 11, 12, 17, 35]),
    Case(
      name: "convolution whose positions share nothing",
      build: { sketch in
        let x = sketch.input(64, -4...3)
        return sketch.add(.linear(.disjointConvolution(channels: 2)), [x], count: 18)
      }, operation: 0, claims: [0, 1, 4, 8, 9, 13]),
    Case(
      name: "table",
      build: { sketch in
        let x = sketch.input(5, -8...7)
        return sketch.add(
          .table(FunctionTable(over: -8...7) { $0 * $0 - 9 }), [x], count: 5)
      }, operation: 0),
  ]

  /// Pairs of claims that are tried, of those of a case: all of them for up to 18 claims.
  private static let sample = 306

  func chunk(_ test: Case) throws -> ChunkSketch {
    var sketch = GraphSketch()
    let output = test.build(&sketch)
    let products = sketch.operations.indices.filter { index in
      if case .matmul = sketch.operations[index].kind { return true }
      return index == test.operation
    }
    return try ChunkSketch(sketch.graph(outputs: [output]), salted: true, checked: products)
  }

  @Test(arguments: cases) func honestSatisfiesAndForgedClaimsDoNot(_ test: Case) throws {
    let chunk = try chunk(test)
    let operation = chunk.program.graph.operations[test.operation]
    var generator = SeededGenerator(seed: 17)
    for _ in 0..<3 {
      let inputs = chunk.randomInputs(&generator)
      #expect(try chunk.failure(inputs) == nil)
      for element in test.claims {
        for change in [-1, 1, 5] as [Int64] {
          let failure = try chunk.failureOfClaim(
            inputs, tensor: operation.output, element: element, change: change)
          #expect(failure != nil)
          // A claim outside its range has no bits either.
          guard let claimed = try? chunk.program.graph.evaluate(inputs: inputs)[operation.output],
            chunk.program.graph.tensors[operation.output].range.contains(claimed[element] + change)
          else { continue }
          #expect(failure?.location.gadget == .identity, "\(element) \(change)")
          #expect(failure?.location.operation == operation.name)
        }
      }
    }
  }

  /// Every result has a power of the challenge of its own: two that are wrong by as much in opposite directions do not cancel.
  @Test(arguments: cases.dropLast()) func wrongClaimsDoNotCancel(_ test: Case) throws {
    let chunk = try chunk(test)
    let graph = chunk.program.graph
    let output = graph.operations[test.operation].output
    let range = graph.tensors[output].range
    let inputs = try chunk.acceptedInputs(seed: 19)
    let honest = try graph.evaluate(inputs: inputs)[output]
    let raised = honest.indices.filter { honest[$0] < range.upperBound }
    let lowered = honest.indices.filter { honest[$0] > range.lowerBound }
    let pairs = raised.flatMap { up in lowered.map { (up, $0) } }.filter { $0 != $1 }
    var generator = SeededGenerator(seed: 20)
    for (up, down) in pairs.shuffled(using: &generator).prefix(Self.sample) {
      let failure = try chunk.failure(inputs) { values in
        values[output][up] += 1
        values[output][down] -= 1
        for operation in graph.operations where operation.output > output {
          values[operation.output] = operation.kind.evaluate(operation.inputs.map { values[$0] })
        }
      }
      #expect(failure?.location.gadget == .identity, "\(up) \(down)")
    }
  }

  @Test(arguments: cases) func noVariableIsLoose(_ test: Case) throws {
    let chunk = try chunk(test)
    var generator = SeededGenerator(seed: 23)
    let inputs = chunk.randomInputs(&generator)
    for delta in [Fr.one, -.one, Fr(12345)] {
      #expect(try chunk.looseVariables(inputs, delta: delta).isEmpty)
    }
  }

  @Test(arguments: cases) func countsAgree(_ test: Case) throws {
    let chunk = try chunk(test)
    #expect(chunk.program.counts().total == chunk.compiled.counts)
    #expect(chunk.program.counts().parts.contains { $0.name == "challenge" })
    let decoded = try ChunkProgram(canonicalBytes: chunk.program.canonicalBytes)
    #expect(decoded.checked == chunk.program.checked)
    #expect(decoded.canonicalBytes == chunk.program.canonicalBytes)
  }

  /// The challenge is the hash of the claims: a prover cannot pick it, nor change a claim once it is known.
  @Test func challengesCannotBeChosen() throws {
    let chunk = try chunk(Self.cases[0])
    var generator = SeededGenerator(seed: 4)
    let honest = try chunk.compiled.witness(chunk.instance(chunk.randomInputs(&generator)))
    var z = chunk.assignment(honest)
    let r1cs = chunk.compiled.r1cs
    let rows = (0..<r1cs.constraintCount).filter {
      chunk.compiled.location(of: $0).gadget == .materialisation
        && chunk.compiled.location(of: $0).operation == "challenge"
    }
    #expect(rows.count == 1)
    // The row that makes the challenge a variable mentions it alone in one matrix.
    for matrix in r1cs.matrices {
      let entries = matrix.rowStarts[rows[0]]..<matrix.rowStarts[rows[0] + 1]
      guard entries.count == 1, matrix.variables[entries.lowerBound] != 0 else { continue }
      let variable = Int(matrix.variables[entries.lowerBound])
      z[variable] += .one
      #expect(chunk.compiled.failure(of: z)?.location.constraint == rows[0])
      z[variable] -= .one
    }
  }

  /// Values that all stand in the table, but not for these arguments; and entries counted for other arguments.
  @Test func swappedLookupsAndMultiplicitiesFail() throws {
    var sketch = GraphSketch()
    let x = sketch.input(3, 0...7)
    let copy = sketch.add(.linear(.selecting([2, 1, 0], of: 3)), [x], count: 3)
    let y = sketch.add(.table(FunctionTable(over: 0...7) { 3 * $0 }), [copy], count: 3)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]), checked: [1])
    let inputs: [[Int64]] = [[1, 4, 6]]
    #expect(try chunk.failure(inputs) == nil)
    let swapped = try chunk.failure(inputs) { $0[y].swapAt(0, 1) }
    #expect(swapped?.location.gadget == .identity)
    // Multiplicities are counted from the copy's values, which enter nowhere else.
    let miscounted = try chunk.failure(inputs) { $0[copy] = [6, 4, 4] }
    #expect(miscounted?.location.gadget == .identity)
  }

  @Test func blocksOfADenseLayerOnRows() throws {
    var map = LinearMap(inputCount: 30)
    for row in 0..<6 {
      for channel in 0..<4 {
        map.appendRow(
          (0..<5).map { (column: row * 5 + $0, coefficient: Int64((channel + 2) * $0 % 7 - 1)) },
          bias: Int64(channel))
      }
    }
    let blocks = map.blocks()
    #expect(blocks.count == 1 && blocks[0].rows.count == 4 && blocks[0].columns.count == 6)
    try expectProducts(of: map, blocks)
  }

  /// Attention-sized products are checked, small ones constrained directly; the choice is explained.
  @Test(arguments: [(2, false), (24, true)]) func choosesByCost(size: Int, isChecked: Bool) throws {
    var sketch = GraphSketch()
    let (a, b) = (sketch.input(size * size, -8...7), sketch.input(size * size, -8...7))
    let y = sketch.add(
      .matmul(batch: 1, m: size, k: size, n: size), [a, b], count: size * size, name: "scores")
    let q = sketch.add(.rescale(shift: 4), [y], count: size * size, range: -128...127)
    let chunk = try ChunkSketch(sketch.graph(outputs: [q]))
    #expect(chunk.program.checked == (isChecked ? [0] : []))
    #expect(chunk.program.choices.map(\.isChecked) == [isChecked])
    #expect(chunk.program.choices[0].description.hasPrefix("scores: "))
    let direct = try ChunkSketch(sketch.graph(outputs: [q]), checked: [])
    #expect(chunk.compiled.counts.points <= direct.compiled.counts.points)
    if isChecked {
      #expect(chunk.compiled.counts.constraints * 3 < direct.compiled.counts.constraints * 2)
    }
  }

  @Test func onlyWhatHasACheckIsChecked() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, -8...7)
    let y = sketch.add(.relu, [x], count: 2)
    let graph = try sketch.graph(outputs: [y])
    for checked in [[0], [1], [-1]] {
      #expect(throws: CircuitError.self) { try ChunkSketch(graph, checked: checked) }
    }
  }
}
