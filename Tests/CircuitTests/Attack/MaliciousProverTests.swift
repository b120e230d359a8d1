import Algebra
import Circuit
import TestSupport
import Testing

/// Every gadget and every argument against somebody who wants another result accepted.
@Suite struct MaliciousProverTests {
  private func expectNoForgery(_ chunk: ChunkSketch, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var inputs = chunk.randomInputs(&generator)
    while (try? chunk.program.graph.evaluate(inputs: inputs)) == nil {
      inputs = chunk.randomInputs(&generator)
    }
    let circuit = try AttackedCircuit(chunk, inputs: inputs)
    guard case .satisfied(let z) = WitnessSolver.complete(circuit, chosen: [:]) else {
      Issue.record("the solver does not even find the honest witness")
      return
    }
    #expect(z == circuit.honest)
    var prover = MaliciousProver(circuit, seed: seed)
    prover.tryEverything()
    #expect(prover.forgeries.isEmpty, "seed \(seed): \(prover.forgeries.prefix(3))")
  }

  @Test(arguments: OperationTests.divisions + OperationTests.others)
  func operations(_ test: OperationTests.Case) throws {
    try expectNoForgery(
      ChunkSketch(test.kind, inputs: test.inputs, to: test.outputCount, output: test.output),
      seed: 41)
  }

  @Test(arguments: ArgumentTests.cases) func arguments(_ test: ArgumentTests.Case) throws {
    try expectNoForgery(ArgumentTests().chunk(test), seed: 42)
  }

  @Test func chunks() throws {
    try expectNoForgery(ChunkSketch(GraphSketch.everyKind()), seed: 43)
    try expectNoForgery(RigidityTests.network(), seed: 44)
    try expectNoForgery(RigidityTests.softmax(), seed: 45)
  }

  /// A kit that finds nothing must be able to find something: without constraints of some kind there are forgeries.
  @Test(arguments: [Gadget.recomposition, .bit, .identity, .lookup, .product])
  func missingConstraintsAreExploited(_ gadget: Gadget) throws {
    let chunk = try RigidityTests.softmax()
    var generator = SeededGenerator(seed: 46)
    let circuit = try AttackedCircuit(chunk, inputs: chunk.randomInputs(&generator)) {
      $0.gadget == gadget
    }
    var prover = MaliciousProver(circuit, seed: 46)
    prover.tryEverything()
    #expect(!prover.forgeries.isEmpty)
  }
}
