import Foundation
import Logging
import Synchronization
import Wire

/// The serial core: the task board, the sessions and the jobs behind one lock.
///
/// Whatever happens anywhere enters here, passes through the pure `TaskBoard`, and leaves as messages
/// in outboxes and events in the jobs' queues. Nothing under the lock waits: the network has outboxes,
/// computations have the jobs' queues, and leases are journalled by a queue of their own.
final class Core: @unchecked Sendable {
  let store: Store
  let artifacts: ArtifactStore
  let engine: any JobEngine
  let shelf: ArtifactShelf
  /// What accounts have here.
  let book: AccountBook
  let followers = ProgressHub()
  /// What the tasks of jobs took that asked for a trace.
  let traces = TraceLog()
  let desk = PlanningDesk()
  let clients: ClientRegistry
  /// How many descriptors are whose.
  let descriptors: DescriptorBudget
  let uploads: UploadLedger
  /// What messages about ends of jobs are signed with.
  let webhookKeys: WebhookKeys
  /// The id of the key that is in the home folder.
  let admin: String
  /// How jobs ended.
  let ends = EndTally()
  let log: @Sendable (LogEntry) -> Void
  /// Folders of which clients are told nothing.
  private let folders: [String]
  // All that follows is touched only under `lock`.
  let lock = NSLock()
  var board: TaskBoard
  var sessions: [WorkerID: WorkerSession] = [:]
  var jobs: [JobID: JobExecutor] = [:]
  var queue: JobQueue
  var owners: [TaskID: JobExecutor] = [:]
  var stopped = false
  var turnNumber = 0
  let began = Core.now
  private var swept = Core.now
  private var expired = Core.now
  private var clock = ClockWatch(wall: Core.wallClock, monotonic: Core.now)
  /// Ended jobs whose end the database could not record, because the disk is full perhaps.
  var unrecorded: [JobID: JobRecord] = [:]
  /// Accounts whose jobs ended of late: the oldest of these may have to go.
  var ending: Set<String> = []
  /// What is written into the audit log.
  var auditMeter = AuditMeter()
  /// How many lines about workers are written down.
  var lines = LineMeter()
  /// What became of tasks.
  var tally = TaskTally()
  private let journal = DispatchQueue(label: "journal")
  private let retention: Mutex<Retention>

  /// What may change while the node runs.
  struct Retention: Equatable, Sendable {
    /// What one owner may have.
    var limits = OwnerLimits()
    /// How long ended jobs are kept; nil: for good.
    var keepJobsSeconds: Double?
  }

  /// What one owner may have at the moment.
  var limits: OwnerLimits { retention.withLock { $0.limits } }

  /// Holds for whatever comes from now on; what is there is not taken away.
  func reconfigure(_ new: Retention) {
    retention.withLock { $0 = new }
    book.setLimit(new.limits.bytes)
    locked {
      queue.perOwner = new.limits.running
      handle(.tick)
      for job in jobs.values { job.post(.tick) }
    }
  }

  init(
    store: Store, artifacts: ArtifactStore, engine: any JobEngine, admin: String,
    leaseSeconds: Int,
    patience: Patience = Patience(), keepJobsSeconds: Double? = nil,
    limits: OwnerLimits = OwnerLimits(),
    descriptors: DescriptorBudget = DescriptorBudget(limit: 65_536), folders: [String] = [],
    webhookKeys: WebhookKeys,
    log: @escaping @Sendable (LogEntry) -> Void
  ) {
    self.store = store
    self.artifacts = artifacts
    self.engine = engine
    self.descriptors = descriptors
    clients = ClientRegistry(descriptors)
    book = AccountBook(limit: limits.bytes, descriptors: descriptors)
    shelf = ArtifactShelf(store: store, artifacts: artifacts, book: book)
    uploads = UploadLedger(store: store, shelf: shelf, artifacts: artifacts, book: book)
    self.admin = admin
    self.webhookKeys = webhookKeys
    self.log = log
    retention = Mutex(Retention(limits: limits, keepJobsSeconds: keepJobsSeconds))
    self.folders = folders
    queue = JobQueue(perOwner: limits.running)
    board = TaskBoard(leaseSeconds: Double(leaseSeconds), patience: patience)
    followers.watch { [ends] in ends.note($0) }
  }

  /// An error as clients are told it.
  func text(_ error: CoordinatorError) -> String { error.publicText(hiding: folders) }

  /// Seconds between two looks for what need not be kept any more.
  private static let sweepSeconds: Double = 60
  /// Seconds between two looks at the files of all artifacts.
  private static let expirySeconds: Double = 600
  /// Seconds that an upload may lie around without a job.
  static let uploadSeconds: Double = 3600

  /// Seconds on a clock that never goes back; the board's time.
  static var now: Double { ProcessInfo.processInfo.systemUptime }
  /// Seconds since 1970; what the database records.
  static var wallClock: Double { Date().timeIntervalSince1970 }

  /// To be called about once a second.
  func tick() {
    followers.tick()
    locked {
      handle(.tick)
      for job in jobs.values { job.post(.tick) }
      if let jump = clock.look(wall: Self.wallClock, monotonic: Self.now) {
        log(
          .warning(
            "the wall clock jumped by \(Int(jump)) seconds: nothing is deleted for its age within a day"
          ))
      }
      makeWay()
      if Self.now - swept < Self.sweepSeconds { return }
      swept = Self.now
      sweep()
    }
  }

