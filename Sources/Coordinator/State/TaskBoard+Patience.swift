/// Workers that take long: another one does the same work beside them, and in the end they count as stuck.
///
/// Shares are deterministic, so whoever answers first has the right answer or lied, and a second answer that differs is
/// settled as any other disagreement.
extension TaskBoard {
  /// Looks for answers that are overdue.
  mutating func watch(at now: Double, _ actions: inout [Action]) {
    for id in tasks.keys.sorted() {
      guard let task = tasks[id], let holder = task.holder, let since = task.openSince,
        let worker = workers[holder]
      else { continue }
      let waited = now - since
      if waited > max(patience.toStall, patience.stallFactor * expected(task, at: worker)) {
        stall(id, at: holder, seconds: waited, now: now, &actions)
      } else if task.shadow == nil, let other = idleWorker(for: task, waited: waited, at: now) {
        tasks[id]!.shadow = other
        actions.append(.shadow(id, to: other))
      }
    }
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

  /// Tasks of a worker that it owes an answer for.
  private func openTasks(of worker: WorkerID) -> Int {
    tasks.values.count { $0.holder == worker && $0.openSince != nil || $0.shadow == worker }
  }

  /// Predicted seconds of all of a task at a worker beside what else it owes.
  private func expected(_ task: BoardTask, at worker: BoardWorker) -> Double {
    let others = Double(max(1, openTasks(of: worker.id)))
    return task.cost * max(1, others / Double(worker.threads)) / (worker.health.speed ?? 1)
  }

  /// A worker that has nothing to do and could do the task as well; nil where it is too early for that.
  private func idleWorker(for task: BoardTask, waited: Double, at now: Double) -> WorkerID? {
    let least = task.isWarm ? patience.toShadow : patience.toShadowFirst
    if waited <= least { return nil }
    return workers.values.filter { worker in
      worker.availability(at: now) == .live && worker.id != task.holder
        && !task.excluded.contains(worker.id) && task.tries[worker.id] == nil
        && UInt64(task.memory.total) <= worker.memory
        && held(by: worker.id).allSatisfy {
          $0.openSince == nil && $0.shadow == nil
        }
        && fits(task, worker)
        && waited > patience.shadowFactor * task.cost / (worker.health.speed ?? 1)
    }.max { ($0.health.speed ?? 1, $0.id) < ($1.health.speed ?? 1, $1.id) }?.id
  }
}
