import Foundation
import Wire

/// The serial core: the task board, the sessions and the jobs behind one lock.
///
/// Whatever happens anywhere enters here, passes through the pure `TaskBoard`, and leaves as messages
/// in outboxes and events in the jobs' queues. Nothing under the lock waits: the network has outboxes,
/// computations have the jobs' queues, and leases are journalled by a queue of their own.
final class Core: @unchecked Sendable {
  /// Jobs that are worked on at a time; the others wait their turn.
  static let maximumActiveJobs = 8

  let store: Store
  let artifacts: ArtifactStore
  let engine: any JobEngine
  let witnesses: WitnessShelf
  let followers = ProgressHub()
  let log: @Sendable (String) -> Void
  // All that follows is touched only under `lock`.
  private let lock = NSLock()
  private var board: TaskBoard
  private var sessions: [WorkerID: WorkerSession] = [:]
  private var jobs: [JobID: JobExecutor] = [:]
  private var queue: [JobExecutor] = []
  private var owners: [TaskID: JobExecutor] = [:]
  private var stopped = false
  private let journal = DispatchQueue(label: "journal")

  init(
    store: Store, artifacts: ArtifactStore, engine: any JobEngine, leaseSeconds: Int,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.artifacts = artifacts
    self.engine = engine
    witnesses = WitnessShelf(store: store, artifacts: artifacts)
    self.log = log
    board = TaskBoard(leaseSeconds: Double(leaseSeconds))
  }

  /// Seconds on a clock that never goes back; the board's time.
  static var now: Double { ProcessInfo.processInfo.systemUptime }
  /// Seconds since 1970; what the database records.
  static var wallClock: Double { Date().timeIntervalSince1970 }

  // MARK: Workers

  /// An admitted worker is there.
  func joined(_ session: WorkerSession) {
    locked {
      if stopped { return session.end() }
      sessions.updateValue(session, forKey: session.id)?.cut()
      let worker = BoardWorker(
        id: session.id, name: session.name, threads: session.threads, memory: session.memoryBytes)
      handle(.joined(worker))
    }
    log("worker \(session.name) (\(session.id)) joined with \(session.threads) threads")
  }

  /// A worker's connection ended.
  func left(_ session: WorkerSession, reason: String) {
    let wasCurrent = locked {
      guard sessions[session.id] === session else { return false }
      sessions[session.id] = nil
      handle(.left(session.id, reason: "its connection ended: \(reason)"))
      return true
    }
    session.cut()
    if wasCurrent { log("worker \(session.name) (\(session.id)) left: \(reason)") }
    write("last seen") { [store] () throws(CoordinatorError) in
      try store.setLastSeen(session.id, at: Self.wallClock)
    }
  }

  /// A worker said something.
  func heard(_ session: WorkerSession) {
    locked {
      if sessions[session.id] === session { handle(.heard(session.id)) }
    }
  }

  /// Passes a worker's answer to the job that its task belongs to.
  func deliver(_ event: JobExecutor.Event, from session: WorkerSession) {
    guard let task = event.task else { return }
    locked { sessions[session.id] === session ? owners[task] : nil }?.post(event, from: session)
  }

  /// A worker could not do a task.
  func failed(_ task: TaskID, _ failure: TaskFailure, from session: WorkerSession) {
    let text = "\(Admission.printable(failure.code)): \(String(failure.text.prefix(500)))"
    log("task \(task) failed at \(session.name): \(text)")
    locked {
      if sessions[session.id] === session {
        handle(.failed(task, by: session.id, text: text, retryable: failure.retryable))
      }
    }
  }

  /// A worker says that it takes nothing new.
  func drain(_ worker: WorkerID) { locked { handle(.drain(worker)) } }

  /// Lets a worker finish what it holds and leave.
  func dismiss(_ worker: WorkerID) {
    locked {
      handle(.drain(worker))
      sessions[worker]?.post(.drain)
    }
  }

  /// Bars a worker's key for good, by its id or name.
  func revoke(worker: String) throws(CoordinatorError) {
    for id in try store.revokeWorker(worker) { locked { handle(.revoke(id)) } }
  }

  /// Keeps a worker away from a job that it gave a wrong share.
  func quarantine(_ worker: WorkerID, job: JobID) {
    locked { handle(.quarantine(worker, job: job)) }
  }

  // MARK: Tasks

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

  /// Divides a group among the workers that may have it now; nil while there are none.
  func divide(
    job: JobID, instances: [Demand], matrices: [Demand], limit: Int?
  ) -> Division? {
    locked { board.divide(job: job, instances: instances, matrices: matrices, limit: limit) }
  }

  /// Why a job's tasks cannot be placed; nil where they can.
  func obstacle(job: JobID) -> String? { locked { board.obstacle(for: job) } }

