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

  /// A convolution of `channels` 3x3 kernels over a 6x6 image with padding 1.
  static func convolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 36)
    for channel in 0..<channels {
      for place in 0..<36 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<9 {
          let (row, column) = (place / 6 + tap / 3 - 1, place % 6 + tap % 3 - 1)
          guard (0..<6).contains(row), (0..<6).contains(column) else { continue }
          entries.append((row * 6 + column, Int64((channel + 1) * (tap + 1) % 7 - 3)))
        }
        map.appendRow(entries.filter { $0.coefficient != 0 }, bias: Int64(channel))
      }
    }
    return map
  }

  /// A convolution of 2 channels of 9x7 pixels, `channels` 3x3 kernels, stride 2, padding 1 above and to the left.
  static func stridedConvolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 2 * 63)
    for channel in 0..<channels {
      for place in 0..<12 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<18 {
          let row = 2 * (place / 3) + tap % 9 / 3 - 1
          let column = 2 * (place % 3) + tap % 3 - 1
          guard row >= 0, column >= 0 else { continue }
          let weight = Int64((channel + 2) * (tap + 3) % 11 - 5)
          entries.append((tap / 9 * 63 + row * 7 + column, weight == 0 ? 6 : weight))
        }
        map.appendRow(entries, bias: Int64(channel))
      }
    }
    return map
  }

  /// 3x3 kernels at 3x3 places that do not overlap, the first row and column of them on padding.
  static func disjointConvolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 64)
    for channel in 0..<channels {
      for place in 0..<9 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<9 {
          let (row, column) = (3 * (place / 3) + tap / 3 - 1, 3 * (place % 3) + tap % 3 - 1)
          guard row >= 0, column >= 0 else { continue }
          entries.append((row * 8 + column, Int64(channel + tap + 1)))
        }
        map.appendRow(entries)
      }
    }
    return map
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
        let y = sketch.add(.linear(convolution(channels: 2)), [x], count: 72)
        let q = sketch.add(.rescale(shift: 3), [y], count: 72, range: -16...15)
        return sketch.add(.relu, [q], count: 72)
      }, operation: 0, claims: [7, 8, 13, 28, 43, 64]),
    Case(
      name: "convolution with stride 2 of two channels",
      build: { sketch in
        let x = sketch.input(126, -4...3)
        let y = sketch.add(.linear(stridedConvolution(channels: 3)), [x], count: 36)
        return sketch.add(.rescale(shift: 3), [y], count: 36, range: -128...127)
      }, operation: 0, claims: [0, 1, 3, 4, 11, 12, 17, 35]),
    Case(
      name: "convolution whose positions share nothing",
      build: { sketch in
        let x = sketch.input(64, -4...3)
        return sketch.add(.linear(disjointConvolution(channels: 2)), [x], count: 18)
      }, operation: 0, claims: [0, 1, 4, 8, 9, 13]),
    Case(
      name: "table",
      build: { sketch in
        let x = sketch.input(5, -8...7)
        return sketch.add(
          .table(FunctionTable(over: -8...7) { $0 * $0 - 9 }), [x], count: 5)
      }, operation: 0),
  ]

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

  /// Positions at edges and corners belong to those inside, although part of their kernel lies on padding.
  @Test(arguments: [convolution(channels: 3), stridedConvolution(channels: 3)])
  func positionsOfAConvolutionAreOneBlock(_ map: LinearMap) throws {
    let blocks = map.blocks()
    #expect(blocks.count == 1 && blocks[0].channelCount == 3)
    let rows = blocks.flatMap { $0.rows.joined() }
    #expect(rows.sorted() == Array(0..<map.outputCount))
    let translation = try #require(blocks[0].translation)
    #expect(Set(translation.shifts).count == map.outputCount / 3)
    for (columns, shift) in zip(blocks[0].columns, translation.shifts) {
      for (column, origin) in zip(columns, translation.origins) where column != nil {
        #expect(Int(column!) == origin + shift)
      }
    }
    try expectProducts(map, blocks)
  }

  /// Where positions have no elements in common each column is evaluated by itself.
  @Test func positionsThatShareNothing() throws {
    let map = Self.disjointConvolution(channels: 2)
    let blocks = map.blocks()
    #expect(blocks.count == 1 && blocks[0].positionCount == 9)
    #expect(blocks[0].columns.contains { $0.contains(nil) })
    #expect(TranslatedSums(blocks) == nil)
    try expectProducts(map, blocks)
  }

  /// Padding is worth nothing by itself: a matrix that lacks other columns at each position is another matrix.
  @Test func otherMatricesAreOtherBlocks() throws {
    let map = Self.convolution(channels: 2)
    var changed = LinearMap(inputCount: 36)
    for row in 0..<map.outputCount {
      let entries = (map.rowStarts[row]..<map.rowStarts[row + 1]).map {
        (column: Int(map.columns[$0]), coefficient: map.coefficients[$0] + (row == 7 ? 1 : 0))
      }
      changed.appendRow(entries, bias: map.biases[row])
    }
    let blocks = changed.blocks()
    #expect(blocks.count == 2)
    #expect(blocks.map(\.positionCount).sorted() == [1, 35])
    try expectProducts(changed, blocks)
  }

  /// What the check multiplies is what the matrix applies to, times the power that the identity is multiplied by.
  @Test(arguments: [convolution(channels: 3), stridedConvolution(channels: 3)])
  func translatedSums(_ map: LinearMap) throws {
    let block = try #require(map.blocks().first)
    let translated = try #require(TranslatedSums([block]))
    #expect(translated.constraintCount < block.termCount * block.positionCount)
    #expect(translated.sums[0].contains { $0.base != nil })
    var generator = SeededGenerator(seed: 6)
    let input = (0..<map.inputCount).map { _ in Fr(UInt64.random(in: 0..<1000, using: &generator)) }
    let challenge = Fr(3)
    let products = translated.products.map {
      input[Int($0.element)] * challenge.pow(UInt64($0.exponent))
    }
    var totals: [Fr] = []
    for (term, sum) in translated.sums[0].enumerated() {
      var total = sum.base.map { totals[$0] } ?? .zero
      for product in sum.added { total += products[product] }
      for product in sum.removed { total -= products[product] }
      totals.append(total)
      var expected = Fr.zero
      for (columns, shift) in zip(block.columns, block.translation!.shifts) {
        guard let column = columns[term] else { continue }
        expected += input[Int(column)] * challenge.pow(UInt64(shift + sum.offset))
      }
      #expect(total == expected)
    }
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
    try expectProducts(map, blocks)
  }

  private func expectProducts(_ map: LinearMap, _ blocks: [MatrixBlock]) throws {
    var generator = SeededGenerator(seed: 2)
    let input = (0..<map.inputCount).map { _ in Int64.random(in: -9...9, using: &generator) }
    let expected = IntegerOperation.Kind.linear(map).evaluate([input])
    for block in blocks {
      for (channel, rows) in block.rows.enumerated() {
        for (row, columns) in zip(rows, block.columns) {
          let sum = zip(block.weights[channel], columns).reduce(map.biases[row]) {
            $0 + $1.0 * ($1.1.map { input[Int($0)] } ?? 0)
          }
          #expect(sum == expected[row])
        }
      }
    }
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
