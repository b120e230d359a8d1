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

  /// Capacity and load of the workers that may have tasks of a job.
  package func views(for job: JobID) -> [WorkerView] {
    eligible(for: job).map { worker in
      var view = WorkerView(id: worker.id, threads: worker.threads, memory: worker.memory)
      for task in held(by: worker.id) { view.take(cost: task.cost, memory: task.memory) }
      return view
    }
  }

  /// Divides a group of a job among the workers that may have it; nil while there are none.
  package func divide(
    job: JobID, instances: [Demand], matrices: [Demand], limit: Int?
  ) -> Division? {
    policy.divide(instances: instances, matrices: matrices, among: views(for: job), limit: limit)
  }

  /// Why a waiting task of a job cannot be placed; nil where it can be or nothing waits.
  package func obstacle(for job: JobID) -> String? {
    guard let task = waiting().first(where: { $0.job == job }) else { return nil }
    let eligible = eligible(for: job)
    if eligible.isEmpty {
      let barred = (quarantines[job] ?? []).filter { workers[$0] != nil }.count
      return barred == 0
        ? "waiting for workers: none is connected"
        : "waiting for workers: all \(barred) connected ones gave this job wrong shares"
    }
    let largest = eligible.map(\.memory).max() ?? 0
    if task.memory > largest {
      return "a task needs \(mebibytes(task.memory)) MiB of memory, the largest worker offers "
        + "\(mebibytes(largest)) MiB"
    }
    return nil
  }

  /// Gives waiting tasks to workers until none can be placed.
  mutating func schedule(_ actions: inout [Action]) {
    var pending = waiting()
    while let next = fairest(pending) {
      let task = pending.remove(at: next)
      guard let worker = place(task) else { continue }
      tasks[task.id]?.holder = worker
      actions.append(.assign(task.id, to: worker))
    }
  }

  private func waiting() -> [BoardTask] {
    tasks.values.filter { $0.holder == nil }.sorted { $0.id < $1.id }
  }

  /// The oldest task of the job that holds the fewest tasks now: jobs share workers evenly.
  private func fairest(_ pending: [BoardTask]) -> Int? {
    var running: [JobID: Int] = [:]
    for task in tasks.values where task.holder != nil { running[task.job, default: 0] += 1 }
    return pending.indices.min {
      (running[pending[$0].job] ?? 0, pending[$0].id)
        < (running[pending[$1].job] ?? 0, pending[$1].id)
    }
  }

  private func place(_ task: BoardTask) -> WorkerID? {
    var candidates = views(for: task.job).filter {
      !task.excluded.contains($0.id) && $0.memory >= task.memory
    }
    if task.kind == .index {
      candidates.removeAll { view in held(by: view.id).contains { $0.kind == .index } }
    }
    let fresh = candidates.filter { !task.avoided.contains($0.id) }
    if !fresh.isEmpty { candidates = fresh }
    if let preferred = task.preferred, candidates.contains(where: { $0.id == preferred }) {
      return preferred
    }
    return policy.choose(Demand(cost: task.cost, memory: task.memory), among: candidates)
  }

  private func mebibytes(_ bytes: UInt64) -> UInt64 { bytes >> 20 }
}
