extension JobExecutor {
  /// Where the job is, for those who follow it.
  func progress() -> ProgressEvent {
    var event = ProgressEvent(
      job: id, stage: machine.stage, step: "", groupsDone: machine.groupsDone,
      groups: machine.groups.count, chunks: prepared?.chunks ?? 0, notice: notice,
      workers: core.workers(of: id), elapsed: Core.wallClock - record.submitted)
    switch machine.stage {
    case .submitted: event.step = "waiting to start"
    case .planning: event.step = planningStep
    case .indexing:
      event.step = "verifying keys"
      event.total = machine.circuits
      event.done = machine.circuits - machine.missingKeys.count
    case .proving:
      let running = runs.sorted { $0.key < $1.key }.map { $0.value.rounds }
      event.step = running.first?.stepName ?? "waiting to start"
      for rounds in running {
        event.done += rounds.progress.done
        event.total += rounds.progress.total
      }
    case .verifying: event.step = "checking the document"
    case .done: event.step = "done"
    case .failed, .cancelled:
      event.step = record.detail
      event.notice = nil
    }
    if !machine.stage.isFinal, let waiting = machine.waitingForWorkers ?? core.obstacle(job: id) {
      event.notice = waiting
    }
    return event
  }
}
