import Algebra
import TestSupport
import Testing
import Varuna

/// What proofs cost, in counts that do not depend on the machine.
@Suite("Prover costs")
struct ProverCostTests {
  /// Transforms and multi-scalar multiplications of a proof of the batch `two`, by share.
  private func profile(withBases: Bool = false) throws -> (
    jobs: [OneMachineProver.Job], statement: Statement, steps: [ShareID: [StepProfile]]
  ) {
    let fixture = try ProverShareTests.Fixture()
    let srs = ProverShareTests.srs
    let bases = withBases ? try WitnessBasisTests.bases(fixture.jobs, srs) : [:]
    var steps: [ShareID: [StepProfile]] = [:]
    _ = try OneMachineProver.prove(
      srs, version: .v3, jobs: fixture.jobs, seed: .random(), bases: bases, threads: 1
    ) { steps[$0, default: []].append($1) }
    return (fixture.jobs, fixture.statement, steps)
  }

  private func sizes(_ steps: [StepProfile]?, _ kind: StepProfile.Kernel.Kind) -> [Int] {
    (steps ?? []).flatMap { $0.sizes(kind) }.sorted()
  }

  /// Per instance one transform of |C| and four of |R|, per circuit two of |R| and six of |C|.
  @Test func instanceSharesDoTheTransformsOfTheCostModel() throws {
    let (jobs, _, steps) = try profile()
    var expected: [Int] = []
    for job in jobs {
      let (shape, count) = (job.circuit.shape, job.assignments.count)
      expected += [Int](repeating: shape.C, count: count + 6)
      expected += [Int](repeating: shape.R, count: 4 * count + 2)
    }
    #expect(sizes(steps[.instances(0)], .transform) == expected.sorted())
  }

  /// With a basis no transform per instance is left, and the scalars are the variables.
  @Test func aWitnessBasisSavesTheTransformsOfTheInstances() throws {
    let (jobs, _, steps) = try profile(withBases: true)
    let witness = try #require(steps[.instances(0)]?.first)
    let variables = jobs.flatMap { job in
      job.assignments.map { _ in job.circuit.r1cs.variableCount }
    }
    #expect(witness.sizes(.transform).isEmpty)
    // The mask has 13 coefficients.
    #expect(witness.sizes(.multiScalar) == variables + [13])
  }

  /// One commitment per instance, mask, h_0, g_1, h_1 and two openings.
  @Test func instanceSharesDoTheMultiplicationsOfTheCostModel() throws {
    let (jobs, statement, steps) = try profile()
    let witnesses = jobs.flatMap { job in
      job.assignments.map { _ in job.circuit.shape.C - job.circuit.shape.X }
    }
    let (R, C) = (statement.R, statement.C)
    let others = [13, R, C - 1, C, R - 1, C + 3]
    #expect(sizes(steps[.instances(0)], .multiScalar) == (witnesses + others).sorted())
  }

  /// Per matrix three transforms and one commitment, per size of K one more transform; h_2 and the opening.
  @Test func matrixSharesDoWhatTheCostModelSays() throws {
    let (_, statement, steps) = try profile()
    for (c, shape) in statement.shapes.enumerated() {
      let largest = shape.K.max() ?? 2
      #expect(
        sizes(steps[.matrix(c)], .transform)
          == (shape.K + shape.K + shape.K + Set(shape.K)).sorted())
      #expect(
        sizes(steps[.matrix(c)], .multiScalar)
          == (shape.K.map { $0 - 1 } + [largest, largest - 1]).sorted())
    }
  }

  /// Scalars and butterflies of a whole proof: a change for speed lowers the recorded ones.
  @Test func countsStayBelowTheThresholds() throws {
    let thresholds = try Vector.load("thresholds")
    for (name, withBases) in [("proof_two", false), ("proof_two_with_bases", true)] {
      let (_, _, steps) = try profile(withBases: withBases)
      let all = steps.values.joined().map(\.self)
      let butterflies = sizes(all, .transform).reduce(0) { $0 + $1 / 2 * $1.trailingZeroBitCount }
      #expect(sizes(all, .multiScalar).reduce(0, +) <= thresholds[name]["scalars"].int, "\(name)")
      #expect(butterflies <= thresholds[name]["butterflies"].int, "\(name)")
    }
  }

  /// A commitment by the values of a real circuit: of `digits_cnn` in one chunk, by the lengths of its 15,755 values.
  @Test func commitmentsToValuesStayBelowTheThreshold() throws {
    var generator = SeededGenerator(seed: 9)
    let values = (0..<1 << 12).map { _ in
      switch Int.random(in: 0..<1000, using: &generator) {
      case ..<472: Fr.zero
      case ..<879: Fr.one
      case ..<885: Fr(UInt64.random(in: 2..<1 << 8, using: &generator))
      case ..<934: Fr(UInt64.random(in: 1 << 8..<1 << 16, using: &generator))
      default: Fr.random(using: &generator)
      }
    }
    let points = FixedBaseTable(.generator)
      .multiply(values.map { _ in .random(using: &generator) }, threads: 2)
    let products = points.withUnsafeBufferPointer { points in
      values.withUnsafeBufferPointer { MSM.g1Counted(points, $0, threads: 1).multiplications }
    }
    let limit = try Vector.load("thresholds")["commitment_to_values"]["products_per_variable"].int
    #expect(products <= limit * values.count, "\(products)")
  }
}

