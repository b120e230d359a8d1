/// Workers that take long: another one does the same work beside them, and in the end they count as stuck.
///
/// Shares are deterministic, so whoever answers first has the right answer or lied, and a second answer that differs is
/// settled as any other disagreement.
extension TaskBoard {
  /// Stalls that one tick takes; others follow in the next ones.
  private static let stallsPerTick = 16

  /// Looks for answers that are overdue.
  mutating func watch(at now: Double, _ actions: inout [Action]) {
    looks += tasks.count
    let open = tasks.values.filter { $0.openSince != nil && $0.holder != nil }.map(\.id).sorted()
    if open.isEmpty { return }
    var owed = openTasks()
    var stalls = 0
    var helpers: Helpers?
    let first = open.firstIndex { $0 >= watchFrom } ?? 0
    watchFrom = 0
    for id in open[first...] + open[..<first] {
      guard let task = tasks[id], let holder = task.holder, let since = task.openSince,
        let worker = workers[holder]
      else { continue }
      let waited = now - since
      let expected = expected(task, at: worker, beside: owed[holder] ?? 0)
      if waited > max(patience.toStall, patience.stallFactor * expected) {
        if stalls == Self.stallsPerTick { continue }
        stalls += 1
        owed[holder, default: 1] -= 1
        stall(id, at: holder, seconds: waited, now: now, &actions)
      } else if waited > leastWait(task), isHelpless(task, at: now), watchFrom == 0 {
        if helpers == nil { helpers = Helpers(self, countUsage(), at: now) }
        if helpers!.left <= 0 {
          // Many tasks, many workers: the next tick goes on here.
          watchFrom = id
          continue
        }
        let before = helpers!.left
        let since = task.shadow == nil ? waited : now - task.shadowSince
        let other = helpers!.take(for: task, waited: since, patience)
        looks += before - helpers!.left
        guard let other else { continue }
        if let mute = task.shadow { dismiss(mute, from: id, after: since, at: now, &actions) }
        (tasks[id]!.shadow, tasks[id]!.shadowSince) = (other, now)
        actions.append(.shadow(id, to: other))
      }
    }
  }

  /// Whether nobody does a task as well, or somebody who is as mute as its holder.
  private func isHelpless(_ task: BoardTask, at now: Double) -> Bool {
    task.shadow == nil || now - task.shadowSince > patience.toShadowFirst
  }

  /// Takes a task from a shadow that has answered nothing either: another one has it now.
  private mutating func dismiss(
    _ mute: WorkerID, from id: TaskID, after seconds: Double, at now: Double,
    _ actions: inout [Action]
  ) {
    let reason = "stalled: no answer beside another worker for \(Int(seconds)) s"
    changeHealth(of: mute) { $0.note(.stall, reason, waited: seconds, at: now) }
    tasks[id]!.tries[mute, default: 0] += 1
    take(id, from: mute, reason: reason, &actions)
  }

  /// Seconds before which nobody else does a task as well.
  private func leastWait(_ task: BoardTask) -> Double {
    task.isWarm || task.isHurried ? patience.toShadow : patience.toShadowFirst
  }

  /// A worker answered something of a task.
  mutating func answered(
    _ id: TaskID, by worker: WorkerID, fresh: Bool, at now: Double, _ actions: inout [Action]
  ) {
    guard fresh, let task = tasks[id], task.isHeld(by: worker) else { return }
    if worker == task.shadow, let slow = task.holder {
      let waited = now - (task.openSince ?? now)
      let isLong = waited > patience.toShadowFirst
      changeHealth(of: slow) { health in
        health.noteStraggling(factor: waited > 0 ? max(0.1, task.cost / waited) : 1)
        // Nothing at all in all that time is more than slowness.
        if !task.isWarm, isLong {
          health.note(
            .stall, "stalled: another worker answered after \(Int(waited)) s", waited: waited,
            at: now)
        }
      }
      tasks[id]!.tries[slow, default: 0] += 1
      (tasks[id]!.holder, tasks[id]!.shadow, tasks[id]!.spent) = (worker, nil, 0)
      tasks[id]!.fetchingSeconds = FetchingPatience.constant
      tasks[id]!.isHurried = false
      if !task.isWarm, isLong { hurry(slow) }
      actions.append(.release(id, by: slow))
      actions.append(.ended(id, at: slow, outcome: "another worker was faster"))
    } else {
      if let since = task.openSince, let holder = workers[worker] {
        let shared = max(1, openTasks(of: worker))
        tasks[id]!.spent += (now - since) * max(1, Double(holder.threads) / Double(shared))
      }
      if let shadow = task.shadow {
        tasks[id]!.shadow = nil
        actions.append(.release(id, by: shadow))
        actions.append(.ended(id, at: shadow, outcome: "the first worker was faster"))
      }
    }
    // It was lost before, and can be done: so can the job.
    if task.blame > 0 || !task.undecided.isEmpty { jobBlame[task.job]?.clear() }
    tasks[id]!.openSince = nil
    tasks[id]!.isWarm = true
    tasks[id]!.absolve()
    let offered = workers[worker]?.offered ?? .max
    changeHealth(of: worker) { $0.noteAnswer(offered: offered) }
  }

  /// A worker was overtaken at a task of which it had answered nothing: what it has beside and has not answered either waits
  /// no longer for its circuits than for an answer.
  private mutating func hurry(_ slow: WorkerID) {
    for task in held(by: slow) where task.holder == slow && !task.isWarm {
      tasks[task.id]!.isHurried = true
      tasks[task.id]!.fetchingSeconds = 0
    }
  }

  /// How many tasks each worker owes an answer for.
  private func openTasks() -> [WorkerID: Int] {
    var open: [WorkerID: Int] = [:]
    for task in tasks.values {
      if let holder = task.holder, task.openSince != nil { open[holder, default: 0] += 1 }
      if let shadow = task.shadow { open[shadow, default: 0] += 1 }
    }
    return open
  }

  /// Tasks of a worker that it owes an answer for.
  private func openTasks(of worker: WorkerID) -> Int {
    held(by: worker).count { $0.holder == worker && $0.openSince != nil || $0.shadow == worker }
  }

  /// Predicted seconds of all of a task at a worker beside what else it owes.
  private func expected(_ task: BoardTask, at worker: BoardWorker, beside owed: Int) -> Double {
    task.cost * max(1, Double(max(1, owed)) / Double(worker.threads)) / (worker.health.speed ?? 1)
  }
}
