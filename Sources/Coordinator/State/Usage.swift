import Varuna

/// What workers have at a moment, counted once for many decisions.
struct Usage {
  private var held: [WorkerID: (cost: Double, memory: TaskMemory)] = [:]
  /// The speed that workers are compared with.
  private let usual: Double?
  private var jobsAt: [WorkerID: Set<JobID>] = [:]
  private var suspectsAt: [WorkerID: Set<JobID>] = [:]
  /// Predicted seconds of the keys at each worker.
  private(set) var keyCosts: [WorkerID: [Double]] = [:]

  /// Looks at all tasks and all workers once.
  init(_ board: TaskBoard) {
    usual = board.usualSpeed
    // In one order, so that equal boards give equal sums.
    for task in board.tasks.values.filter({ $0.holder != nil }).sorted(by: { $0.id < $1.id }) {
      for worker in [task.holder, task.shadow].compactMap({ $0 }) { add(task, to: worker) }
    }
  }

  mutating func add(_ task: BoardTask, to worker: WorkerID) {
    held[worker, default: (0, .none)].cost += task.cost
    held[worker]!.memory += task.memory
    jobsAt[worker, default: []].insert(task.job)
    if task.isSuspect { suspectsAt[worker, default: []].insert(task.job) }
    if task.kind == .index { keyCosts[worker, default: []].append(task.cost) }
  }

  func hasTasks(_ worker: WorkerID) -> Bool { jobsAt[worker] != nil }

  /// Whether a worker has nothing beside which the task should not be: what may have ended a worker, and others' tasks.
  func mayHave(_ task: BoardTask, _ worker: WorkerID) -> Bool {
    let others = task.isSuspect ? jobsAt[worker] : suspectsAt[worker]
    return others?.allSatisfy { $0 == task.job } ?? true
  }

  func view(_ worker: BoardWorker) -> WorkerView {
    let (cost, memory) = held[worker.id] ?? (0, .none)
    return WorkerView(
      id: worker.id, threads: worker.threads, memory: worker.memory, used: memory,
      load: cost / Double(worker.threads) / speed(worker), speed: speed(worker))
  }

  /// How slow a worker is beside others: predictions may be wrong for all of them, and a fast one proves nothing.
  private func speed(_ worker: BoardWorker) -> Double {
    guard let own = worker.health.speed, let usual else { return 1 }
    return min(1, max(0.01, own / usual))
  }
}
