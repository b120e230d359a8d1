import Varuna
import Wire

/// Set-up of one circuit: its verifying key.
final class IndexWork: TaskWork {
  private let program: Digest
  private let srs: Digest
  private let tasks: ProofTasks
  private let fetcher: ArtifactFetcher
  private let reservation: MemoryReservations.Reservation

  init(program: Digest, srs: Digest, tasks: ProofTasks, fetcher: ArtifactFetcher) {
    self.program = program
    self.srs = srs
    self.tasks = tasks
    self.fetcher = fetcher
    reservation = tasks.memory.reservation()
  }

  /// The verifying key's bytes.
  func prepare() throws(TaskFault) -> [UInt8]? {
    let parameters = try tasks.srs(srs, fetcher)
    let circuit = try tasks.circuit(program, fetcher, .background)
    let memory = ProverMemory(circuit.indexed.shape).indexTask
    try tasks.grow(reservation, by: memory, for: "this circuit")
    return try tasks.gate.run(.background, step: memory.step) { (threads) throws(TaskFault) in
      defer { circuit.indexed.dropIndex() }
      do throws(VarunaError) {
        try parameters.check(circuit.indexed.shape)
        return try circuit.indexed.verifyingKey(parameters, threads: threads).bytes
      } catch {
        throw .hopeless("srs", "\(error)")
      }
    }
  }

  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8] {
    throw .hopeless("protocol", "an index task has no steps")
  }

  func abandon() { reservation.abandon() }
}
