import Algebra
import Testing
import TestSupport
import Varuna

/// What a share answers, and what it refuses.
@Suite("Prover shares")
struct ProverShareTests {
  static let srs = SRS.development(seed: "prover tests", degree: 64, threads: 2)

  /// The batch `two` with keys under the development parameters.
  struct Fixture {
    let jobs: [OneMachineProver.Job]
    let statement: Statement

    init(_ name: String = "two") throws {
      let batch = try Batch(name)
      jobs = try zip(batch.systems, batch.assignments).map { system, assignments in
        let circuit = try IndexedCircuit(system)
        return (circuit, try circuit.verifyingKey(srs), assignments)
      }
      statement = try OneMachineProver.statement(jobs)
    }

    /// A share of the instances of circuit c.
    func share(_ c: Int, dimensions: BatchDimensions? = nil) throws -> InstanceShare {
      let seed = GroupSeed([UInt8](repeating: 7, count: 32))
      let tasks = jobs[c].assignments.indices.map {
        InstanceShare.Task(
          circuit: jobs[c].circuit, assignment: jobs[c].assignments[$0],
          seed: seed.instance(InstanceIndex(circuit: c, instance: $0)))
      }
      return try InstanceShare(
        srs: srs, dimensions: dimensions ?? BatchDimensions(statement), tasks: tasks, threads: 1)
    }
  }

  @Test(arguments: VarunaVersion.allCases)
  func proofsVerifyInTheirVersionOnly(version: VarunaVersion) throws {
    let fixture = try Fixture()
    let proof = try OneMachineProver.prove(
      Self.srs, version: version, jobs: fixture.jobs, seed: .random(), threads: 2)
    for other in VarunaVersion.allCases {
      let verdict = Verifier.verify(
        proof, fixture.statement, version: other, parameters: Self.srs.verifier)
      #expect((verdict == .accepted) == (other == version))
    }
    #expect(proof.bytes.count == Proof.size(circuits: 2, instances: 3))
  }

