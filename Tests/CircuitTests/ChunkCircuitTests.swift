import Algebra
import Circuit
import TestSupport
import Testing
import Varuna

@Suite struct ChunkCircuitTests {
  @Test(arguments: [false, true]) func everyKindIsSatisfiedAndBound(salted: Bool) throws {
    let graph = try GraphSketch.everyKind()
    let chunk = try ChunkSketch(graph, salted: salted)
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<8 {
      let inputs = [(0..<4).map { _ in Int64.random(in: -5...6, using: &generator) }]
      let witness = try chunk.compiled.witness(chunk.instance(inputs))
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let values = try graph.evaluate(inputs: inputs)
      #expect(witness.values == values)
      #expect(witness.publicInputs.count == 1 + chunk.program.boundary.count)
      let salts = chunk.instance(inputs).salts
      for (place, tensor) in chunk.program.boundary.enumerated() {
        let commitment = try chunk.program.encodings[place].commitment(
          values: values[tensor], salt: salts[place])
        #expect(witness.publicInputs[1 + place] == commitment)
      }
    }
    let inputs: [[Int64]] = [[1, -2, 3, 6]]
    let loose = try chunk.looseVariables(inputs, delta: .one)
    #expect(try Set(loose).subtracting(chunk.freeInverses(inputs)).isEmpty)
  }

  @Test func wrongPublicInputsViolateTheCommitment() throws {
    let chunk = try ChunkSketch(GraphSketch.everyKind(), salted: true)
    var z = chunk.assignment(try chunk.compiled.witness(chunk.instance([[1, 2, 3, 4]])))
    for variable in 1..<chunk.compiled.r1cs.publicCount {
      z[variable] += .one
      #expect(chunk.compiled.failure(of: z)?.location.gadget == .commitment)
      z[variable] -= .one
    }
    #expect(chunk.compiled.failure(of: z) == nil)
  }

