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
  let shelf: ArtifactShelf
  let followers = ProgressHub()
  let desk = PlanningDesk()
  let clients = ClientRegistry()
  let uploads: UploadLedger
  let log: @Sendable (String) -> Void
  // All that follows is touched only under `lock`.
  let lock = NSLock()
  var board: TaskBoard
  var sessions: [WorkerID: WorkerSession] = [:]
  var jobs: [JobID: JobExecutor] = [:]
  var queue: [JobExecutor] = []
  var owners: [TaskID: JobExecutor] = [:]
  var stopped = false
  /// Ended jobs whose end the database could not record, because the disk is full perhaps.
  var unrecorded: [JobID: JobRecord] = [:]
  /// How many refusals are written down, and how many were not.
  var refusals = RateMeter(capacity: 100, perSecond: 0.2)
  var unwritten = 0
  private let journal = DispatchQueue(label: "journal")

  init(
    store: Store, artifacts: ArtifactStore, engine: any JobEngine, leaseSeconds: Int,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.artifacts = artifacts
    self.engine = engine
    shelf = ArtifactShelf(store: store, artifacts: artifacts)
    uploads = UploadLedger(store: store, shelf: shelf)
    self.log = log
    board = TaskBoard(leaseSeconds: Double(leaseSeconds))
  }

  /// Seconds on a clock that never goes back; the board's time.
  static var now: Double { ProcessInfo.processInfo.systemUptime }
  /// Seconds since 1970; what the database records.
  static var wallClock: Double { Date().timeIntervalSince1970 }

  /// To be called about once a second.
  func tick() {
    locked {
      handle(.tick)
      for job in jobs.values { job.post(.tick) }
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
    journal.sync {}
    return all
  }

  /// Runs the board and does what it says. Only under the lock.
  func handle(_ event: TaskBoard.Event) {
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

  /// Runs a body alone.
  func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  /// Writes something that may be lost in a crash, without keeping anybody waiting.
  func write(
    _ what: String, _ body: @escaping @Sendable () throws(CoordinatorError) -> Void
  ) {
    journal.async { [log] in
      do throws(CoordinatorError) { try body() } catch { log("cannot record \(what): \(error)") }
    }
  }
}
