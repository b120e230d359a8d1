import Logging
import Wire

/// Jobs begin, wait for their turn, and end.
extension Core {
  /// Takes up the jobs that an earlier process left unfinished.
  func resume() throws(CoordinatorError) {
    try store.dropUnfinishedTasks()
    try store.endOpenAttempts(at: Self.wallClock)
    let known = try store.health { worker, fault in
      log(
        .error(
          "nothing is known any more of worker \(worker: worker): \(fault)")
      )
    }.mapValues { $0.shifted(by: Self.now - Self.wallClock) }
    locked {
      board.absent.merge(known) { $1 }
      tally.begin(with: known)
    }
    let unfinished = try store.jobIDs(in: JobStage.unfinished)
    for job in unfinished {
      // One damaged row is the end of one job, not of the service.
      guard let fault = try store.damage(of: job) else { continue }
      log(.error("job \(job: job) cannot go on: \(fault)"))
      try store.failDamaged(job, reason: text(fault), failure: fault.code, at: Self.wallClock)
    }
    try shelf.clear()
    let accounts = try store.accounts()
    locked { ending.formUnion(accounts) }
    // One after the other: together they may be more than memory holds twice.
    for id in unfinished {
      guard let record = try store.job(id), !record.stage.isFinal else { continue }
      log("job \(job: record.id) goes on (\(record.stage.rawValue))")
      try shelf.recall(record)
      start(record)
    }
  }

  /// Begins to work on a stored job, now or when its turn comes.
  func start(_ record: JobRecord) {
    let executor = JobExecutor(record, core: self)
    if let tracer = executor.tracer { traces.keep(tracer, of: record.id) }
    locked {
      turnNumber += 1
      let turn = JobTurn(
        owner: executor.sender, priority: record.options.priority ?? .normal, number: turnNumber,
        only: record.options.only.map(Set.init))
      handle(.enlist(record.id, turn))
      jobs[record.id] = executor
      queue.enter(record.id, turn)
      admitJobs()
    }
  }

  /// Ends a job on a user's wish.
  func cancel(_ job: JobID) throws(CoordinatorError) {
    if let executor = locked({ jobs[job] }) { return executor.post(.cancel) }
    guard let record = try store.job(job) else { throw .unknownJob(job) }
    throw .jobNotFinished(id: job, stage: "it has ended already: \(record.stage.rawValue)")
  }

  /// Every attempt at a job's tasks; waits until those that are under way to the database are there.
  func attempts(of job: JobID) throws(CoordinatorError) -> [AttemptRecord] {
    flushJournal()
    return try store.attempts(of: job)
  }

  /// Removes all that is kept of a job that has ended, its document too.
  func delete(_ job: JobID) throws(CoordinatorError) {
    guard let stored = try store.job(job) else { throw .unknownJob(job) }
    let record = current(stored)
    guard record.stage.isFinal, locked({ jobs[job] == nil }) else {
      throw .jobNotFinished(id: job, stage: record.stage.rawValue)
    }
    flushJournal()
    try shelf.delete(job)
    traces.forget(job)
    locked { unrecorded[job] = nil }
    log("job \(job: job): deleted")
  }

  /// A job ended: nothing of it stays with workers or in the store.
  func ended(_ job: JobID) {
    // First, so that whoever hears of the end finds them gone.
    clearArtifacts(of: job)
    locked {
      if let account = jobs[job]?.sender { ending.insert(account) }
      jobs[job] = nil
      queue.leave(job)
      owners = owners.filter { $0.value.id != job }
      handle(.endJob(job))
      admitJobs()
    }
  }

  /// Ended jobs that go at a time.
  private static let portion = 64

  /// Removes the oldest ended jobs of an account that has more of them than are kept. Only under the lock.
  func makeWay() {
    guard let account = ending.popFirst() else { return }
    let limits = limits
    write("which jobs are kept") { [self] () throws(CoordinatorError) in
      let old = try store.endedJobs(
        of: account, beyond: OwnerLimits.endedJobs, bytes: limits.endedBytes, limit: Self.portion)
      if old.isEmpty { return }
      for job in old where locked({ jobs[job] == nil }) { try shelf.delete(job) }
      log("\(old.count) ended jobs of \(client: account) are deleted: it has more than are kept")
      // There may be more.
      _ = locked { ending.insert(account) }
    }
  }

  /// Removes the artifacts of a job that ended.
  func clearArtifacts(of job: JobID) {
    do throws(CoordinatorError) {
      try shelf.clear(job)
    } catch {
      log(.warning("job \(job: job): its artifacts cannot be removed now: \(error)"))
    }
  }

  /// Keeps the end of a job that the database could not record.
  func remember(_ record: JobRecord) { locked { unrecorded[record.id] = record } }

  /// A job's record with its end, recorded or not.
  func current(_ record: JobRecord) -> JobRecord { locked { unrecorded[record.id] } ?? record }

  /// The progress of a running job as it was last published; nil where it does not run.
  func latest(of job: JobID) -> ProgressEvent? { locked { jobs[job]?.latest } }

  /// A job waits for workers or memory, or does not any more: others may begin.
  func set(_ job: JobID, blocked: Bool) {
    locked {
      queue.set(job, blocked: blocked)
      admitJobs()
    }
  }

  /// Whether a job's turn has come.
  func isActive(_ job: JobID) -> Bool { locked { queue.isActive(job) } }

  /// How many jobs begin before one that waits for its turn.
  func ahead(of job: JobID) -> Int { locked { queue.ahead(of: job) } }

  /// Lets waiting jobs begin while there are few enough. Only under the lock.
  func admitJobs() {
    for job in queue.admit() { jobs[job]?.post(.workers(board.enlistedCount(for: job))) }
  }
}