@Suite("Prover memory")
struct ProverMemoryTests {
  @Test func aShareOfTheLargestCeremonyDomainsStaysBelow500MB() {
    let memory = ProverMemory(
      constraints: 1 << 16, variables: 1 << 16, nonzeros: [1 << 16, 1 << 16, 1 << 16], threads: 2)
    #expect(memory.peakBytes < 500_000_000)
    #expect(memory.instanceBytes(8) < 500_000_000)
  }

  @Test func moreOfAnythingTakesMore() {
    func peak(_ r: Int, _ c: Int, _ k: Int, instances: Int = 1) -> [Int] {
      let memory = ProverMemory(constraints: r, variables: c, nonzeros: [k, k, k])
      return [memory.indexBytes, memory.matrixBytes, memory.instanceBytes(instances)]
    }
    let small = peak(1 << 12, 1 << 12, 1 << 12)
    for larger in [
      peak(1 << 13, 1 << 12, 1 << 12), peak(1 << 12, 1 << 13, 1 << 12),
      peak(1 << 12, 1 << 12, 1 << 13),
    ] {
      #expect(zip(small, larger).allSatisfy { $0 < $1 })
    }
    #expect(peak(1 << 12, 1 << 12, 1 << 12, instances: 9)[2] > small[2])
  }

  /// What shares keep between steps is part of what is predicted for their work, and not a small part of it.
  @Test func sharesHoldWhatIsPredicted() throws {
    let fixture = try ProverShareTests.Fixture()
    let statement = fixture.statement
    let dimensions = BatchDimensions(statement)
    let memory = ProverMemory(
      constraints: dimensions.R, variables: dimensions.C,
      nonzeros: [dimensions.K, dimensions.K, dimensions.K])
    let share = try fixture.share(1)
    let count = statement.batchSizes[1]
    func challenges(_ n: Int) -> [Fr] { (1...n).map { Fr(UInt64($0 + 1000)) } }
    var held: [Int] = []
    let weights = challenges(count)
    _ = try share.commitWitness()
    held.append(share.heldElements)
    _ = try share.rowcheck(ShareMessage.RowWeights(weights: weights))
    _ = try share.lineSums(ShareMessage.Alpha(alpha: Fr(UInt64(77))))
    held.append(share.heldElements)
    _ = try share.lineval(ShareMessage.LineChallenge(eta: challenges(3), weights: weights))
    held.append(share.heldElements)
    _ = try share.evaluate(ShareMessage.Beta(beta: Fr(UInt64(78))))
    held.append(share.heldElements)
    let predicted = memory.instanceWorkBytes(count)
    #expect(held.allSatisfy { 32 * $0 <= predicted }, "\(held)")
    _ = try share.open(
      ShareMessage.InstanceOpeningChallenges(forG1: .one, forLineval: .one))
    #expect(share.heldElements == 0)

    let matrices = try MatrixShare(
      srs: ProverShareTests.srs, dimensions: dimensions, circuit: fixture.jobs[1].circuit,
      threads: 1)
    _ = try matrices.commitMatrices(
      ShareMessage.AlphaBeta(alpha: Fr(UInt64(77)), beta: Fr(UInt64(78))))
    _ = try matrices.quotient(ShareMessage.Delta(delta: challenges(3)))
    let total = 32 * matrices.heldElements + memory.indexPolynomialBytes
    #expect(total <= memory.matrixWorkBytes && 4 * total >= memory.indexPolynomialBytes)
  }
}
