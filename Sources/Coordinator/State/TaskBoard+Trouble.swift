import Varuna

/// Tasks that go wrong: where they go next, who is blamed, and when a job has to end.
///
/// A task goes to workers that have not tried it first. It has failed for good when three troubles were its own and either
/// three workers had it of which one at least has answered something before, or nobody else is left, or when six were: workers that
/// only ever fail do not speak for a task. A loss is the task's own as far as it took the lost worker's memory. An
/// answer that nobody gave before absolves it: it can be done.
extension TaskBoard {
  /// Troubles of its own that a task may have.
  package static let maximumBlame = 3.0
  /// Workers that are enough to say that it is the task.
  package static let witnesses = 3
  /// Losses put down to one job between two successes of its.
  package static let maximumJobBlame = 6.0

  /// Codes of refusals that are nobody's failure: the worker has too much to do, or is about to leave.
  private static let harmless: Set<String> = ["busy", "draining"]
  /// Codes of failures that say nothing about the worker: the plan's numbers did not fit it.
  private static let impersonal: Set<String> = ["memory"]

  /// A worker said that a task failed.
  mutating func fail(
    _ id: TaskID, by worker: WorkerID, _ trouble: TaskTrouble, at now: Double,
    _ actions: inout [Action]
  ) {
    guard tasks[id]?.isHeld(by: worker) == true else { return }
    if Self.harmless.contains(trouble.code) {
      requeue(id, from: worker, reason: trouble.text, &actions)
      if trouble.code == "draining" {
        workers[worker]?.isLeaving = true
      } else {
        changeHealth(of: worker) { $0.restsUntil = max($0.restsUntil, now + 1) }
      }
      return
    }
    if !Self.impersonal.contains(trouble.code) {
      changeHealth(of: worker) { $0.note(.failure, trouble.text, at: now) }
    }
    if !trouble.retryable { tasks[id]!.excluded.insert(worker) }
    tasks[id]!.failures += 1
    note(id, worker, trouble.text, blame: 1)
    settle(id, from: worker, reason: trouble.text, code: trouble.code, &actions)
  }

  /// A worker is alive and does not answer.
  mutating func stall(
    _ id: TaskID, at worker: WorkerID, seconds: Double, now: Double, _ actions: inout [Action]
  ) {
    let reason = "stalled: no answer for \(Int(seconds)) s"
    changeHealth(of: worker) { $0.note(.stall, reason, waited: seconds, at: now) }
    tasks[id]!.failures += 1
    note(id, worker, reason, blame: 1)
    actions.append(.release(id, by: worker))
    settle(id, from: worker, reason: reason, code: "stalled", &actions)
  }

  /// A worker is gone, with all that it held.
  mutating func lose(
    _ id: WorkerID, reason: String, abrupt: Bool, at now: Double, _ actions: inout [Action]
  ) {
    guard let worker = workers[id] else { return }
    let held = held(by: id)
    let open = held.filter { $0.holder != id || $0.openSince != nil }
    if abrupt, !open.isEmpty {
      let bytes = UInt64(held.reduce(.none) { $0 + $1.memory }.total)
      changeHealth(of: id) {
        $0.note(.loss, reason, at: now)
        $0.noteLoss(holding: bytes, offered: worker.offered)
      }
    }
    let total = open.reduce(0.0) { $0 + Double(max(1, $1.memory.total)) }
    var parts: [JobID: Double] = [:]
    for task in open { parts[task.job, default: 0] += Double(max(1, task.memory.total)) / total }
    if abrupt { for (job, part) in parts { jobBlame[job, default: 0] += part } }
    for task in held {
      let isOpen = open.contains { $0.id == task.id }
      let part = abrupt && isOpen ? parts[task.job] ?? 0 : 0
      tasks[task.id]!.losses += 1
      let text = "lost: \(reason)"
      if part > 0 { note(task.id, id, text, blame: part) }
      if tasks[task.id]!.tries[id] == nil { tasks[task.id]!.tries[id] = 1 }
      settle(task.id, from: id, reason: reason, code: "lost", &actions)
    }
  }

  private mutating func note(
    _ id: TaskID, _ worker: WorkerID, _ reason: String, blame: Double
  ) {
    tasks[id]!.note(
      BoardTask.Mishap(worker: worker, name: workers[worker]?.name ?? worker, reason: reason),
      blame: blame)
  }

  /// Ends the task for good, or lets it wait for another worker.
  private mutating func settle(
    _ id: TaskID, from worker: WorkerID, reason: String, code: String, _ actions: inout [Action]
  ) {
    guard let task = tasks[id] else { return }
    guard isHopeless(task, without: code == "lost" ? worker : nil) else {
      return requeue(id, from: worker, reason: reason, &actions)
    }
    tasks[id] = nil
    for other in [task.holder, task.shadow].compactMap({ $0 }) where other != worker {
      actions.append(.release(id, by: other))
      actions.append(.ended(id, at: other, outcome: "the task failed"))
    }
    actions.append(.ended(id, at: worker, outcome: reason))
    actions.append(.exhausted(id, code: code, reason: task.table))
  }

  private func isHopeless(_ task: BoardTask, without lost: WorkerID?) -> Bool {
    if task.blame <= 0 { return false }
    if jobBlame[task.job] ?? 0 >= Self.maximumJobBlame { return true }
    let able = workers.values.filter { $0.isEnlisted && !task.excluded.contains($0.id) }
    // Nobody that is here can do it, by their own words.
    if !task.excluded.isEmpty, able.isEmpty { return true }
    // It was lost where there should have been room, and now nobody is believed to have that.
    let roomy = able.filter { UInt64(task.memory.total) <= $0.memory && $0.id != lost }
    if task.losses > 0, roomy.isEmpty, task.blame >= 1,
      workers.values.contains(where: { UInt64(task.memory.total) > $0.memory })
    {
      return true
    }
    if task.blame < Self.maximumBlame - 0.25 { return false }
    let fresh = able.filter { task.tries[$0.id] == nil && UInt64(task.memory.total) <= $0.memory }
    let isAttested = task.tries.keys.contains { workers[$0]?.health.answers ?? 0 > 0 }
    return task.tries.count >= Self.witnesses && isAttested || fresh.isEmpty
      || task.blame >= 2 * Self.maximumBlame
  }

  /// Takes a task from a worker; its shadow, where it has one, goes on with it.
  mutating func requeue(
    _ id: TaskID, from worker: WorkerID, reason: String, _ actions: inout [Action]
  ) {
    guard var task = tasks[id], task.isHeld(by: worker) else { return }
    actions.append(.ended(id, at: worker, outcome: reason))
    if task.shadow == worker {
      task.shadow = nil
      tasks[id] = task
      return
    }
    (task.isWarm, task.spent) = (false, 0)
    if let shadow = task.shadow {
      (task.holder, task.shadow) = (shadow, nil)
      tasks[id] = task
      actions.append(.promoted(id, to: shadow))
    } else {
      (task.holder, task.openSince) = (nil, nil)
      tasks[id] = task
      actions.append(.requeued(id, from: worker, reason: reason))
    }
  }
}
