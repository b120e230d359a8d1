import Algebra
import CircuitSource
import Varuna
import Wire

/// The real work of a worker: keeps circuits and parameters in memory between tasks, within the memory budget.
package final class ProofTasks: TaskFactory {
  /// Largest circuit or witness that is read into memory, in bytes.
  static let maximumProgram: UInt64 = 1 << 30
  /// What reading a circuit takes, in bytes for each of its own: a byte may stand for a weight and its place.
  private static let readBytes = 16

  let ledger: ChallengeLedger
  let gate: ComputeGate
  let memory: MemoryReservations
  private let circuits: BoundedCache<Digest, Circuit>
  private let parameters: BoundedCache<Digest, SRS>
  private let bases: WitnessBasisStore

  /// Work for a worker with this configuration, which records its challenges in the ledger.
  package init(_ configuration: WorkerConfiguration, ledger: ChallengeLedger) {
    self.ledger = ledger
    memory = MemoryReservations(budget: configuration.memory.forTasks)
    gate = ComputeGate(threads: configuration.threads, memory: memory)
    let budget = Int(clamping: memory.budget)
    circuits = BoundedCache(budget: budget / 3)
    parameters = BoundedCache(budget: budget / 4)
    bases = WitnessBasisStore(
      folder: configuration.home + "/bases", budget: Int(clamping: configuration.memory.forBases))
  }

  /// The work of a task.
  package func work(for kind: TaskKind, fetcher: ArtifactFetcher) -> any TaskWork {
    switch kind {
    case .index(let program, let srs):
      IndexWork(program: program, srs: srs, tasks: self, fetcher: fetcher)
    case .instances(let task): InstancesWork(task, tasks: self, fetcher: fetcher)
    case .matrix(let task): MatrixWork(task, tasks: self, fetcher: fetcher)
    }
  }

  /// A circuit, read or compiled, and indexed.
  struct Circuit: Sendable {
    let source: CircuitArtifact
    let indexed: IndexedCircuit
  }

  /// The circuit in an artifact, from memory, or fetched, compiled and indexed.
  func circuit(
    _ digest: Digest, _ fetcher: ArtifactFetcher, _ urgency: ComputeGate.Urgency
  ) throws(TaskFault) -> Circuit {
    try circuits.value(for: digest) { () throws(TaskFault) in
      let bytes = try fetcher.bytes(of: digest, limit: Self.maximumProgram)
      let name = "circuit \(digest.hex.prefix(12))"
      let draft = try gate.run(urgency, step: Self.readBytes * bytes.count) {
        (_) throws(TaskFault) in
        do throws(CircuitArtifact.Failure) {
          return try CircuitArtifact.Draft(bytes, name: name)
        } catch {
          throw .hopeless("program", "\(name): \(error)")
        }
      }
      return try gate.run(urgency, step: draft.compileBytes) { (threads) throws(TaskFault) in
        do throws(VarunaError) {
          let source = CircuitArtifact(draft)
          let indexed = try IndexedCircuit(source.r1cs, threads: threads)
          let cost = ProverMemory(indexed.shape).circuitBytes + 2 * bytes.count
          return (Circuit(source: source, indexed: indexed), cost)
        } catch {
          throw .hopeless("program", "\(name): \(error)")
        }
      }
    }
  }

  /// The universal parameters, from memory, or fetched and checked.
  func srs(_ digest: Digest, _ fetcher: ArtifactFetcher) throws(TaskFault) -> SRS {
    try parameters.value(for: digest) { () throws(TaskFault) in
      let bytes = try fetcher.bytes(of: digest, limit: memory.budget / 2)
      return try gate.run(.step, step: bytes.count) { (threads) throws(TaskFault) in
        do throws(VarunaError) {
          return (try SRS(fileBytes: bytes, threads: threads), 2 * bytes.count)
        } catch {
          throw .hopeless("srs", "the parameters cannot be used: \(error)")
        }
      }
    }
  }

  /// What commits to the witnesses of these instances, where it is there or its time has come.
  ///
  /// Bases have a part of the memory of their own; where there is no room to make one, the share does without.
  func bases(
    for instances: [InstanceShare.Task], _ srs: SRS
  ) -> [WitnessBasis.Domains: WitnessBasis] {
    let making = Set(instances.map(\.basisDomains)).map(\.makingBytes).max() ?? 0
    guard memory.hasRoom(forStep: making) else { return [:] }
    return gate.run(.step, step: making) { threads in
      bases.bases(for: instances, srs, threads: threads)
    }
  }

  /// Promises memory to a task before it takes it; refuses what would not fit beside the other tasks.
  ///
  /// What is promised to tasks is taken from the circuits that are kept in case they are needed again.
  func grow(
    _ reservation: MemoryReservations.Reservation, by more: TaskMemory, for what: String
  ) throws(TaskFault) {
    do throws(MemoryReservations.Shortage) {
      try reservation.grow(by: more)
    } catch {
      throw .retryable(
        "memory",
        "with \(what) this worker needs about \(MemoryText.needed(error.needed)) for all that it holds, "
          + "it has \(MemoryText.available(memory.budget))")
    }
    let budget = Int(clamping: memory.budget)
    circuits.limit(to: max(0, min(budget / 3, budget - memory.promised)))
  }
}

extension WorkerDaemon {
  /// Opens the home folder; nothing is connected yet.
  package convenience init(
    _ configuration: WorkerConfiguration, tamper: ShareTamper? = nil
  ) throws(WorkerError) {
    Allocator.returnLargeBlocks()
    let home = try WorkerHome(
      path: configuration.home, artifactBudget: configuration.artifactBudget)
    self.init(
      configuration, home: home, factory: ProofTasks(configuration, ledger: home.ledger),
      tamper: tamper)
  }
}
