import Logging
import Model
import Wire
import Worker

/// Workers come, say something, and go.
extension Core {
  /// What keeps a worker out whose key is known; nil: nothing.
  ///
  /// A process that comes back replaces its old connection, and so does any other one with its key once the first has
  /// been silent for two heartbeats. While it is heard, the second one has a copy of its home folder: they would drive
  /// each other out for ever.
  func obstacle(
    to member: MemberRecord, _ hello: Hello, from address: String, heartbeatSeconds: Int
  ) -> Admission.Refusal? {
    let other: WorkerSession? = locked {
      guard let session = sessions[member.id], session.instance != hello.instance,
        let heard = board.workers[member.id]?.lastHeard,
        Self.now - heard <= Double(2 * heartbeatSeconds + 1)
      else { return nil }
      return session
    }
    guard let other else { return nil }
    let text =
      "a worker with this key is connected already: '\(other.name)' from \(other.address), and this one comes from "
      + "\(address); give every machine a home folder of its own (a copied one must not be used)"
    log(
      about: member.id,
      .warning("worker \(worker: member.id, member.name) is turned away: \(text)"))
    return Admission.Refusal(code: .duplicate, text: text)
  }

  /// An admitted worker is there.
  func joined(_ session: WorkerSession) {
    locked {
      if stopped { return session.end() }
      sessions.updateValue(session, forKey: session.id)?.cut()
      let worker = BoardWorker(
        id: session.id, name: session.name, instance: session.instance,
        threads: session.threads, memory: session.memoryBytes)
      handle(.joined(worker))
      // It was to leave, and comes back without an operator's word.
      if board.workers[session.id]?.health.cordon?.cause == .drain { session.post(.drain) }
    }
    log(
      about: session.id,
      "worker \(worker: session.id, session.name) joined with \(session.threads) threads")
  }

  /// A worker's connection ended.
  func left(_ session: WorkerSession, reason: String) {
    let wasCurrent = locked {
      guard sessions[session.id] === session else { return false }
      sessions[session.id] = nil
      handle(
        .left(
          session.id, reason: "its connection ended: \(reason)", abrupt: reason != Self.goodbye))
      return true
    }
    session.cut()
    if wasCurrent {
      log(about: session.id, "worker \(worker: session.id, session.name) left: \(reason)")
    }
    write("last seen") { [store] () throws(CoordinatorError) in
      try store.setLastSeen(session.id, at: Self.wallClock)
    }
  }

  /// Writes a line about a worker, unless there were many: one that comes and goes without end does not fill the log.
  private func log(about worker: WorkerID, _ entry: LogEntry) {
    guard let skipped = locked({ lines.take(worker, at: Self.now) }) else { return }
    var entry = entry
    if skipped > 0 { entry.message += " (\(skipped) lines about it were left out before)" }
    log(entry)
  }

  /// How a session ends that its worker ended.
  static let goodbye = "said goodbye"

  /// A worker is sent so many bytes of what its tasks need.
  func fetching(_ session: WorkerSession, _ bytes: [TaskID: UInt64]) {
    locked {
      guard sessions[session.id] === session else { return }
      handle(.fetching(session.id, bytes))
      // Tasks that name one artifact are sent it once.
      let first = bytes.min {
        (-Int64(clamping: $0.value), $0.key) < (-Int64(clamping: $1.value), $1.key)
      }
      if let (task, count) = first {
        owners[task]?.tracer?.fetch(task, by: session.id, bytes: count, at: Self.now)
      }
    }
  }

  /// A worker said something.
  func heard(_ session: WorkerSession) {
    locked {
      if sessions[session.id] === session { handle(.heard(session.id)) }
    }
  }

  /// Passes a worker's answer to the job that its task belongs to; `then` is called once the job has it, or nobody wants it.
  func deliver(
    _ event: JobExecutor.Event, from session: WorkerSession, then: @escaping @Sendable () -> Void
  ) {
    let job = event.task.flatMap { task in
      locked { sessions[session.id] === session ? owners[task] : nil }
    }
    guard let job else { return then() }
    if let task = event.task { job.tracer?.arrive(task, from: session.id, at: Self.now) }
    job.post(event, from: session, then: then)
  }