  @Test func countsAgreeWithTheConstraintSystem() throws {
    let chunk = try ChunkSketch(GraphSketch.everyKind(), salted: true)
    let counts = chunk.program.counts()
    let r1cs = chunk.compiled.r1cs
    #expect(counts.total == chunk.compiled.counts)
    #expect(counts.publicCount == r1cs.publicCount)
    #expect(counts.total.constraints == r1cs.constraintCount)
    #expect(counts.total.privateVariables == r1cs.variableCount - r1cs.paddedPublicCount)
    #expect(counts.total.nonzeros == r1cs.matrices.map(\.nonzeros))
    let sum = counts.parts.reduce(CircuitCounts()) { $0 + $1.counts }
    #expect(
      sum + CircuitCounts(constraints: 1, privateVariables: 3, nonzeros: [1, 1, 1])
        == counts.total)
    #expect(counts.parts.first?.name == "input 0")
  }

  /// Elements that straddle pieces, in every narrow width, on both sides of the boundary.
  @Test(arguments: [1, 3, 5, 8, 11, 16, 31, 32, 47, 63, 64])
  func everyWidthIsPackedAsNatively(width: Int) throws {
    let count = 2 * 252 / width + 3
    let low: Int64 = width == 64 ? .min : -(1 << (width - 1))
    let high: Int64 = width == 64 ? .max : (1 << (width - 1)) - 1
    var sketch = GraphSketch()
    let x = sketch.input(count, low...high)
    let y = sketch.add(
      .linear(.selecting(Array((0..<count).reversed()), of: count)), [x], count: count)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]))
    var generator = SeededGenerator(seed: UInt64(width))
    let inputs = chunk.randomInputs(&generator)
    let witness = try chunk.compiled.witness(chunk.instance(inputs))
    #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
    for (place, values) in [inputs[0], inputs[0].reversed()].enumerated() {
      #expect(
        try witness.publicInputs[1 + place]
          == chunk.program.encodings[place].commitment(values: values, salt: nil))
    }
  }

  /// What is packed of a result that straddles pieces is that result: bits that say something else are not committed to.
  @Test(arguments: [5, 11, 32, 47]) func straddlingElementsAreTheirBits(width: Int) throws {
    let count = 2 * 252 / width + 3
    var sketch = GraphSketch()
    let x = sketch.input(count, -(1 << (width - 1))...(1 << (width - 1)) - 1)
    // A sum, which comes without bits of its own.
    var map = LinearMap(inputCount: count)
    for element in 0..<count { map.appendRow([(element, 1)], bias: 1) }
    let y = sketch.add(.linear(map), [x], count: count)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]))
    var generator = SeededGenerator(seed: UInt64(width))
    let inputs = chunk.randomInputs(&generator)
    #expect(try chunk.failure(inputs) == nil)
    let straddling = (0..<count).filter { $0 * width / 252 != (($0 + 1) * width - 1) / 252 }
    #expect(!straddling.isEmpty)
    for element in straddling {
      let failure = try chunk.failure(inputs) { values in
        values[y][element] += values[y][element] > 0 ? -1 : 1
      }
      #expect(failure?.location.operation == "output 0", "\(element)")
      #expect(failure?.location.gadget == .recomposition, "\(element)")
    }
  }

  /// Words that hold more than the elements' range: the bits that are there already count from another number.
  @Test func wordsAreWiderThanTheirElements() throws {
    var sketch = GraphSketch()
    let x = sketch.input(70, -5...6)
    let y = sketch.add(.linear(.selecting(Array((0..<70).reversed()), of: 70)), [x], count: 70)
    let word = BoundaryEncoding.word(for: -5...6, salted: false)
    let chunk = try ChunkSketch(
      ChunkProgram(
        graph: sketch.graph(outputs: [y]), inputEncodings: [word], outputEncodings: [word]))
    var generator = SeededGenerator(seed: 12)
    let inputs = chunk.randomInputs(&generator)
    let witness = try chunk.compiled.witness(chunk.instance(inputs))
    #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
    for (place, values) in [inputs[0], inputs[0].reversed()].enumerated() {
      #expect(
        try witness.publicInputs[1 + place] == word.commitment(values: values, salt: nil))
    }
  }

  /// An element that nothing reads has no number: a constraint that mentions what there is not is an error, never one about 0.
  @Test func constraintsOverNothingAreErrors() async {
    await #expect(processExitsWith: .failure) {
      let builder = ConstraintBuilder(publicCount: 1, keeping: [.matrices])
      builder.enforceZero(LinearCombination(UInt32.max))
    }
  }

  /// Only pieces that a used element touches are taken apart; the commitment still covers all.
  @Test func unusedPiecesStayWhole() throws {
    let count = 200  // 10 bits each: pieces of 25 elements and a straddling one
    func program(_ elements: [Int]) throws -> ChunkProgram {
      var sketch = GraphSketch()
      let x = sketch.input(count, -512...511)
      let y = sketch.add(
        .linear(.selecting(elements, of: count)), [x], count: elements.count)
      return try ChunkSketch(sketch.graph(outputs: [y])).program
    }
    let one = try ChunkSketch(try program([3]))
    let all = try ChunkSketch(try program(Array(0..<count)))
    var generator = SeededGenerator(seed: 9)
    let inputs = all.randomInputs(&generator)
    for chunk in [one, all] {
      let witness = try chunk.compiled.witness(chunk.instance(inputs))
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      #expect(
        try witness.publicInputs[1]
          == chunk.program.encodings[0].commitment(values: inputs[0], salt: nil))
    }
    #expect(one.compiled.counts.constraints < all.compiled.counts.constraints)
    #expect(try one.looseVariables(inputs, delta: .one).isEmpty)
  }

  @Test func missingSaltsAndWrongCountsAreNamed() throws {
    let chunk = try ChunkSketch(GraphSketch.everyKind(), salted: true)
    let inputs: [[Int64]] = [[1, 2, 3, 4]]
    #expect(throws: CircuitError.countMismatch(what: "salts", expected: 11, found: 0)) {
      try chunk.compiled.witness(ChunkInstance(inputs: inputs, salts: []))
    }
    #expect(throws: CircuitError.saltMismatch(boundary: 1, salted: true)) {
      try chunk.compiled.witness(
        ChunkInstance(inputs: inputs, salts: [.one, nil] + [Fr?](repeating: .one, count: 9)))
    }
    #expect(throws: CircuitError.self) {
      try chunk.compiled.witness(
        ChunkInstance(inputs: [[7, 2, 3, 4]], salts: [Fr?](repeating: .one, count: 11)))
    }
  }

  @Test func secretValuesStayOutOfRedactedErrors() {
    let error = CircuitError.valueOutOfRange(
      operation: "conv", tensor: "y", element: 3, value: 98765, range: -8...7)
    #expect(error.description.contains("98765") && error.description.contains("conv"))
    #expect(!error.redactedDescription.contains("98765"))
  }
}
