import Algebra
import Foundation
import Varuna

/// One kind of prover work in a process of its own, whose peak memory is then that work's.
enum ShareRun {
  /// What the process does.
  enum Work: String, CaseIterable {
    case index, instances, matrices
  }

  /// Runs the work on parameters from a file and prints the peak memory in bytes.
  static func run(_ work: Work, _ part: ProofSession.Part, srs file: String, threads: Int) throws {
    Allocator.returnLargeBlocks()
    let srs = try SRS(file: URL(fileURLWithPath: file), threads: threads)
    let synthetic = SyntheticCircuit(part.shape)
    let circuit = try IndexedCircuit(synthetic.r1cs, threads: threads)
    let shape = circuit.shape
    let dimensions = BatchDimensions(R: shape.R, C: shape.C, K: shape.K.max() ?? 2)
    switch work {
    case .index: _ = try circuit.verifyingKey(srs, threads: threads)
    case .instances:
      let tasks = (0..<part.instances).map { i in
        let seed = InstanceSeed([UInt8](repeating: UInt8(i), count: 32))
        return InstanceShare.Task(
          circuit: circuit, assignment: synthetic.assignment(seed), seed: seed)
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
    print(ProcessUsage.peakBytes)
  }

  private static func challenge(_ i: Int) -> Fr {
    var random = SplitMix(state: UInt64(i) + 100)
    return Fr.random(using: &random)
  }
}
