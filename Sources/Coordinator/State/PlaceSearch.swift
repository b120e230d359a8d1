import Varuna

/// One event's search for workers for the tasks that wait.
///
/// All is counted once. What fits nobody fits nobody a moment later, when workers have more, and so it is with what needs as
/// much or more. The looks at workers are bounded: with many tasks and many workers the rest is looked at in the next event.
struct PlaceSearch {
  /// Looks at workers that one event may take in any network.
  static let leastLooks = 1 << 16
  /// Looks for each worker and task of a large one.
  static let looksEach = 32
  /// Needs that are remembered as fitting nobody, of each kind of tasks.
  private static let remembered = 16

  private(set) var usage: Usage
  /// Workers that may get tasks, by id.
  let ready: [BoardWorker]
  /// Workers that it may still look at.
  private(set) var left: Int
  /// What fitted nobody.
  private var failed: [BoardTask] = []

  init(_ board: TaskBoard, _ usage: Usage, at now: Double) {
    self.usage = usage
    ready = board.workers.values.filter { worker in
      switch worker.availability(at: now) {
      case .live, .probation: true
      default: false
      }
    }.sorted { $0.id < $1.id }
    left = Self.looks(workers: board.workers.count, tasks: board.tasks.count)
  }

  /// Looks at workers that one event may take.
  static func looks(workers: Int, tasks: Int) -> Int {
    max(leastLooks, looksEach * (workers + tasks))
  }

  mutating func looked(_ count: Int) { left -= count }

  mutating func assign(_ task: BoardTask, to worker: WorkerID) { usage.add(task, to: worker) }

  /// A task fitted nobody.
  mutating func failed(_ task: BoardTask) {
    // One that some may not have says nothing about others.
    guard task.excluded.isEmpty, task.tries.isEmpty, task.shortOfMemory.isEmpty,
      failed.count(where: { $0.kind == task.kind }) < Self.remembered
    else { return }
    failed.append(task)
  }

  /// Whether a task needs at least what another one needed that fitted nobody.
  func isInVain(_ task: BoardTask) -> Bool {
    failed.contains { other in
      other.kind == task.kind && other.cost <= task.cost
        && other.memory.shared <= task.memory.shared && other.memory.held <= task.memory.held
        && other.memory.step <= task.memory.step
    }
  }
}
