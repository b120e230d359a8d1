import Varuna
import Wire

/// One circuit of a batch: everything that depends on its matrices only. Nothing here is secret.
final class MatrixWork: TaskWork {
  private let task: MatrixTask
  private let tasks: ProofTasks
  private let fetcher: ArtifactFetcher
  private var share: MatrixShare?
  private var reservation: MemoryReservations.Reservation?

  init(_ task: MatrixTask, tasks: ProofTasks, fetcher: ArtifactFetcher) {
    self.task = task
    self.tasks = tasks
    self.fetcher = fetcher
  }

  /// Builds the share; there is no result before the rounds.
  func prepare() throws(TaskFault) -> [UInt8]? {
    let memory = ProverMemory(task.dimensions, threads: tasks.threads)
    reservation = try tasks.reserve(
      resident: memory.residentBytes, work: memory.matrixWorkBytes, for: "this circuit")
    let parameters = try tasks.srs(task.srs, fetcher)
    let circuit = try tasks.circuit(task.program, fetcher)
    do throws(ShareError) {
      share = try MatrixShare(
        srs: parameters,
        dimensions: BatchDimensions(
          R: task.dimensions.constraints, C: task.dimensions.variables,
          K: task.dimensions.nonzeros),
        circuit: circuit.indexed, threads: tasks.threads)
    } catch {
      throw .hopeless("share", error.description)
    }
    return nil
  }

  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8] {
    guard let share else { throw .hopeless("protocol", "the share is not prepared") }
    nonisolated(unsafe) let exclusive = share
    return try tasks.gate.run { () throws(TaskFault) in
      do throws(ShareError) {
        return try exclusive.answer(step: step, payload: payload)
      } catch {
        throw .hopeless(error.code, error.description)
      }
    }
  }
}
