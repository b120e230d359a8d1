/// Tasks of jobs on the board.
extension Core {
  /// Puts a job's tasks on the board, under ids that are stored already.
  func add(_ tasks: [BoardTask], of job: JobExecutor) {
    locked {
      for task in tasks { owners[task.id] = job }
      handle(.add(tasks))
    }
  }

  /// A task is finished.
  func completed(_ task: TaskID, by worker: WorkerID) {
    locked {
      owners[task] = nil
      handle(.completed(task, by: worker))
    }
    write("task end") { [store] () throws(CoordinatorError) in
      try store.endTask(task, state: "done")
    }
  }

  /// Takes tasks back from whoever has them.
  func drop(_ tasks: [TaskID], state: String) {
    locked {
      for task in tasks { owners[task] = nil }
      handle(.drop(tasks))
    }
    write("task ends") { [store] () throws(CoordinatorError) in
      for task in tasks { try store.endTask(task, state: state) }
    }
  }

  /// Divides a group among the workers that may have it; nil while it does not fit them.
  func divide(job: JobID, _ group: GroupDemand, limit: Int?) -> Division? {
    locked { board.divide(job: job, group, limit: limit) }
  }

  /// Why a group that does not fit has to wait.
  func obstacle(job: JobID, _ group: GroupDemand) -> String? {
    locked { board.obstacle(for: job, group) }
  }

  /// Shares of a job that fit no worker now, and the oldest share of all jobs.
  func blockedShares(of job: JobID) -> (blocked: Set<TaskID>, oldest: TaskID?) {
    locked { (board.blockedShares(of: job), board.oldestShare) }
  }

  /// Why a job's tasks cannot be placed; nil where they can.
  func obstacle(job: JobID) -> String? { locked { board.obstacle(for: job) } }
}
