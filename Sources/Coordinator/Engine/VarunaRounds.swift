import Foundation
import ProofAggregation
import Varuna
import Wire

/// The rounds of one group by the real prover.
///
/// The plan counts a group's circuits in its own order, the proof in the order of circuit ids; this
/// type is where one becomes the other.
final class VarunaRounds: GroupRounds {
  /// A circuit of the proof as the plan counts it.
  struct Member {
    /// Its place in the plan's group.
    let place: Int
    /// Its number in the plan.
    let circuit: Int
    /// The chunk of each instance.
    let chunks: [Int]
  }

  private(set) var prover: GroupProver
  let job: VarunaJob
  /// In the order of the proof.
  let circuits: [Member]
  private let version: VarunaVersion

  init(_ prover: GroupProver, version: VarunaVersion, job: VarunaJob, circuits: [Member]) {
    self.prover = prover
    self.version = version
    self.job = job
    self.circuits = circuits
  }

  var shares: [ShareName] { prover.shares.map(name) }
  var progress: (done: Int, total: Int) { prover.progress }
  var stepName: String { prover.stepName }

  var snapshot: [UInt8] { Array(Store.encode(prover.snapshot).utf8) }

  func task(for share: ShareName) -> TaskKind {
    let sizes = prover.dimensions
    let dimensions = ShareDimensions(
      constraints: sizes.R, variables: sizes.C, nonzeros: sizes.K)
    switch id(share) {
    case .matrix(let c):
      return .matrix(
        MatrixTask(
          program: job.statement.circuits[circuits[c].circuit].program, srs: job.srs,
          dimensions: dimensions,
          varunaVersion: UInt8(version.rawValue)))
    case .instances(let k):
      let tasks = zip(prover.holders[k], prover.instanceSeeds(of: k)).map { index, seed in
        InstanceTask(
          program: job.statement.circuits[circuits[index.circuit].circuit].program,
          witness: job.statement.instances[circuits[index.circuit].chunks[index.instance]].witness,
          circuit: UInt32(index.circuit), instance: UInt32(index.instance), seed: seed.bytes)
      }
      return .instances(
        InstancesTask(
          srs: job.srs, dimensions: dimensions, varunaVersion: UInt8(version.rawValue), tasks: tasks
        ))
    }
  }

  func requests(to share: ShareName) -> [(step: UInt8, payload: [UInt8])] {
    prover.requests(to: id(share)).map { ($0.step, $0.payload) }
  }

  func replyBytes(of share: ShareName, step: UInt8) -> Int {
    prover.replySize(of: id(share), step: step) ?? 0
  }

  func reply(of share: ShareName, step: UInt8) -> [UInt8]? {
    prover.reply(of: id(share), step: step)
  }

  func receive(
    from share: ShareName, step: UInt8, payload: [UInt8]
  ) throws(ShareRefusal) -> RoundsOutcome {
    let outcome: GroupProver.Outcome
    do {
      outcome = try prover.receive(from: id(share), step: step, payload: payload)
    } catch {
      throw ShareRefusal(reason: error.description)
    }
    switch outcome {
    case .waiting: return .requests([])
    case .requests(let requests): return .requests(requests.map { name($0.share) })
    case .finished(let proof): return .proof(proof.bytes)
    case .rejected(let blamed): return .wrong(blamed.map(name))
    }
  }

  private func name(_ share: ShareID) -> ShareName {
    switch share {
    case .instances(let k): .instances(k)
    case .matrix(let c): .matrix(circuits[c].place)
    }
  }

  func id(_ share: ShareName) -> ShareID {
    switch share {
    case .instances(let k): .instances(k)
    case .matrix(let place): .matrix(circuits.firstIndex { $0.place == place }!)
    }
  }
}
