/// Who holds which task: worker registry, leases and retries as one pure state machine.
///
/// Events and the time go in, actions come out; there is no clock, socket or database inside. A
/// worker's heartbeat renews all its leases at once, so a lease is the worker's silence: when it has
/// lasted `leaseSeconds`, everything the worker holds goes back to the queue.
package struct TaskBoard: Sendable {
  /// How often a worker may say that a task failed before its job fails.
  package static let maximumFailures = 3

  package let leaseSeconds: Double
  package let policy: any AssignmentPolicy
  package internal(set) var tasks: [TaskID: BoardTask] = [:]
  package internal(set) var workers: [WorkerID: BoardWorker] = [:]
  /// Workers that are not used for a job because they gave it a wrong share.
  package internal(set) var quarantines: [JobID: Set<WorkerID>] = [:]

  /// An empty board.
  package init(leaseSeconds: Double, policy: any AssignmentPolicy = BalancedPolicy()) {
    self.leaseSeconds = leaseSeconds
    self.policy = policy
  }

  /// What happened.
  package enum Event: Equatable, Sendable {
    case joined(BoardWorker)
    case left(WorkerID, reason: String)
    case heard(WorkerID)
    case drain(WorkerID)
    case resume(WorkerID)
    case revoke(WorkerID)
    case quarantine(WorkerID, job: JobID)
    case add([BoardTask])
    case completed(TaskID, by: WorkerID)
    case failed(TaskID, by: WorkerID, text: String, retryable: Bool)
    case drop([TaskID])
    case endJob(JobID)
    case tick
  }

  /// What must be done about it.
  package enum Action: Equatable, Sendable {
    /// Give the task to the worker, with all that the task's rounds have seen so far.
    case assign(TaskID, to: WorkerID)
    /// Tell the worker to forget the task.
    case release(TaskID, by: WorkerID)
    /// The task is in the queue again.
    case requeued(TaskID, from: WorkerID, reason: String)
    /// The task failed for good.
    case exhausted(TaskID, reason: String)
    /// Close the worker's connection.
    case disconnect(WorkerID, reason: String)
    /// A draining worker holds nothing any more.
    case drained(WorkerID)
  }

  /// Takes one event at the time `now` (seconds on any clock that never goes back).
  package mutating func handle(_ event: Event, at now: Double) -> [Action] {
    var actions: [Action] = []
    switch event {
    case .joined(var worker):
      // A worker that comes back before its old connection was seen to end forgot its tasks.
      if workers[worker.id] != nil { lose(worker.id, reason: "reconnected", &actions) }
      worker.lastHeard = now
      workers[worker.id] = worker
    case .left(let id, let reason):
      lose(id, reason: reason, &actions)
      workers[id] = nil
    case .heard(let id):
      workers[id]?.lastHeard = now
      return []
    case .drain(let id):
      workers[id]?.availability = .draining
    case .resume(let id):
      if workers[id]?.availability == .draining { workers[id]?.availability = .live }
    case .revoke(let id):
      if workers[id] != nil {
        lose(id, reason: "revoked", &actions)
        workers[id] = nil
        actions.append(.disconnect(id, reason: "this worker's key was revoked"))
      }
    case .quarantine(let id, let job):
      quarantines[job, default: []].insert(id)
      for task in held(by: id) where task.job == job {
        requeue(task.id, reason: "worker quarantined", &actions)
        actions.append(.release(task.id, by: id))
      }
    case .add(let new):
      for task in new { tasks[task.id] = task }
    case .completed(let id, let worker):
      // A late result of a task that somebody else has now is not taken: it would be done twice.
      if tasks[id]?.holder == worker { tasks[id] = nil }
    case .failed(let id, let worker, let text, let retryable):
      fail(id, by: worker, text: text, retryable: retryable, &actions)
    case .drop(let ids):
      for id in ids { remove(id, &actions) }
    case .endJob(let job):
      for task in tasks.values.filter({ $0.job == job }).sorted(by: { $0.id < $1.id }) {
        remove(task.id, &actions)
      }
      quarantines[job] = nil
    case .tick:
      expire(at: now, &actions)
    }
    schedule(&actions)
    reportDrained(event, &actions)
    return actions
  }

  private mutating func expire(at now: Double, _ actions: inout [Action]) {
    for worker in workers.values.sorted(by: { $0.id < $1.id })
    where now - worker.lastHeard > leaseSeconds {
      lose(worker.id, reason: "no heartbeat", &actions)
      workers[worker.id] = nil
      actions.append(.disconnect(worker.id, reason: "no heartbeat for \(Int(leaseSeconds)) s"))
    }
  }

  private mutating func lose(_ id: WorkerID, reason: String, _ actions: inout [Action]) {
    for task in held(by: id) {
      tasks[task.id]?.losses += 1
      tasks[task.id]?.avoided.insert(id)
      requeue(task.id, reason: reason, &actions)
    }
  }

  private mutating func requeue(_ id: TaskID, reason: String, _ actions: inout [Action]) {
    guard let worker = tasks[id]?.holder else { return }
    tasks[id]?.holder = nil
    actions.append(.requeued(id, from: worker, reason: reason))
  }

  private mutating func remove(_ id: TaskID, _ actions: inout [Action]) {
    if let task = tasks.removeValue(forKey: id), let worker = task.holder {
      actions.append(.release(id, by: worker))
    }
  }

  private mutating func fail(
    _ id: TaskID, by worker: WorkerID, text: String, retryable: Bool, _ actions: inout [Action]
  ) {
    guard var task = tasks[id], task.holder == worker else { return }
    task.holder = nil
    task.failures += 1
    task.avoided.insert(worker)
    if !retryable { task.excluded.insert(worker) }
    let others = workers.keys.filter { !task.excluded.contains($0) }
    if task.failures >= Self.maximumFailures || others.isEmpty {
      tasks[id] = nil
      actions.append(.exhausted(id, reason: text))
      return
    }
    tasks[id] = task
    actions.append(.requeued(id, from: worker, reason: text))
  }

  private func reportDrained(_ event: Event, _ actions: inout [Action]) {
    switch event {
    case .drain, .completed, .drop, .endJob, .failed, .quarantine: break
    default: return
    }
    for worker in workers.values.sorted(by: { $0.id < $1.id })
    where worker.availability == .draining && held(by: worker.id).isEmpty {
      actions.append(.drained(worker.id))
    }
  }
}
