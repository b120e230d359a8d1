/// Workers that have nothing to do and could do others' overdue tasks as well, as one tick has them.
///
/// Those that have answered something come first, the fastest before others: who never has may be as mute as whom it helps.
struct Helpers {
  private let workers: [(worker: BoardWorker, view: WorkerView)]
  /// Places in `workers` of those that have got nothing yet.
  private var free: [Int]
  /// The workers of the jobs that only some may serve.
  private let only: [JobID: Set<WorkerID>]
  /// Looks at workers that are left to this tick.
  private(set) var left: Int

  init(_ board: TaskBoard, _ usage: Usage, at now: Double) {
    var busy: Set<WorkerID> = []
    for task in board.tasks.values where task.openSince != nil || task.shadow != nil {
      busy.formUnion([task.holder, task.shadow].compactMap { $0 })
    }
    workers = board.workers.values
      .filter { $0.availability(at: now) == .live && !busy.contains($0.id) }
      .sorted { Self.rank($1) < Self.rank($0) }
      .map { ($0, usage.view($0)) }
    free = Array(workers.indices)
    only = board.turns.compactMapValues(\.only)
    left = PlaceSearch.looks(workers: board.workers.count, tasks: board.tasks.count)
  }

  private static func rank(_ worker: BoardWorker) -> (Int, Double, WorkerID) {
    (worker.hasAnswered ? 1 : 0, worker.health.speed ?? 1, worker.id)
  }

  /// Takes the fastest that fits a task which has been waited for so many seconds; nil where none does, or it is too early.
  mutating func take(for task: BoardTask, waited: Double, _ patience: Patience) -> WorkerID? {
    for (place, index) in free.enumerated() {
      left -= 1
      let (worker, view) = workers[index]
      let speed = max(Patience.leastSpeed, worker.health.speed ?? 1)
      if waited <= patience.shadowFactor * task.cost / speed {
        // Whoever comes later is slower, or has never answered.
        if !worker.hasAnswered { return nil }
        continue
      }
      guard worker.id != task.holder, only[task.job]?.contains(worker.id) ?? true,
        !task.excluded.contains(worker.id),
        !task.hasLeft(worker.id), view.fits(task.memory)
      else { continue }
      free.remove(at: place)
      return worker.id
    }
    return nil
  }
}
