/// Tasks of jobs on the board.
extension Core {
  /// Puts a job's tasks on the board, under ids that are stored already.
  func add(_ tasks: [BoardTask], of job: JobExecutor) {
    locked {
      for task in tasks { owners[task.id] = job }
      handle(.add(tasks))
    }
  }

  /// A task is finished; returns false where the worker does not have it any more.
  func completed(_ task: TaskID, by worker: WorkerID) -> Bool {
    let isOver = locked {
      handle(.completed(task, by: worker))
      if board.tasks[task] != nil { return false }
      owners[task] = nil
      return true
    }
    guard isOver else { return false }
    write("task end") { [store] () throws(CoordinatorError) in
      try store.endTask(task, state: "done")
    }
    return true
  }

  /// Takes tasks back from whoever has them.
  func drop(_ tasks: [TaskID], state: String) {
    locked {
      for task in tasks { owners[task] = nil }
      handle(state == "done" ? .finish(tasks) : .drop(tasks))
    }
    write("task ends") { [store] () throws(CoordinatorError) in
      for task in tasks { try store.endTask(task, state: state) }
    }
  }

  /// Divides a group among the workers that may have it; nil while it does not fit them.
  func divide(job: JobID, _ group: GroupDemand, limit: Int?) -> Division? {
    locked { board.divide(job: job, group, limit: limit, at: Self.now) }
  }

  /// Why a group that does not fit has to wait.
  func obstacle(job: JobID, _ group: GroupDemand) -> String? {
    locked { board.obstacle(for: job, group, at: Self.now) }
  }

  /// Shares of a job that fit no worker now, and the oldest share of all jobs.
  func blockedShares(of job: JobID) -> (blocked: Set<TaskID>, oldest: TaskID?) {
    locked { (board.blockedShares(of: job), board.oldestShare) }
  }

  /// Whether somebody works on a task of a job.
  func isBusy(_ job: JobID) -> Bool {
    locked { board.tasks.values.contains { $0.job == job && $0.holder != nil } }
  }

  /// Who is connected and out of service, where nobody is in service.
  var outOfService: String? { locked { board.outOfService } }

  /// Why a job's tasks cannot be placed; nil where they can.
  func obstacle(job: JobID) -> String? { locked { board.obstacle(for: job, at: Self.now) } }

  /// The holder of a task was asked for an answer.
  func asked(_ task: TaskID) { locked { handle(.asked(task)) } }

  /// A worker gave an answer that nobody had given before; returns whether the task is its own now.
  func answered(_ task: TaskID, by worker: WorkerID) -> Bool {
    locked {
      handle(.answered(task, by: worker, fresh: true))
      return board.tasks[task]?.holder == worker
    }
  }
}
