import Varuna

extension TaskBoard {
  /// The tasks a worker holds, oldest first.
  package func held(by worker: WorkerID) -> [BoardTask] {
    tasks.values.filter { $0.holder == worker }.sorted { $0.id < $1.id }
  }

  /// The workers that may have tasks of a job, by id.
  package func eligible(for job: JobID) -> [BoardWorker] {
    let barred = quarantines[job] ?? []
    return workers.values.filter { $0.availability == .live && !barred.contains($0.id) }
      .sorted { $0.id < $1.id }
  }

  /// Divides a group of a job among the workers that may have it; nil while it does not fit them.
  package func divide(job: JobID, _ group: GroupDemand, limit: Int?) -> Division? {
    let usage = Usage(tasks)
    return policy.divide(group, among: eligible(for: job).map(usage.view), limit: limit)
  }

  /// Why a group that was not divided has to wait; nil while there are no workers.
  package func obstacle(for job: JobID, _ group: GroupDemand) -> String? {
    let eligible = eligible(for: job)
    if eligible.isEmpty { return nil }
    let offered = eligible.reduce(UInt64(0)) { $0 &+ $1.memory }
    let idle = eligible.map { WorkerView(id: $0.id, threads: $0.threads, memory: $0.memory) }
    if policy.divide(group, among: idle, limit: nil) != nil {
      return Self.waitsForMemory
    }
    return
      "waiting for workers: a batch keeps about \(group.heldBytes >> 20) MiB between its rounds, "
      + "the \(eligible.count) connected ones offer \(offered >> 20) MiB together"
  }

  /// Why a waiting task of a job cannot be placed; nil where it can be or nothing waits.
  package func obstacle(for job: JobID) -> String? {
    guard let task = waiting.first(where: { $0.job == job && $0.kind == .share }) ?? stuckIndex(job)
    else { return nil }
    let eligible = eligible(for: job)
    if eligible.isEmpty {
      let barred = (quarantines[job] ?? []).filter { workers[$0] != nil }.count
      return barred == 0
        ? "waiting for workers: none is connected"
        : "waiting for workers: all \(barred) connected ones gave this job wrong shares"
    }
    let largest = eligible.map(\.memory).max() ?? 0
    if task.memory.total > largest {
      return "a task needs \(task.memory.total >> 20) MiB of memory, the largest worker offers "
        + "\(largest >> 20) MiB"
    }
    return Self.waitsForMemory
  }

  private static let waitsForMemory = "waiting for memory that other shares hold"

  /// Shares of a job that wait although every worker that may have them was asked.
  package func blockedShares(of job: JobID) -> Set<TaskID> {
    Set(waiting.filter { $0.job == job && $0.kind == .share }.map(\.id))
  }

  /// The oldest task that is a share of a group; ids grow with time.
  package var oldestShare: TaskID? { tasks.values.filter { $0.kind == .share }.map(\.id).min() }

  /// Gives waiting tasks to workers until none can be placed: the oldest task of the job that holds the fewest tasks.
  mutating func schedule(_ actions: inout [Action]) {
    var queues: [JobID: [BoardTask]] = [:]
    for task in waiting.reversed() { queues[task.job, default: []].append(task) }
    if queues.isEmpty { return }
    var usage = Usage(tasks)
    while let job = queues.min(by: { precedes($0, $1, usage) })?.key {
      let task = queues[job]!.removeLast()
      if queues[job]!.isEmpty { queues[job] = nil }
      guard let worker = place(task, usage) else { continue }
      tasks[task.id]?.holder = worker
      usage.add(task, to: worker)
      actions.append(.assign(task.id, to: worker))
    }
  }

  private typealias Queue = (key: JobID, value: [BoardTask])

  private func precedes(_ a: Queue, _ b: Queue, _ usage: Usage) -> Bool {
    (usage.running[a.key] ?? 0, a.value.last?.id ?? 0)
      < (usage.running[b.key] ?? 0, b.value.last?.id ?? 0)
  }

  private var waiting: [BoardTask] {
    tasks.values.filter { $0.holder == nil }.sorted { $0.id < $1.id }
  }

  /// An index task that waits although its job has none at any worker.
  private func stuckIndex(_ job: JobID) -> BoardTask? {
    tasks.values.contains { $0.job == job && $0.holder != nil }
      ? nil : waiting.first { $0.job == job }
  }

  private func place(_ task: BoardTask, _ usage: Usage) -> WorkerID? {
    var candidates = eligible(for: task.job).map(usage.view).filter {
      !task.excluded.contains($0.id) && $0.fits(task.memory)
    }
    if task.kind == .index {
      candidates.removeAll { usage.indexing[$0.id] ?? 0 > $0.threads }
    }
    let fresh = candidates.filter { !task.avoided.contains($0.id) }
    if !fresh.isEmpty { candidates = fresh }
    if let preferred = task.preferred, candidates.contains(where: { $0.id == preferred }) {
      return preferred
    }
    return policy.choose(Demand(cost: task.cost, memory: task.memory), among: candidates)
  }
}

/// What workers and jobs have at a moment, counted once for many decisions.
private struct Usage {
  private var held: [WorkerID: (cost: Double, memory: TaskMemory)] = [:]
  /// Index tasks of each worker.
  private(set) var indexing: [WorkerID: Int] = [:]
  /// Tasks of each job that somebody holds.
  private(set) var running: [JobID: Int] = [:]

  init(_ tasks: [TaskID: BoardTask]) {
    // In one order, so that equal boards give equal sums.
    for task in tasks.values.sorted(by: { $0.id < $1.id }) {
      if let worker = task.holder { add(task, to: worker) }
    }
  }

  mutating func add(_ task: BoardTask, to worker: WorkerID) {
    held[worker, default: (0, .none)].cost += task.cost
    held[worker]!.memory += task.memory
    if task.kind == .index { indexing[worker, default: 0] += 1 }
    running[task.job, default: 0] += 1
  }

  func view(_ worker: BoardWorker) -> WorkerView {
    let (cost, memory) = held[worker.id] ?? (0, .none)
    return WorkerView(
      id: worker.id, threads: worker.threads, memory: worker.memory, used: memory,
      load: cost / Double(worker.threads))
  }
}
