extension JobExecutor {
  /// Where the job is, for those who follow it.
  func progress() -> ProgressEvent {
    let workers = core.workers(of: id, only: record.options.only.map(Set.init))
    var event = ProgressEvent(
      job: id, stage: machine.stage, step: "", groupsDone: machine.groupsDone,
      groups: machine.groups.count, chunks: prepared?.chunks ?? 0, notice: notice,
      workers: workers.named, others: workers.others, elapsed: Core.wallClock - record.submitted)
    switch machine.stage {
    case .submitted:
      let ahead = core.ahead(of: id)
      event.step = ahead == 0 ? "waiting to start" : "waiting for its turn, \(ahead) jobs before it"
      if machine.isHeld { event.step = diskWait.step }
    case .planning: event.step = planningStep
    case .indexing:
      event.step = "verifying keys"
      event.total = machine.circuits
      event.done = machine.circuits - machine.missingKeys.count
    case .proving:
      event.step = runs.min { $0.key < $1.key }?.value.stepName ?? "waiting to start"
      let keys = machine.missingKeys.count
      if keys > 0 { event.step += ", \(keys) keys to go" }
      (event.done, event.total) = replies
    case .verifying: event.step = "checking the document"
    case .done: event.step = "done"
    case .failed, .cancelled:
      event.step = record.detail
      event.notice = nil
    }
    // A job whose turn has not come waits for that alone.
    let waiting = machine.stage.isFinal || !core.isActive(id) ? nil : obstacle
    if let waiting { event.notice = waiting }
    let blocked = waiting != nil && !core.isBusy(id)
    if blocked != isBlocked {
      isBlocked = blocked
      core.set(id, blocked: blocked)
    }
    return event
  }

  /// Why nothing goes on; nil while something does.
  private var obstacle: String? {
    if machine.isHeld { return diskWait.reason(free: core.artifacts.freeBytes) }
    return machine.waitingForWorkers.map { core.outOfService ?? $0 } ?? core.obstacle(job: id)
      ?? (runs.isEmpty ? deferral : nil)
  }

  /// Replies taken so far and replies in all, over all groups; those of groups that have not begun are estimated.
  private var replies: (done: Int, total: Int) {
    machine.groups.enumerated().reduce((0, 0)) { sum, group in
      let run = runs[group.offset]?.progress
      let total = run?.total ?? expectedReplies[group.offset]
      let done = run?.done ?? (group.element == .proved ? total : 0)
      return (sum.0 + done, sum.1 + total)
    }
  }

  /// The replies that a group will take from so many workers: one per share and step.
  static func expectedReplies(_ group: GroupDemand, workers: Int) -> Int {
    6 * min(max(1, workers), group.instances.count) + 4 * group.matrices.count
  }
}
