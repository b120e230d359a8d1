import Algebra
import Circuit
import TestSupport
import Testing

/// Every gadget and every argument against somebody who wants another result accepted.
@Suite struct MaliciousProverTests {
  private func expectNoForgery(_ chunk: ChunkSketch, seed: UInt64, limit: Int = 100) throws {
    let circuit = try AttackedCircuit(chunk, inputs: chunk.acceptedInputs(seed: seed))
    guard case .satisfied(let z) = WitnessSolver.complete(circuit, chosen: [:]) else {
      Issue.record("the solver does not even find the honest witness")
      return
    }
    #expect(z == circuit.honest)
    var prover = MaliciousProver(circuit, seed: seed, limit: limit)
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

  /// Operations of all kinds on results of each other: what one has learnt of an element serves another.
  @Test(arguments: Array(100..<100 + RandomChunk.count)) func randomChunks(seed: UInt64) throws {
    try expectNoForgery(RandomChunk.make(seed: seed, operations: 14), seed: seed, limit: 8)
  }

  /// A kit that finds nothing must be able to find something: without constraints of some kind there are forgeries.
  @Test(arguments: [
    Gadget.recomposition, .bit, .bound, .selection, .identity, .lookup, .product,
  ])
  func missingConstraintsAreExploited(_ gadget: Gadget) throws {
    let chunk =
      switch gadget {
      case .bound:
        try ChunkSketch(.divide(by: 3, rounding: .floor), 8, -20...20, to: 8)
      case .selection: try RigidityTests.network()
      default: try RigidityTests.softmax()
      }
    var generator = SeededGenerator(seed: 46)
    let circuit = try AttackedCircuit(chunk, inputs: chunk.randomInputs(&generator)) {
      $0.gadget == gadget
    }
    var prover = MaliciousProver(circuit, seed: 46)
    prover.tryEverything()
    #expect(!prover.forgeries.isEmpty)
  }
}