  /// A worker could not do a task.
  func failed(_ task: TaskID, _ failure: TaskFailure, from session: WorkerSession) {
    let code = Admission.printable(failure.code)
    let text = "\(code): \(String(failure.text.prefix(500)))"
    let wasHeld = locked {
      guard sessions[session.id] === session, board.tasks[task]?.isHeld(by: session.id) == true
      else { return false }
      handle(
        .failed(
          task, by: session.id,
          TaskBoard.TaskTrouble(code: code, text: text, retryable: failure.retryable)))
      return true
    }
    // Of tasks that it does not have it may say what it likes.
    if wasHeld {
      log(.warning("task \(task: task) failed at \(worker: session.id, session.name): \(text)"))
    }
  }

  /// A worker says that it takes nothing new.
  func drain(_ worker: WorkerID) { locked { handle(.leaving(worker)) } }

  /// Lets a worker finish what it holds and leave; after so many seconds what it still holds goes elsewhere.
  func dismiss(_ worker: WorkerID, within seconds: Double? = nil) throws(CoordinatorError) {
    if let seconds, !DrainRequest.deadlines.contains(seconds) {
      throw .badRequest("'deadline' is a number of seconds from 0 to a year")
    }
    locked {
      handle(
        .cordon(
          worker,
          WorkerHealth.Cordon(
            cause: .drain, reason: "an operator drains it", until: seconds.map { Self.now + $0 })))
      sessions[worker]?.post(.drain)
    }
    rememberHealth(of: worker)
  }

  /// Bars a worker's key for good, by its id or name; the token that enrolled it enrols nobody any more.
  @discardableResult
  func revoke(worker: String) throws(CoordinatorError) -> KeyRevocation {
    let id = try id(ofWorker: worker)
    let revocation = try store.revokeWorker(id)
    locked { handle(.revoke(id)) }
    return revocation
  }

  /// Keeps a worker that gave a wrong answer away from all jobs, until an operator trusts it again.
  func quarantine(_ worker: WorkerID, reason: String) {
    locked { handle(.lied(worker, reason: reason)) }
  }

  /// The connected workers that may serve a job, with their traffic and the tasks they hold of it, and those that are counted
  /// only.
  func workers(
    of job: JobID, only: Set<WorkerID>?
  ) -> (named: [WorkerProgress], others: OtherWorkers?) {
    locked {
      let (named, others) = board.serving(job, only: only, naming: ProgressEvent.mostWorkers)
      let lines = named.compactMap { (worker, tasks) -> WorkerProgress? in
        guard let session = sessions[worker.id] else { return nil }
        let traffic = session.traffic
        return WorkerProgress(
          name: worker.name, tasks: tasks, bytesSent: traffic.sent, bytesReceived: traffic.received)
      }
      if others.count == 0 { return (lines, nil) }
      return (lines, OtherWorkers(count: others.count, tasks: others.tasks))
    }
  }

  /// All workers that ever joined, with what they do now.
  func workers() throws(CoordinatorError) -> [WorkerSummary] {
    let members = try store.members(.worker)
    // Under the lock only what is there now: members may be many, and everybody waits for it.
    let (workers, absent, held, versions) = locked {
      (board.workers, board.absent, board.heldByWorker, sessions.mapValues(\.version))
    }
    return members.map { member in
      let worker = workers[member.id]
      let tasks = held[member.id] ?? []
      return WorkerSummary(
        id: member.id, name: member.name,
        state: member.revoked
          ? "revoked" : worker?.availability(at: Self.now).rawValue ?? "away",
        threads: member.threads, memoryBytes: member.memoryBytes,
        tasks: tasks.count,
        lastSeen: worker == nil ? member.lastSeen : Self.wallClock,
        record: (worker?.health ?? absent[member.id]).map {
          WorkerRecord($0, offset: Self.wallClock - Self.now, now: Self.now)
        }, version: versions[member.id],
        heldBytes: tasks.reduce(0) { $0 + UInt64($1.memory.held) },
        work: WorkerWork.list(of: tasks))
    }
  }

