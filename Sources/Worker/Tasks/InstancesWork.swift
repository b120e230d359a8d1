import Algebra
import CircuitSource
import Varuna
import Wire

/// Some instances of a batch: everything that depends on their witnesses.
///
/// Every answer is recorded in the ledger first, so that no blinding is ever used under two challenges.
final class InstancesWork: TaskWork {
  private let task: InstancesTask
  private let tasks: ProofTasks
  private let fetcher: ArtifactFetcher
  private var share: InstanceShare?
  private var stepBytes = 0
  private let reservation: MemoryReservations.Reservation

  init(_ task: InstancesTask, tasks: ProofTasks, fetcher: ArtifactFetcher) {
    self.task = task
    self.tasks = tasks
    self.fetcher = fetcher
    reservation = tasks.memory.reservation()
  }

  /// Builds the share; there is no result before the rounds.
  func prepare() throws(TaskFault) -> [UInt8]? {
    // Once the share is built, no witness stays on this worker's disk; a replay fetches it again.
    defer { for instance in task.tasks { fetcher.forget(instance.witness) } }
    let dimensions = task.dimensions
    try tasks.grow(reservation, by: ProverMemory(dimensions).instanceShare, for: "this share")
    let parameters = try tasks.srs(task.srs, fetcher)
    try record(
      task.tasks.map { instance in
        ChallengeLedger.Use(seed: instance.seed, step: 0, payload: binding(of: instance))
      })
    var prepared: [InstanceShare.Task] = []
    // The cache may be short of room; the share's own circuits stay until it is built.
    var circuits: [Digest: ProofTasks.Circuit] = [:]
    for instance in task.tasks {
      let program = instance.program
      if circuits[program] == nil {
        circuits[program] = try tasks.circuit(program, fetcher, .step)
      }
      prepared.append(try prepare(instance, circuits[program]!))
    }
    let shared = prepared
    do throws(ShareError) {
      share = try InstanceShare(
        srs: parameters,
        dimensions: BatchDimensions(
          R: dimensions.constraints, C: dimensions.variables, K: dimensions.nonzeros),
        tasks: shared, bases: tasks.bases(for: shared, parameters), threads: 1)
    } catch {
      throw .hopeless("share", error.description)
    }
    return nil
  }

  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8] {
    guard let share else { throw .hopeless("protocol", "the share is not prepared") }
    guard ChallengeLedger.steps.contains(step) else {
      throw .hopeless("protocol", "there is no step \(step)")
    }
    try record(
      task.tasks.map { ChallengeLedger.Use(seed: $0.seed, step: step, payload: payload) })
    nonisolated(unsafe) let exclusive = share
    return try tasks.gate.run(.step, step: stepBytes) { (threads) throws(TaskFault) in
      exclusive.threads = threads
      do throws(ShareError) {
        return try exclusive.answer(step: step, payload: payload)
      } catch {
        throw .hopeless(error.code, error.description)
      }
    }
  }

  func abandon() { reservation.abandon() }

  private func prepare(
    _ instance: InstanceTask, _ circuit: ProofTasks.Circuit
  ) throws(TaskFault) -> InstanceShare.Task {
    let memory = ProverMemory(circuit.indexed.shape).instanceTask
    try tasks.grow(reservation, by: memory, for: "this share")
    stepBytes = max(stepBytes, memory.step)
    let bytes = try fetcher.bytes(of: instance.witness, limit: ProofTasks.maximumProgram)
    return try tasks.gate.run(.step, step: memory.step) { (_) throws(TaskFault) in
      do throws(CircuitArtifact.Failure) {
        let witness = try circuit.source.witness(bytes, name: "its witness")
        let seed = InstanceSeed(instance.seed)
        return InstanceShare.Task(
          circuit: circuit.indexed,
          assignment: circuit.indexed.r1cs.assignment(
            publicInputs: witness.publicInputs, privateValues: witness.privateValues,
            randomizer: seed.randomizer),
          seed: seed)
      } catch {
        throw .hopeless("witness", "instance \(instance.circuit)/\(instance.instance): \(error)")
      }
    }
  }

  /// All that the first answer depends on beside the seed.
  private func binding(of instance: InstanceTask) -> [UInt8] {
    var bytes = task.srs.bytes + instance.program.bytes + instance.witness.bytes
    bytes.append(task.varunaVersion)
    for size in [task.dimensions.constraints, task.dimensions.variables, task.dimensions.nonzeros] {
      withUnsafeBytes(of: UInt64(size).littleEndian) { bytes += $0 }
    }
    return bytes
  }

  private func record(_ uses: [ChallengeLedger.Use]) throws(TaskFault) {
    do {
      try tasks.ledger.record(uses)
    } catch is ChallengeLedger.Conflict {
      throw .hopeless("protocol", "this blinding was already used under another challenge")
    } catch {
      throw .retryable("disk", "the ledger of challenges cannot be written")
    }
  }
}

extension ProverMemory {
  /// The memory of work in a batch of these dimensions.
  init(_ dimensions: ShareDimensions) {
    self.init(
      constraints: dimensions.constraints, variables: dimensions.variables,
      nonzeros: [Int](repeating: dimensions.nonzeros, count: 3))
  }

  /// The memory of work over a circuit of this shape.
  init(_ shape: CircuitShape) {
    self.init(constraints: shape.R, variables: shape.C, nonzeros: shape.K)
  }
}

extension ShareError {
  /// The word that the coordinator gets.
  var code: String {
    switch self {
    case .unexpectedStep, .challengeInDomain, .malformedRequest: "protocol"
    case .unusableDimensions, .parameters: "srs"
    case .assignmentLength, .unsatisfied: "witness"
    }
  }
}