  /// The connected workers that may serve a job, with their traffic and the tasks they hold of it.
  func workers(of job: JobID) -> [WorkerProgress] {
    locked {
      board.eligible(for: job).compactMap { worker in
        guard let session = sessions[worker.id] else { return nil }
        let traffic = session.traffic
        return WorkerProgress(
          name: worker.name, tasks: board.held(by: worker.id).filter { $0.job == job }.count,
          bytesSent: traffic.sent, bytesReceived: traffic.received)
      }
    }
  }

  /// All workers that ever joined, with what they do now.
  func workers() throws(CoordinatorError) -> [WorkerSummary] {
    let members = try store.members(.worker)
    return locked {
      members.map { member in
        let worker = board.workers[member.id]
        return WorkerSummary(
          id: member.id, name: member.name,
          state: member.revoked ? "revoked" : worker?.availability.rawValue ?? "away",
          threads: member.threads, memoryBytes: member.memoryBytes,
          tasks: board.held(by: member.id).count,
          lastSeen: worker == nil ? member.lastSeen : Self.wallClock)
      }
    }
  }

  // MARK: Jobs

  /// Takes up the jobs that an earlier process left unfinished.
  func resume() throws(CoordinatorError) {
    try store.dropUnfinishedTasks()
    try witnesses.clearEnded()
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
    locked {
      jobs[job] = nil
      queue.removeAll { $0.id == job }
      owners = owners.filter { $0.value.id != job }
      handle(.endJob(job))
      admitJobs()
    }
    clearWitnesses(of: job)
  }

  /// Removes the witnesses of a job that ended.
  func clearWitnesses(of job: JobID) {
    do throws(CoordinatorError) {
      try witnesses.clear(job)
    } catch {
      log("job \(job): its witnesses cannot be removed now: \(error)")
    }
  }

  /// The progress of a running job as it was last published; nil where it does not run.
  func latest(of job: JobID) -> ProgressEvent? { locked { jobs[job]?.latest } }

  /// Workers that are connected now.
  var connectedWorkers: Int { locked { sessions.count } }

  // MARK: The clock, the end

  /// To be called about once a second.
  func tick() {
    locked {
      handle(.tick)
      for job in jobs.values { job.post(.tick) }
    }
  }

  /// Sends all workers away; jobs stay as the database has them and go on after the next start.
  func stop() {
    let (all, running) = locked {
      stopped = true
      return (Array(sessions.values), Array(jobs.values))
    }
    for job in running { job.abandon() }
    for session in all { session.end() }
    journal.sync {}
  }

  private func admitJobs() {
    while !queue.isEmpty, jobs.count - queue.count < Self.maximumActiveJobs {
      let job = queue.removeFirst()
      job.post(.workers(board.eligible(for: job.id).count))
    }
  }

  /// Runs the board and does what it says. Only under the lock.
  private func handle(_ event: TaskBoard.Event) {
    var membershipChanged = false
    for action in board.handle(event, at: Self.now) {
      switch action {
      case .assign(let task, let worker):
        guard let session = sessions[worker] else { continue }
        owners[task]?.post(.assigned(task: task), from: session)
        write("lease") { [store] () throws(CoordinatorError) in
          try store.lease(task: task, to: worker, at: Self.wallClock)
        }
      case .release(let task, let worker):
        sessions[worker]?.post(.release(taskID: task))
      case .requeued(let task, let worker, let reason):
        owners[task]?.post(.requeued(task: task, worker: worker, reason: reason))
        let (failures, losses) = (
          board.tasks[task]?.failures ?? 0, board.tasks[task]?.losses ?? 0
        )
        write("requeue") { [store] () throws(CoordinatorError) in
          try store.requeue(task: task, failures: failures, losses: losses, detail: reason)
        }
      case .exhausted(let task, let reason):
        owners.removeValue(forKey: task)?.post(.exhausted(task: task, reason: reason))
      case .disconnect(let worker, let reason):
        log("worker \(worker) is cut off: \(reason)")
        sessions.removeValue(forKey: worker)?.end()
        membershipChanged = true
      case .drained(let worker):
        log("worker \(worker) is drained")
      }
    }
    switch event {
    case .joined, .left, .drain, .resume, .revoke, .quarantine: membershipChanged = true
    default: break
    }
    guard membershipChanged else { return }
    for job in jobs.values where !queue.contains(where: { $0 === job }) {
      job.post(.workers(board.eligible(for: job.id).count))
    }
  }

  private func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  /// Writes something that may be lost in a crash, without keeping anybody waiting.
  private func write(
    _ what: String, _ body: @escaping @Sendable () throws(CoordinatorError) -> Void
  ) {
    journal.async { [log] in
      do throws(CoordinatorError) { try body() } catch { log("cannot record \(what): \(error)") }
    }
  }
}
