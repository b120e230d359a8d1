import Algebra
import Profiling
import Testing
import Varuna

@Suite("Profiles")
struct ProofProfileTests {
  private static let part = ProofSession.Part(
    SyntheticCircuit(.square(log2: 6)).circuit, instances: 2)
  private static let srs = ProofSession.parameters(for: [part], threads: 1)

  private func profile(withBasis: Bool) throws -> ProofProfile {
    var costs = MultiplicationCosts(largest: Self.srs.powerCount, threads: 1)
    return try ProofProfile.measure(
      Self.part, srs: Self.srs, threads: 1, withBasis: withBasis, &costs)
  }

  /// Every step of a proof uses its kernels exactly as much as the specification's cost model says, but one: values of b
  /// on the coset are made of the coefficients, a transform per matrix, where twelve vectors could be kept instead.
  @Test(arguments: [false, true])
  func stepsCostWhatTheSpecificationSays(withBasis: Bool) throws {
    let profile = try profile(withBasis: withBasis)
    #expect(profile.steps.count == ShareStep.ofInstances.count + ShareStep.ofMatrices.count)
    for step in profile.steps {
      let more = step.step == ShareStep.quotient.name ? 3 * 32 * 6 : 0
      #expect(step.counts.scalars == step.specified.scalars, "\(step.share): \(step.step)")
      #expect(step.counts.butterflies == step.specified.butterflies + more, "\(step.step)")
      #expect((step.fqProducts > 0) == (step.counts.scalars > 0))
      #expect(step.usage.wallSeconds > 0)
    }
    #expect((profile.basis != nil) == withBasis)
    #expect(profile.domains == [64, 64, 64, 64, 64])
    #expect(Set(profile.steps.map { $0.share + $0.step }).count == profile.steps.count)
  }

  @Test(arguments: [1, 3])
  func syntheticCircuitsHaveTheirShape(entriesPerRow: Double) throws {
    let shape = SyntheticCircuit.Shape.square(log2: 5, entriesPerRow: entriesPerRow)
    let circuit = SyntheticCircuit(shape, seed: 3).circuit
    #expect(circuit.r1cs.constraintCount == shape.constraints)
    #expect(circuit.r1cs.variableCount == shape.variables)
    #expect(circuit.r1cs.matrices.map(\.nonzeros) == shape.nonzeros)
    let seed = InstanceSeed([UInt8](repeating: 1, count: 32))
    #expect(circuit.r1cs.firstViolation(circuit.assignment(seed)) == nil)
  }

  @Test(arguments: ShareRun.Work.allCases)
  func workIsDoneToItsEnd(work: ShareRun.Work) throws {
    let memory = try ShareRun.measure(work, Self.part, srs: Self.srs, threads: 1)
    #expect(memory.reportedBytes > 0 && memory.predictedBytes > 0)
  }
}
