extension TaskBoard {
  /// The tasks of every worker that has some, as holder or as shadow, by id.
  var heldByWorker: [WorkerID: [BoardTask]] {
    var held: [WorkerID: [BoardTask]] = [:]
    for task in tasks.values {
      if let holder = task.holder { held[holder, default: []].append(task) }
      if let shadow = task.shadow { held[shadow, default: []].append(task) }
    }
    return held
  }
}

extension WorkerWork {
  /// What these tasks are, job by job, in the order of the jobs' ids.
  static func list(of tasks: [BoardTask]) -> [WorkerWork] {
    var jobs: [JobID: WorkerWork] = [:]
    for task in tasks {
      var work = jobs[task.job] ?? WorkerWork(job: task.job, keys: 0, shares: 0, owed: 0)
      switch task.kind {
      case .index:
        work.keys += 1
        work.owed += 1
      case .share:
        work.shares += 1
        if task.openSince != nil { work.owed += 1 }
      }
      jobs[task.job] = work
    }
    return jobs.values.sorted { $0.job < $1.job }
  }
}