  @Test func threadsDoNotMatter() throws {
    // Large enough that every loop is split.
    let count = 4200
    var seeded = SeededGenerator(seed: 11)
    var rows: [[[(variable: Int, coefficient: Fr)]]] = [[], [], []]
    var values = [Fr.random(using: &seeded)]
    for i in 1..<count {
      let factor = Fr.random(using: &seeded)
      rows[0].append([(i, factor)])
      rows[1].append([(i, .one)])
      rows[2].append([(i + 1, .one)])
      values.append(factor * values[i - 1].squared())
    }
    let r1cs = R1CS(
      publicCount: 1, privateCount: count, matrices: rows.map { SparseMatrix(rows: $0) })
    let circuit = try IndexedCircuit(r1cs)
    let srs = SRS.development(seed: "threads", degree: 1 << 13, threads: 2)
    let key = try circuit.verifyingKey(srs, threads: 2)
    let seed = GroupSeed([UInt8](repeating: 3, count: 32))
    let z = r1cs.assignment(
      publicInputs: [.one], privateValues: values,
      randomizer: seed.instance(InstanceIndex(circuit: 0, instance: 0)).randomizer)
    var profiled: [ShareID: [ShareStep]] = [:]
    let proofs = try [1, 3].map { threads in
      try OneMachineProver.prove(
        srs, version: .v3, jobs: [(circuit, key, [z])], seed: seed, threads: threads
      ) { profiled[$0, default: []].append($1.step) }
    }
    #expect(proofs[0] == proofs[1])
    #expect(profiled[.instances(0)] == ShareStep.ofInstances + ShareStep.ofInstances)
    #expect(profiled[.matrix(0)] == ShareStep.ofMatrices + ShareStep.ofMatrices)
    let statement = try Statement([(key, [[.one]])])
    #expect(
      Verifier.verify(proofs[0], statement, version: .v3, parameters: srs.verifier) == .accepted)
  }

  @Test func seedsDecideEverythingAndOnlyThroughTheirAttempt() throws {
    let fixture = try Fixture()
    let seed = GroupSeed([UInt8](repeating: 1, count: 32))
    func prove(_ seed: GroupSeed) throws -> Proof {
      try OneMachineProver.prove(
        Self.srs, version: .v3, jobs: fixture.jobs, seed: seed, threads: 2)
    }
    let first = try prove(seed.attempt(0))
    #expect(try prove(seed.attempt(0)) == first)
    let second = try prove(seed.attempt(1))
    #expect(Set(first.w.joined()).isDisjoint(with: second.w.joined()))
    #expect(first.mask != second.mask)
    #expect(first.g1 != second.g1)
    // Instances differ from each other, and their seeds from the group's.
    let seeds = fixture.statement.instances.map(seed.instance)
    #expect(Set(seeds.map(\.bytes) + [seed.bytes]).count == seeds.count + 1)
    #expect(seeds[0].randomizer != seeds[1].randomizer)
    #expect(Set(seeds.flatMap(\.blinding)).count == 9)
    #expect("\(seed) \(seeds[0])" == "GroupSeed InstanceSeed")
  }

  @Test func challengesInsideDomainsAreRefused() throws {
    let fixture = try Fixture()
    let share = try fixture.share(0)
    let n = fixture.jobs[0].assignments.count
    _ = try share.answer(step: 1, payload: [])
    _ = try share.rowcheck(
      ShareMessage.RowWeights(weights: [Fr](repeating: .one, count: n)))
    let inR = Domain(size: fixture.statement.R).generator
    for alpha in [Fr.one, inR, inR.squared()] {
      #expect(throws: ShareError.challengeInDomain(size: fixture.statement.R)) {
        try share.lineSums(ShareMessage.Alpha(alpha: alpha))
      }
    }
    // A refusal does not count as an answer.
    _ = try share.lineSums(ShareMessage.Alpha(alpha: Fr(1234)))
    _ = try share.lineval(
      ShareMessage.LineChallenge(
        eta: [.one, .one, .one], weights: [Fr](repeating: .one, count: n)))
    let inC = Domain(size: fixture.statement.C).generator
    #expect(throws: ShareError.challengeInDomain(size: fixture.statement.C)) {
      try share.evaluate(ShareMessage.Beta(beta: inC))
    }
    _ = try share.evaluate(ShareMessage.Beta(beta: Fr(99)))

    let matrix = try MatrixShare(
      srs: Self.srs, dimensions: BatchDimensions(fixture.statement),
      circuit: fixture.jobs[0].circuit, threads: 1)
    #expect(throws: ShareError.challengeInDomain(size: fixture.statement.R)) {
      try matrix.commitMatrices(ShareMessage.AlphaBeta(alpha: inR, beta: Fr(99)))
    }
    #expect(throws: ShareError.challengeInDomain(size: fixture.statement.C)) {
      try matrix.commitMatrices(ShareMessage.AlphaBeta(alpha: Fr(99), beta: inC))
    }
    _ = try matrix.commitMatrices(ShareMessage.AlphaBeta(alpha: Fr(98), beta: Fr(99)))
    _ = try matrix.quotient(ShareMessage.Delta(delta: [.one, .one, .one]))
    #expect(throws: ShareError.challengeInDomain(size: fixture.statement.K)) {
      try matrix.evaluate(ShareMessage.Gamma(gamma: .one))
    }
  }

  @Test func stepsAreAnsweredOnceAndInOrder() throws {
    let fixture = try Fixture()
    let share = try fixture.share(0)
    let begin: [UInt8] = []
    for step: UInt8 in [0, 2, 3, 4, 5, 6, 7, 8, 9, 255] {
      #expect(throws: ShareError.unexpectedStep(asked: step, expected: .witness)) {
        try share.answer(step: step, payload: begin)
      }
    }
    _ = try share.answer(step: 1, payload: begin)
    #expect(throws: ShareError.unexpectedStep(asked: 1, expected: .rowcheck)) {
      try share.answer(step: 1, payload: begin)
    }
    #expect(throws: ShareError.self) { try share.answer(step: 2, payload: [1, 2, 3]) }
    #expect(throws: ShareError.self) {
      try share.answer(step: 2, payload: [UInt8](repeating: 255, count: 32))
    }
    #expect(share.nextStep == .rowcheck)

    let matrix = try MatrixShare(
      srs: Self.srs, dimensions: BatchDimensions(fixture.statement),
      circuit: fixture.jobs[0].circuit, threads: 1)
    #expect(throws: ShareError.unexpectedStep(asked: 1, expected: .beta)) {
      try matrix.answer(step: 1, payload: begin)
    }
    let points = ShareMessage.AlphaBeta(alpha: Fr(98), beta: Fr(99))
    _ = try matrix.answer(step: 5, payload: points.bytes)
    #expect(throws: ShareError.unexpectedStep(asked: 5, expected: .quotient)) {
      try matrix.answer(step: 5, payload: points.bytes)
    }
  }

  @Test func wrongAssignmentsAreRefusedByTheFirstViolatedConstraint() throws {
    let fixture = try Fixture()
    for (c, job) in fixture.jobs.enumerated() {
      let z = job.assignments[0]
      for variable in z.indices {
        var wrong = z
        wrong[variable] += .one
        let violated = job.circuit.r1cs.firstViolation(wrong)
        let isPadding = (job.circuit.r1cs.publicCount..<job.circuit.r1cs.paddedPublicCount)
          .contains(variable)
        let expected = variable == 0 || isPadding ? 0 : violated
        let share = try InstanceShare(
          srs: Self.srs, dimensions: BatchDimensions(fixture.statement),
          tasks: [
            InstanceShare.Task(
              circuit: job.circuit, assignment: wrong,
              seed: GroupSeed.random().instance(InstanceIndex(circuit: c, instance: 0)))
          ], threads: 1)
        // An unused public input may have any value.
        if let expected {
          #expect(throws: ShareError.unsatisfied(task: 0, constraint: expected)) {
            try share.commitWitness()
          }
        } else {
          _ = try share.commitWitness()
        }
      }
    }
  }

  @Test func unusableSharesAreRefused() throws {
    let fixture = try Fixture()
    let d = BatchDimensions(fixture.statement)
    for bad in [
      BatchDimensions(R: 1, C: d.C, K: d.K), BatchDimensions(R: d.R, C: d.C / 2, K: d.K),
      BatchDimensions(R: d.R, C: d.C, K: 1), BatchDimensions(R: 24, C: d.C, K: d.K),
      BatchDimensions(R: 0, C: d.C, K: d.K), BatchDimensions(R: -8, C: d.C, K: d.K),
      BatchDimensions(R: 1 << 40, C: d.C, K: d.K),
    ] {
      #expect(throws: ShareError.unusableDimensions(bad)) {
        try fixture.share(0, dimensions: bad)
      }
    }
    // More than the parameters hold.
    #expect(throws: ShareError.self) {
      try fixture.share(0, dimensions: BatchDimensions(R: 256, C: 256, K: 256))
    }
    let short = InstanceShare.Task(
      circuit: fixture.jobs[0].circuit, assignment: [.one],
      seed: GroupSeed.random().instance(InstanceIndex(circuit: 0, instance: 0)))
    #expect(throws: ShareError.self) {
      try InstanceShare(srs: Self.srs, dimensions: d, tasks: [short], threads: 1)
    }
  }

  @Test func messagesDecodeStrictly() throws {
    let point = G1Affine.generator
    let opening = ShareMessage.InstanceOpening(
      atAlpha: point, atBeta: .identity, blindingAtBeta: Fr(5))
    let bytes = opening.bytes
    #expect(bytes.count == 128)
    #expect(try ShareMessage.InstanceOpening(bytes: bytes, instances: 3) == opening)
    #expect(throws: VarunaError.self) {
      try ShareMessage.InstanceOpening(bytes: bytes.dropLast(), instances: 0)
    }
    #expect(throws: VarunaError.self) {
      try ShareMessage.InstanceOpening(bytes: bytes + [0], instances: 0)
    }
    var wrong = bytes
    wrong.replaceSubrange(96..<128, with: [UInt8](repeating: 255, count: 32))
    #expect(throws: VarunaError.self) {
      try ShareMessage.InstanceOpening(bytes: wrong, instances: 0)
    }
    let sums = ShareMessage.LineSums(sums: [[Fr(1), Fr(2), Fr(3)], [Fr(4), Fr(5), Fr(6)]])
    #expect(sums.bytes.count == 192)
    #expect(try ShareMessage.LineSums(bytes: sums.bytes, instances: 2) == sums)
    #expect(throws: VarunaError.self) {
      try ShareMessage.LineSums(bytes: sums.bytes, instances: 1)
    }
    // Totals of the specification: 224 + 64 n and 304 + 144 n for instances, 320 and 432 for matrices.
    let sizes = { (types: [any ShareMessageCoding.Type]) in
      types.reduce(into: [0, 0]) { total, type in
        total[0] += type.size.fixed
        total[1] += type.size.perInstance
      }
    }
    #expect(
      sizes([
        ShareMessage.RowWeights.self, ShareMessage.Alpha.self, ShareMessage.LineChallenge.self,
        ShareMessage.Beta.self, ShareMessage.InstanceOpeningChallenges.self,
      ]) == [224, 64])
    #expect(
      sizes([
        ShareMessage.WitnessCommitments.self, ShareMessage.RowcheckShare.self,
        ShareMessage.LineSums.self, ShareMessage.LinevalShare.self,
        ShareMessage.LinevalEvaluation.self, ShareMessage.InstanceOpening.self,
      ]) == [304, 144])
    #expect(
      sizes([
        ShareMessage.AlphaBeta.self, ShareMessage.Delta.self, ShareMessage.Gamma.self,
        ShareMessage.MatrixOpeningChallenges.self,
      ]) == [320, 0])
    #expect(
      sizes([
        ShareMessage.MatrixCommitments.self, ShareMessage.MatrixQuotient.self,
        ShareMessage.MatrixEvaluations.self, ShareMessage.MatrixOpening.self,
      ]) == [432, 0])
  }
}
