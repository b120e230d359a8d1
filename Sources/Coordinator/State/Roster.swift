/// Who is there for tasks that went wrong, and who may come back, as one moment has it.
///
/// Workers are in the order of their memory, so that an answer takes few looks: those with room for a task come first, and of
/// them only the few that have tried it or refused it are passed.
struct Roster {
  /// Workers that may be counted on, largest memory first.
  private let workers: [(id: WorkerID, memory: UInt64)]
  /// Workers that were lost and of which nobody knows yet why, largest memory first.
  private let lost: [(id: WorkerID, memory: UInt64)]
  /// The memory of the smallest that is connected, whether it may be counted on or not.
  let leastMemory: UInt64
  /// The workers of the jobs that only some may serve.
  private let only: [JobID: Set<WorkerID>]

  init(_ board: TaskBoard) {
    workers = board.workers.values.filter(\.isEnlisted).map { ($0.id, $0.memory) }
      .sorted { ($1.memory, $0.id) < ($0.memory, $1.id) }
    lost = board.departures.values.filter { !$0.isDecided }
      .map { ($0.worker.id, $0.worker.memory) }
      .sorted { ($1.memory, $0.id) < ($0.memory, $1.id) }
    only = board.turns.compactMapValues(\.only)
    leastMemory = board.workers.values.lazy.map(\.memory).min() ?? .max
  }

  /// Whether somebody is there who has not refused a task for good.
  func hasAble(_ task: BoardTask) -> Bool {
    workers.contains { !task.excluded.contains($0.id) && admits($0.id, to: task) }
  }

  /// Whether one of them is believed to have the memory for it.
  func hasRoomy(_ task: BoardTask) -> Bool { any(workers, for: task) { _ in true } }

  /// Whether one of those has not tried it.
  func hasUntried(_ task: BoardTask) -> Bool {
    any(workers, for: task) { task.tries[$0] == nil }
  }

  /// Whether somebody with room for it may come back.
  func awaits(_ task: BoardTask) -> Bool { any(lost, for: task) { _ in true } }

  /// Whether somebody may come back who has not tried it, or with whom it was lost: perhaps for no fault of its own.
  func awaitsUntried(_ task: BoardTask) -> Bool {
    any(lost, for: task) { task.tries[$0] == nil || task.undecided[$0] != nil }
  }

  private func admits(_ worker: WorkerID, to task: BoardTask) -> Bool {
    only[task.job]?.contains(worker) ?? true
  }

  private func any(
    _ workers: [(id: WorkerID, memory: UInt64)], for task: BoardTask,
    where isGood: (WorkerID) -> Bool
  ) -> Bool {
    let needed = UInt64(task.memory.total)
    for worker in workers {
      if worker.memory < needed { return false }
      if !task.excluded.contains(worker.id), admits(worker.id, to: task), isGood(worker.id) {
        return true
      }
    }
    return false
  }
}
