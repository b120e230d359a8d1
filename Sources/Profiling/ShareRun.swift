import Algebra
import Varuna

/// One kind of prover work, all of its steps with challenges that nobody drew, to see what memory it takes.
public enum ShareRun {
  /// What is done.
  public enum Work: String, CaseIterable, Codable, Sendable {
    /// Making the verifying key.
    case index
    /// A share of instances.
    case instances
    /// A share of a circuit's matrices.
    case matrices
  }

  /// Predicted and reported peak memory of a process that does this work.
  public struct Memory: Codable, Sendable {
    /// What was done.
    public let work: Work
    /// By `ProverMemory`, in bytes.
    public let predictedBytes: Int
    /// By the operating system, in bytes.
    public let reportedBytes: Int
  }

  /// Does the work and compares what this process takes meanwhile with the prediction.
  ///
  /// What the process holds beside the powers counts as well: exact only in a process that does nothing else.
  public static func measure(
    _ work: Work, _ part: ProofSession.Part, srs: SRS, threads: Int
  ) throws -> Memory {
    ProcessUsage.resetPeak()
    try run(work, part, srs: srs, threads: threads)
    let shape = try CircuitShape(part.circuit.r1cs)
    let model = ProverMemory(
      constraints: shape.R, variables: shape.C, nonzeros: shape.K,
      points: srs.powerCount + srs.shiftedCount, threads: threads)
    let predicted =
      switch work {
      case .index: model.indexBytes
      case .instances: model.instanceBytes(part.instances)
      case .matrices: model.matrixBytes
      }
    return Memory(
      work: work, predictedBytes: predicted, reportedBytes: ProcessUsage.peakBytes)
  }

  /// Does the work.
  public static func run(
    _ work: Work, _ part: ProofSession.Part, srs: SRS, threads: Int
  ) throws {
    let circuit = try IndexedCircuit(part.circuit.r1cs, threads: threads)
    let shape = circuit.shape
    let dimensions = BatchDimensions(R: shape.R, C: shape.C, K: shape.K.max() ?? 2)
    switch work {
    case .index: _ = try circuit.verifyingKey(srs, threads: threads)
    case .instances:
      let tasks = (0..<part.instances).map { i in
        let seed = InstanceSeed([UInt8](repeating: UInt8(i), count: 32))
        return InstanceShare.Task(
          circuit: circuit, assignment: part.circuit.assignment(seed), seed: seed)
      }
      let share = try InstanceShare(
        srs: srs, dimensions: dimensions, tasks: tasks, threads: threads)
      let weights = tasks.map { _ in challenge(1) }
      _ = try share.commitWitness()
      _ = try share.rowcheck(ShareMessage.RowWeights(weights: weights))
      _ = try share.lineSums(ShareMessage.Alpha(alpha: challenge(2)))
      _ = try share.lineval(
        ShareMessage.LineChallenge(eta: (3..<6).map(challenge), weights: weights))
      _ = try share.evaluate(ShareMessage.Beta(beta: challenge(6)))
      _ = try share.open(
        ShareMessage.InstanceOpeningChallenges(forG1: challenge(7), forLineval: challenge(8)))
    case .matrices:
      let share = try MatrixShare(
        srs: srs, dimensions: dimensions, circuit: circuit, threads: threads)
      _ = try share.commitMatrices(
        ShareMessage.AlphaBeta(alpha: challenge(1), beta: challenge(2)))
      _ = try share.quotient(ShareMessage.Delta(delta: (3..<6).map(challenge)))
      _ = try share.evaluate(ShareMessage.Gamma(gamma: challenge(6)))
      _ = try share.open(
        ShareMessage.MatrixOpeningChallenges(
          forG: (7..<10).map(challenge), forMatrix: challenge(10)))
    }
  }

  private static func challenge(_ i: Int) -> Fr {
    var random = SplitMix(state: UInt64(i) + 100)
    return Fr.random(using: &random)
  }
}
