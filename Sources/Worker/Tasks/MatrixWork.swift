import Varuna
import Wire

/// One circuit of a batch: everything that depends on its matrices only. Nothing here is secret.
final class MatrixWork: TaskWork {
  private let task: MatrixTask
  private let tasks: ProofTasks
  private let fetcher: ArtifactFetcher
  private var share: MatrixShare?
  private var circuit: IndexedCircuit?
  private var stepBytes = 0
  private let reservation: MemoryReservations.Reservation

  init(_ task: MatrixTask, tasks: ProofTasks, fetcher: ArtifactFetcher) {
    self.task = task
    self.tasks = tasks
    self.fetcher = fetcher
    reservation = tasks.memory.reservation()
  }

  /// Builds the share; there is no result before the rounds.
  func prepare() throws(TaskFault) -> [UInt8]? {
    let shared = TaskMemory(shared: ProverMemory(task.dimensions).sharedBytes, held: 0)
    try tasks.grow(reservation, by: shared, for: "this circuit")
    let parameters = try tasks.srs(task.srs, fetcher)
    let circuit = try tasks.circuit(task.program, fetcher, .step)
    let memory = ProverMemory(circuit.indexed.shape).matrixTask
    try tasks.grow(reservation, by: memory, for: "this circuit")
    stepBytes = memory.step
    self.circuit = circuit.indexed
    do throws(ShareError) {
      share = try MatrixShare(
        srs: parameters,
        dimensions: BatchDimensions(
          R: task.dimensions.constraints, C: task.dimensions.variables,
          K: task.dimensions.nonzeros),
        circuit: circuit.indexed, threads: 1)
    } catch {
      throw .hopeless("share", error.description)
    }
    return nil
  }

  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8] {
    guard let share else { throw .hopeless("protocol", "the share is not prepared") }
    nonisolated(unsafe) let exclusive = share
    let circuit = circuit
    return try tasks.gate.run(.step, step: stepBytes) { (threads) throws(TaskFault) in
      exclusive.threads = threads
      // Made anew by the step that needs them: between steps they would be most of what a share holds.
      defer { circuit?.dropIndex() }
      do throws(ShareError) {
        return try exclusive.answer(step: step, payload: payload)
      } catch {
        throw .hopeless(error.code, error.description)
      }
    }
  }

  func abandon() { reservation.abandon() }
}
