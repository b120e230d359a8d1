import Algebra

/// Makes a whole proof in one process: the sum of its shares.
public enum OneMachineProver {
  /// One circuit with its key and the full assignments of its instances.
  public typealias Job = (circuit: IndexedCircuit, key: VerifyingKey, assignments: [[Fr]])

  /// Proves all instances of all circuits; the proof is that of any division into shares with the same seed.
  ///
  /// The proof is not verified. Circuits may come in any order; instances keep theirs. The randomizers inside
  /// the assignments must be fresh for every attempt.
  ///
  /// - Parameters:
  ///   - srs: the powers of tau, as long as the circuits need.
  ///   - version: of the protocol.
  ///   - jobs: circuits, with at least one instance each.
  ///   - seed: secret; all blinding follows from it.
  ///   - bases: what commits to witnesses by their values; the proof is the same without.
  ///   - threads: width of all steps.
  ///   - observe: called at the end with the profile of every step of every share.
  public static func prove(
    _ srs: SRS, version: VarunaVersion, jobs: [Job], seed: GroupSeed,
    bases: [WitnessBasis.Domains: WitnessBasis] = [:], threads: Int,
    observe: ((ShareID, StepProfile) -> Void)? = nil
  ) throws(ShareError) -> Proof {
    let statement = try withParameters { () throws(VarunaError) in try Self.statement(jobs) }
    return try prove(
      srs, version: version, jobs: jobs, randomness: ProverRandomness(seed, statement),
      bases: bases, threads: threads, observe: observe)
  }

  /// Proves with explicit randomness.
  package static func prove(
    _ srs: SRS, version: VarunaVersion, jobs: [Job], randomness: ProverRandomness,
    bases: [WitnessBasis.Domains: WitnessBasis] = [:], threads: Int,
    observe: ((ShareID, StepProfile) -> Void)? = nil
  ) throws(ShareError) -> Proof {
    let statement = try withParameters { () throws(VarunaError) in try Self.statement(jobs) }
    var sorted = jobs
    for (given, place) in statement.order.enumerated() { sorted[place] = jobs[given] }
    let tasks = statement.instances.map { i in
      InstanceShare.Task(
        circuit: sorted[i.circuit].circuit,
        assignment: sorted[i.circuit].assignments[i.instance],
        blinding: randomness.witness[i.circuit][i.instance])
    }
    var assembler = BatchAssembler(
      srs: srs, version: version, statement: statement, holders: [statement.instances], mask: nil,
      threads: threads)
    let dimensions = assembler.dimensions
    // With the mask in the only share, its opening at beta is part of the share's: one multiplication of |C| points
    // less than with the mask at the coordinator.
    let instances = try InstanceShare(
      srs: srs, dimensions: dimensions, tasks: tasks, mask: randomness.mask, bases: bases,
      threads: threads)
    var matrices: [MatrixShare] = []
    for job in sorted {
      matrices.append(
        try MatrixShare(
          srs: srs, dimensions: dimensions, circuit: job.circuit, threads: threads))
    }
    let proof = try play(&assembler, instances, matrices)
    if let observe {
      for profile in instances.profile { observe(.instances(0), profile) }
      for (c, share) in matrices.enumerated() {
        for profile in share.profile { observe(.matrix(c), profile) }
      }
    }
    return proof
  }

  /// What these jobs state: keys and public inputs.
  public static func statement(_ jobs: [Job]) throws(VarunaError) -> Statement {
    try Statement(
      jobs.map { job in
        (job.key, job.assignments.map { Array($0.prefix(job.circuit.r1cs.paddedPublicCount)) })
      })
  }

  private static func play(
    _ assembler: inout BatchAssembler, _ instances: InstanceShare, _ matrices: [MatrixShare]
  ) throws(ShareError) -> Proof {
    let rowWeights = assembler.afterMaskedWitness([try instances.commitMaskedWitness()])
    let rowcheck = try instances.rowcheck(rowWeights[0])
    let alpha = try mutate(&assembler) { (a) throws(VarunaError) in
      try a.afterRowcheck([rowcheck])
    }
    let line = assembler.afterLineSums([try instances.lineSums(alpha)])
    let lineval = try instances.lineval(line[0])
    let beta = try mutate(&assembler) { (a) throws(VarunaError) in
      try a.afterLineval([lineval])
    }
    assembler.afterEvaluation([try instances.evaluate(beta.instances)])
    let commitments = try all(matrices) { (m, _) throws(ShareError) in
      try m.commitMatrices(beta.matrices)
    }
    let delta = assembler.afterMatrices(commitments)
    let quotients = try all(matrices) { (m, c) throws(ShareError) in try m.quotient(delta[c]) }
    let gamma = try mutate(&assembler) { (a) throws(VarunaError) in
      try a.afterQuotient(quotients)
    }
    let evaluations = try all(matrices) { (m, _) throws(ShareError) in try m.evaluate(gamma) }
    let challenges = assembler.afterGamma(evaluations)
    let opening = try instances.open(challenges.instances)
    let openings = try all(matrices) { (m, c) throws(ShareError) in
      try m.open(challenges.matrices[c])
    }
    return try mutate(&assembler) { (a) throws(VarunaError) in
      try a.afterOpening([opening], openings)
    }
  }

  private static func all<T>(
    _ shares: [MatrixShare], _ body: (MatrixShare, Int) throws(ShareError) -> T
  ) throws(ShareError) -> [T] {
    var results: [T] = []
    for (c, share) in shares.enumerated() { results.append(try body(share, c)) }
    return results
  }

  private static func mutate<T>(
    _ assembler: inout BatchAssembler, _ body: (inout BatchAssembler) throws(VarunaError) -> T
  ) throws(ShareError) -> T {
    do throws(VarunaError) {
      return try body(&assembler)
    } catch {
      throw .parameters(error)
    }
  }
}
