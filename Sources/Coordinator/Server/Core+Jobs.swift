import Wire

/// Jobs begin, wait for their turn, and end.
extension Core {
  /// Takes up the jobs that an earlier process left unfinished.
  func resume() throws(CoordinatorError) {
    try store.dropUnfinishedTasks()
    try shelf.clear()
    for record in try store.jobs().reversed() where !record.stage.isFinal {
      log("job \(record.id) goes on (\(record.stage.rawValue))")
      for entry in try store.quarantined(job: record.id) {
        quarantine(entry.worker, job: record.id)
      }
      start(record)
    }
  }

  /// Begins to work on a stored job, now or when its turn comes.
  func start(_ record: JobRecord) {
    let executor = JobExecutor(record, core: self)
    locked {
      jobs[record.id] = executor
      queue.append(executor)
      admitJobs()
    }
  }

  /// Ends a job on a user's wish.
  func cancel(_ job: JobID) throws(CoordinatorError) {
    if let executor = locked({ jobs[job] }) { return executor.post(.cancel) }
    guard let record = try store.job(job) else { throw .unknownJob(job) }
    throw .jobNotFinished(id: job, stage: "it has ended already: \(record.stage.rawValue)")
  }

  /// A job ended: nothing of it stays with workers or in the store.
  func ended(_ job: JobID) {
    // First, so that whoever hears of the end finds them gone.
    clearArtifacts(of: job)
    locked {
      jobs[job] = nil
      queue.removeAll { $0.id == job }
      owners = owners.filter { $0.value.id != job }
      handle(.endJob(job))
      admitJobs()
    }
  }

  /// Removes the artifacts of a job that ended.
  func clearArtifacts(of job: JobID) {
    do throws(CoordinatorError) {
      try shelf.clear(job)
    } catch {
      log("job \(job): its artifacts cannot be removed now: \(error)")
    }
  }

  /// Keeps the end of a job that the database could not record.
  func remember(_ record: JobRecord) { locked { unrecorded[record.id] = record } }

  /// A job's record with its end, recorded or not.
  func current(_ record: JobRecord) -> JobRecord { locked { unrecorded[record.id] } ?? record }

  /// The progress of a running job as it was last published; nil where it does not run.
  func latest(of job: JobID) -> ProgressEvent? { locked { jobs[job]?.latest } }

  /// Lets waiting jobs begin while there are few enough. Only under the lock.
  func admitJobs() {
    while !queue.isEmpty, jobs.count - queue.count < Self.maximumActiveJobs {
      let job = queue.removeFirst()
      job.post(.workers(board.eligible(for: job.id).count))
    }
  }
}