  /// Sends all workers away; jobs stay as the database has them and go on after the next start.
  ///
  /// Returns the sessions that were told goodbye.
  func stop() -> [WorkerSession] {
    let (all, running) = locked {
      stopped = true
      return (Array(sessions.values), Array(jobs.values))
    }
    for job in running { job.abandon() }
    for session in all { session.end() }
    auditCountedReads()
    journal.sync {}
    return all
  }

  /// Runs the board and does what it says. Only under the lock.
  func handle(_ event: TaskBoard.Event) {
    let before = board.enlistedCount
    for action in board.handle(event, at: Self.now) { perform(action) }
    guard board.enlistedCount != before else { return }
    for job in jobs.values where queue.isActive(job.id) {
      job.post(.workers(board.enlistedCount(for: job.id)))
    }
  }

  private func perform(_ action: TaskBoard.Action) {
    tally.note(action, at: Self.now) { board.tasks[$0]?.kind }
    switch action {
    case .assign(let task, let worker): begin(task, worker, isReplay: false)
    case .shadow(let task, let worker): begin(task, worker, isReplay: true)
    case .promoted(let task, _): owners[task]?.post(.promoted(task: task))
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
    case .exhausted(let task, let code, let reason):
      owners.removeValue(forKey: task)?.post(.exhausted(task: task, code: code, reason: reason))
    case .ended(let task, let worker, let outcome):
      log(.debug("task \(task: task) at worker \(worker: worker): \(outcome)"))
      write("end of an attempt") { [store] () throws(CoordinatorError) in
        try store.endAttempt(task: task, worker: worker, outcome: outcome, at: Self.wallClock)
      }
    case .disconnect(let worker, let reason):
      log(.warning("worker \(worker: worker) is cut off: \(reason)"))
      sessions.removeValue(forKey: worker)?.end()
    case .drained(let worker): log("worker \(worker: worker) is drained")
    case .remember(let worker, let health):
      if let cordon = health.cordon, cordon.cause == .troubles || cordon.cause == .lie {
        log(.warning("worker \(worker: worker) gets no tasks: \(cordon.reason)"))
      }
      let record = health.shifted(by: Self.wallClock - Self.now)
      write("a worker's health") { [store] () throws(CoordinatorError) in
        try store.setHealth(record, of: worker)
      }
    }
  }

  private func begin(_ task: TaskID, _ worker: WorkerID, isReplay: Bool) {
    guard let session = sessions[worker], let job = owners[task] else { return }
    if isReplay {
      log(
        "job \(job: job.id): worker \(worker: worker, session.name) does task \(task: task) as well"
      )
    } else {
      log(
        .debug("job \(job: job.id): worker \(worker: worker, session.name) has task \(task: task)"))
    }
    job.post(isReplay ? .shadowed(task: task) : .assigned(task: task), from: session)
    write("an attempt") { [store, id = job.id] () throws(CoordinatorError) in
      try store.beginAttempt(
        task: task, job: id, worker: worker, name: session.name, isReplay: isReplay,
        at: Self.wallClock)
    }
  }

  /// Whether jobs can be taken: nobody is shutting it down, and the database can be written.
  var isReady: Bool {
    if locked({ stopped }) { return false }
    // Every transaction begins as one that writes.
    return (try? store.perform { _ throws(CoordinatorError) in true }) ?? false
  }

  /// Runs a body alone.
  func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  /// Lets go of what need not be kept: transcripts, old jobs, uploads for no job. Only under the lock.
  ///
  /// Ages are differences of wall-clock times: while that clock is not to be trusted, nothing is old.
  private func sweep() {
    for (worker, count) in lines.sweep().sorted(by: { $0.key < $1.key }) {
      log(
        .warning(
          "worker \(worker: worker): \(count) lines about it were left out, it comes and goes too often"
        ))
    }
    let reads = auditMeter.sweep(at: Self.now)
    if !reads.isEmpty {
      write("the audit log") { [self] () throws(CoordinatorError) in
        for line in reads { record(line) }
      }
    }
    let isTrusted = clock.isTrusted(at: Self.now)
    let isExpiry = Self.now - expired >= Self.expirySeconds
    if isExpiry { expired = Self.now }
    write("what is not kept") { [self] () throws(CoordinatorError) in
      try store.trim()
      guard isTrusted else { return }
      if let keepJobsSeconds = retention.withLock({ $0.keepJobsSeconds }) {
        engine.expire(usedBefore: Self.wallClock - keepJobsSeconds)
        for job in try store.jobs(endedBefore: Self.wallClock - keepJobsSeconds) {
          // The clock may have been set since.
          guard locked({ clock.isTrusted(at: Self.now) }) else { return }
          try shelf.delete(job)
          log("job \(job: job): deleted, it ended long ago")
        }
      }
      if isExpiry { try shelf.expire(usedBefore: Self.wallClock - Self.uploadSeconds) }
    }
  }

  /// Waits until everything that was written without waiting is in the database.
  func flushJournal() { journal.sync {} }

  /// Writes something that may be lost in a crash, without keeping anybody waiting.
  func write(
    _ what: String, _ body: @escaping @Sendable () throws(CoordinatorError) -> Void
  ) {
    journal.async { [log] in
      do throws(CoordinatorError) {
        try body()
      } catch {
        log(.error("cannot record \(what): \(error)"))
      }
    }
  }
}
