import Wire

/// What is written down of a job's tasks where it asked for that.
extension JobExecutor {
  /// A share is on the board.
  func trace(_ task: BoardTask, _ share: ShareName, group: Int, members: [[Int]]) {
    let (kind, number, instances): (JobTrace.Task.Kind, Int, Int) =
      switch share {
      case .instances(let k): (.instances, k, members[k].count)
      case .matrix(let c): (.matrix, c, 0)
      }
    tracer?.add(
      task.id,
      JobTrace.Task(
        kind: kind, group: group, number: number, instances: instances, cost: task.cost))
  }

  /// Sends a worker a task; its requests follow.
  func assign(_ task: TaskID, _ kind: TaskKind, to session: WorkerSession) {
    let message = Message.assign(taskID: task, kind)
    if let tracer {
      let worker = JobTrace.Worker(
        id: session.id, name: session.name, threads: session.threads, memory: session.memoryBytes)
      tracer.assign(task, to: worker, bytes: (try? message.encoded())?.payload.count ?? 0)
    }
    session.post(message)
  }
}