  /// The same for somebody: whose jobs are hidden from him, of those he does not learn here either.
  func workers(for caller: Caller) throws(CoordinatorError) -> [WorkerSummary] {
    let all = try workers()
    if caller.role.seesEveryJob { return all }
    return all.map { worker in
      var worker = worker
      worker.work = nil
      return worker
    }
  }

  /// The id of the worker with this id, or of the only one with this name.
  func id(ofWorker worker: String) throws(CoordinatorError) -> WorkerID {
    guard let found = try store.members(.worker).named(worker) else {
      throw .unknownWorker(worker)
    }
    return found.id
  }

  /// The ids of workers that are named by their id or unique name.
  func ids(ofWorkers names: [String]) throws(CoordinatorError) -> [WorkerID] {
    let members = try store.members(.worker)
    return try names.map { (name) throws(CoordinatorError) in
      guard let found = try members.named(name) else { throw .unknownWorker(name) }
      return found.id
    }
  }

  /// Gives a worker nothing new until an operator says otherwise.
  func cordon(_ worker: WorkerID, reason: String) {
    locked { handle(.cordon(worker, WorkerHealth.Cordon(cause: .command, reason: reason))) }
    rememberHealth(of: worker)
  }

  /// Trusts a worker again, whatever was seen of it.
  func uncordon(_ worker: WorkerID) {
    locked { handle(.uncordon(worker)) }
    rememberHealth(of: worker)
  }

  /// Forgets a worker that is not connected: its key has to enrol again.
  func forget(_ worker: WorkerID) throws(CoordinatorError) {
    let isConnected = locked {
      if board.workers[worker] != nil { return true }
      board.forgetRecord(of: worker)
      tally.forget(worker)
      return false
    }
    if isConnected { throw .workerConnected(worker) }
    try store.forgetWorker(worker)
  }

  /// Keeps what is known of a worker that is not connected: of one that is, the board says when.
  private func rememberHealth(of worker: WorkerID) {
    guard let health = locked({ board.absent[worker] }) else { return }
    let record = health.shifted(by: Self.wallClock - Self.now)
    write("a worker's health") { [store] () throws(CoordinatorError) in
      try store.setHealth(record, of: worker)
    }
  }

  /// What there is and what it does.
  func cluster() throws(CoordinatorError) -> ClusterSummary {
    let workers = try workers()
    let stages = try store.stages()
    return locked {
      let enlisted = board.enlisted
      let held = board.tasks.values.filter { $0.holder != nil }
      return ClusterSummary(
        version: Product.version, uptime: Self.now - began,
        workers: workers.reduce(into: [:]) { $0[$1.state, default: 0] += 1 },
        threads: enlisted.reduce(0) { $0 + $1.threads },
        memoryBytes: enlisted.reduce(0) { $0 &+ $1.memory },
        heldBytes: UInt64(held.reduce(0) { $0 + $1.memory.held }), jobs: stages,
        tasksHeld: held.count, tasksWaiting: board.tasks.count - held.count,
        artifactBytes: artifacts.totalBytes)
    }
  }

  /// Whom a job can be cut for now.
  func workforce(of job: JobID, workers: Int, limit: UInt64?) -> Workforce {
    let offers = locked { board.enlisted(for: job).map(\.memory) }
    return Workforce(workers: workers, offers: offers, limit: limit)
  }

  /// How many more workers are there than a plan can be made for, where a job takes all that it can; nil: none.
  func workersBeyond(_ workforce: Workforce) -> Int? {
    guard workforce.workers == PlanRequest.workerCounts.upperBound else { return nil }
    let more = locked { board.enlistedCount } - workforce.workers
    return more > 0 ? more : nil
  }

  /// Whom a plan without a job is made for: as many workers as asked for, with the memory asked for.
  func workforce(_ options: SubmitOptions) -> Workforce {
    let offers = locked { sessions.values.map(\.memoryBytes) }
    if offers.isEmpty { return Workforce(assumedBy: options) }
    return Workforce(
      workers: max(1, options.workers ?? offers.count), offers: offers, limit: options.memory)
  }
}
