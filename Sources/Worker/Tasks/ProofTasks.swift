import Algebra
import ProofAggregation
import Varuna
import Wire

/// The real work of a worker: keeps circuits and parameters in memory between tasks, within the memory budget.
package final class ProofTasks: TaskFactory {
  /// Largest circuit or witness that is read into memory, in bytes.
  static let maximumProgram: UInt64 = 1 << 30

  let ledger: ChallengeLedger
  let gate = ComputeGate()
  let threads: Int
  let memory: MemoryReservations
  private let circuits: BoundedCache<Digest, Circuit>
  private let parameters: BoundedCache<Digest, SRS>
  private let bases: WitnessBasisStore

  /// Work for a worker with this configuration, which records its challenges in the ledger.
  package init(_ configuration: WorkerConfiguration, ledger: ChallengeLedger) {
    self.ledger = ledger
    threads = configuration.threads
    memory = MemoryReservations(budget: configuration.memory.bytes)
    let budget = Int(clamping: memory.budget)
    circuits = BoundedCache(budget: budget / 3)
    parameters = BoundedCache(budget: budget / 4)
    bases = WitnessBasisStore(folder: configuration.home + "/bases", budget: budget / 16)
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
    _ digest: Digest, _ fetcher: ArtifactFetcher
  ) throws(TaskFault) -> Circuit {
    try circuits.value(for: digest) { () throws(TaskFault) in
      let bytes = try fetcher.bytes(of: digest, limit: Self.maximumProgram)
      return try gate.run { () throws(TaskFault) in
        let name = "circuit \(digest.hex.prefix(12))"
        let source: CircuitArtifact
        do throws(CircuitArtifact.Failure) {
          source = try CircuitArtifact(bytes, name: name)
        } catch {
          throw .hopeless("program", "\(name): \(error)")
        }
        do throws(VarunaError) {
          let indexed = try IndexedCircuit(source.r1cs, threads: threads)
          return (Circuit(source: source, indexed: indexed), Self.bytes(of: indexed.shape))
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
      return try gate.run { () throws(TaskFault) in
        do throws(VarunaError) {
          return (try SRS(fileBytes: bytes, threads: threads), 2 * bytes.count)
        } catch {
          throw .hopeless("srs", "the parameters cannot be used: \(error)")
        }
      }
    }
  }

  /// What commits to the witnesses of these instances, where it is there or its time has come, and a promise of its memory.
  ///
  /// Where there is no memory for it, the share does without.
  func bases(
    for instances: [InstanceShare.Task], _ srs: SRS
  ) -> (bases: [WitnessBasis.Domains: WitnessBasis], reservation: MemoryReservations.Reservation?) {
    let domains = Set(instances.map(\.basisDomains))
    let bytes = domains.reduce(0) { $0 + $1.bytes }
    let making = domains.map(\.makingBytes).max() ?? 0
    guard let reservation = memory.reserve(resident: 0, work: bytes).reservation,
      case let whileMaking? = memory.reserve(resident: 0, work: making).reservation
    else { return ([:], nil) }
    let found = gate.run {
      withExtendedLifetime(whileMaking) { bases.bases(for: instances, srs, threads: threads) }
    }
    return (found, found.isEmpty ? nil : reservation)
  }

  /// Promises memory to work before it is begun; refuses what would not fit beside the other tasks.
  func reserve(
    resident: Int, work: Int, for what: String
  ) throws(TaskFault) -> MemoryReservations.Reservation {
    let (reservation, needed) = memory.reserve(resident: resident, work: work)
    guard let reservation else {
      throw .retryable(
        "memory",
        "with \(what) this worker needs about \(needed >> 20) MiB, "
          + "it has \(memory.budget >> 20) MiB")
    }
    return reservation
  }

  /// What a circuit takes between tasks: its matrices and index polynomials.
  static func bytes(of shape: CircuitShape) -> Int {
    let memory = ProverMemory(
      constraints: shape.R, variables: shape.C, nonzeros: shape.K)
    return memory.circuitBytes + memory.indexPolynomialBytes
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
