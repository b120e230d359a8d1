import Algebra
import Circuit
import TestSupport
import Testing

/// Parameters as committed inputs instead of constants: one circuit for all values of them.
@Suite struct ParameterTests {
  /// A convolution of two 3x3 kernels, given as an input, over a 5x5 image without padding.
  static func convolution() throws -> IntegerGraph {
    var sketch = GraphSketch()
    let image = sketch.input(25, -8...7)
    let kernels = sketch.input(18, -16...15)
    let windows = (0..<9).flatMap { tap in
      (0..<9).map { place in (place / 3 + tap / 3) * 5 + place % 3 + tap % 3 }
    }
    let patches = sketch.add(.linear(.selecting(windows, of: 25)), [image], count: 81)
    let y = sketch.add(.matmul(batch: 1, m: 2, k: 9, n: 9), [kernels, patches], count: 18)
    let q = sketch.add(.rescale(shift: 4), [y], count: 18, range: -128...127)
    return try sketch.graph(outputs: [q])
  }

  @Test(arguments: [[], [1]]) func oneCircuitForAllParameters(checked: [Int]) throws {
    let chunk = try ChunkSketch(Self.convolution(), salted: true, checked: checked)
    var generator = SeededGenerator(seed: 41)
    var commitments = Set<[Fr]>()
    for _ in 0..<3 {
      let inputs = chunk.randomInputs(&generator)
      let witness = try chunk.compiled.witness(chunk.instance(inputs))
      #expect(chunk.compiled.failure(of: chunk.assignment(witness)) == nil)
      let salt = chunk.instance(inputs).salts[1]
      #expect(
        try witness.publicInputs[2]
          == chunk.program.encodings[1].commitment(values: inputs[1], salt: salt))
      commitments.insert([witness.publicInputs[2]])
    }
    #expect(commitments.count == 3)
  }

  /// Other parameters than those committed to: the claimed result of another kernel has no proof.
  @Test(arguments: [[], [1]]) func otherParametersAreRejected(checked: [Int]) throws {
    let chunk = try ChunkSketch(Self.convolution(), salted: true, checked: checked)
    var generator = SeededGenerator(seed: 43)
    let inputs = chunk.randomInputs(&generator)
    var others = inputs
    others[1][4] += inputs[1][4] == 15 ? -1 : 1
    let graph = chunk.program.graph
    let other = try graph.evaluate(inputs: others)
    let failure = try chunk.failure(inputs) { values in
      for operation in graph.operations.dropFirst() {
        values[operation.output] = other[operation.output]
      }
    }
    #expect(failure != nil)
  }
}
