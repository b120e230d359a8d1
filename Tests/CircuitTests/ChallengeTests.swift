import Algebra
import Circuit
import TestSupport
import Testing

/// The challenge depends on all that checks are about: whoever changes any of it gets another one, so nothing can be chosen, or
/// changed, once the challenge is known.
@Suite struct ChallengeTests {
  /// Every claimed result of a product.
  @Test(arguments: ArgumentTests.cases) func movesWithEveryClaim(_ test: ArgumentTests.Case) throws
  {
    let chunk = try ArgumentTests().chunk(test)
    let graph = chunk.program.graph
    let inputs = try chunk.acceptedInputs(seed: 61)
    let honest = try chunk.challenge(inputs)
    for operation in chunk.program.checked.map({ graph.operations[$0] }) {
      let range = graph.tensors[operation.output].range
      for element in 0..<graph.tensors[operation.output].count {
        let moved = try chunk.challenge(inputs) { values in
          let isHighest = values[operation.output][element] == range.upperBound
          values[operation.output][element] += isHighest ? -1 : 1
        }
        #expect(moved != honest, "element \(element) of \(operation.name)")
      }
    }
  }

  /// Every element of every input, where no claim changes with it.
  @Test(arguments: ArgumentTests.cases) func movesWithEveryInput(_ test: ArgumentTests.Case) throws
  {
    let chunk = try ArgumentTests().chunk(test)
    let graph = chunk.program.graph
    let inputs = try chunk.acceptedInputs(seed: 62)
    let honest = try chunk.challenge(inputs)
    for input in graph.inputs {
      for element in 0..<graph.tensors[input].count {
        let moved = try chunk.challenge(inputs) { values in
          let isHighest = values[input][element] == graph.tensors[input].range.upperBound
          values[input][element] += isHighest ? -1 : 1
        }
        #expect(moved != honest, "element \(element) of input \(input)")
      }
    }
  }

  /// Values and multiplicities of lookups, each while the others stay. Arguments follow from inputs and claims.
  @Test func movesWithValuesAndCounts() throws {
    var sketch = GraphSketch()
    let x = sketch.input(3, 0...7)
    let copy = sketch.add(.linear(.selecting([2, 1, 0], of: 3)), [x], count: 3)
    let y = sketch.add(.table(FunctionTable(over: 0...7) { 3 * $0 }), [copy], count: 3)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]), checked: [1])
    let inputs: [[Int64]] = [[1, 4, 6]]
    #expect(try chunk.failure(inputs) == nil)
    let honest = try chunk.challenge(inputs)
    #expect(try chunk.challenge(inputs) { $0[y].swapAt(0, 1) } != honest)
    // Multiplicities are counted from the copy's values, which enter nowhere else.
    #expect(try chunk.challenge(inputs) { $0[copy] = [6, 4, 4] } != honest)
  }

  /// Arguments that a prover could choose the bits of, each while counts and values stay: they are exchanged.
  @Test func movesWithArguments() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, 0...14)
    let q = sketch.add(.divide(by: 2, rounding: .floor), [x], count: 2)
    let y = sketch.add(.table(FunctionTable(over: 0...7) { 3 * $0 }), [q], count: 2)
    let chunk = try ChunkSketch(sketch.graph(outputs: [y]), checked: [1])
    let honest = try chunk.challenge([[3, 12]])
    #expect(try chunk.challenge([[3, 12]]) { $0[q].swapAt(0, 1) } != honest)
  }

  /// The last bits of a number that is hashed are not hashed again; what comes before those that are is.
  @Test func movesWithBitsBelowThoseThatAreHashed() throws {
    var sketch = GraphSketch()
    let x = sketch.input(2, 0...7)
    let table = FunctionTable(over: 0...7) { 7 - $0 }
    let first = sketch.add(.table(table), [x], count: 2)
    let y = sketch.add(.table(FunctionTable(over: 0...7) { 3 * $0 + 2 }), [x], count: 2)
    // A rounded value is an argument of the first table, so that its high bits are fixed before the value is.
    let q = sketch.add(.rescale(shift: 2), [y], count: 2, range: 0...7)
    let second = sketch.add(.table(table), [q], count: 2)
    let chunk = try ChunkSketch(sketch.graph(outputs: [first, second]), checked: [0, 1, 3])
    let inputs: [[Int64]] = [[0, 4]]
    #expect(try chunk.failure(inputs) == nil)
    let honest = try chunk.challenge(inputs)
    for element in 0..<2 {
      #expect(try chunk.challenge(inputs) { $0[y][element] += 1 } != honest)
    }
  }
}

extension ChunkSketch {
  /// The challenge of the witness for these inputs; `forge` may change any tensor, and nothing follows from that.
  fileprivate func challenge(
    _ inputs: [[Int64]], forge: (inout [[Int64]]) -> Void = { _ in }
  ) throws -> Fr {
    var values = try program.graph.evaluate(inputs: inputs)
    forge(&values)
    let witness = program.assemble(values: values, salts: instance(inputs).salts)
    return assignment(witness)[try #require(challengeVariable)]
  }

  /// The variable that the row which makes the challenge one mentions alone.
  private var challengeVariable: Int? {
    let r1cs = compiled.r1cs
    let rows = (0..<r1cs.constraintCount).filter {
      let location = compiled.location(of: $0)
      return location.gadget == .materialisation && location.operation == "challenge"
    }
    guard rows.count == 1 else { return nil }
    return r1cs.matrices.lazy.compactMap { matrix in
      let entries = matrix.rowStarts[rows[0]]..<matrix.rowStarts[rows[0] + 1]
      let variable = Int(matrix.variables[entries.lowerBound])
      return entries.count == 1 && variable != 0 ? variable : nil
    }.first
  }
}
