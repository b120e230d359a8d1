import Foundation
import Logging
import Synchronization
import Wire

/// Carries one job through its life: runs the `JobMachine`'s actions on a serial queue of its own.
///
/// Planning, the check of a group's proof, disputes about shares, and the final verification run beside the queue, so that a job can
/// be cancelled meanwhile; the rest of the coordinator's part of the rounds runs on it.
final class JobExecutor: @unchecked Sendable {
  /// What reaches a job.
  enum Event: Sendable {
    case workers(Int)
    case tick
    case cancel
    case assigned(task: TaskID)
    /// A worker does the task beside its holder, who takes long.
    case shadowed(task: TaskID)
    /// The holder is gone, and who did the task as well has it now.
    case promoted(task: TaskID)
    case requeued(task: TaskID, worker: WorkerID, reason: String)
    case exhausted(task: TaskID, code: String, reason: String)
    case reply(task: TaskID, step: UInt8, payload: [UInt8])
    case result(task: TaskID, payload: [UInt8])
    case prepared(Result<any PreparedJob, CoordinatorError>)
    case assembled(Result<[UInt8], CoordinatorError>)
    /// A worker's verifying key was looked at: what is wrong with it, nil if nothing is, or why nobody knows.
    case checked(key: [UInt8], task: TaskID, Result<String?, CoordinatorError>)
    /// The rounds of a group have computed what was asked of them beside the queue; what follows from it.
    case computed(group: Int, GroupRun, @Sendable () -> Void)
    /// Planning says what it is doing.
    case said(String)

    /// The task that a worker's message is about.
    var task: TaskID? {
      switch self {
      case .assigned(let task), .reply(let task, _, _), .result(let task, _): task
      case .shadowed(let task), .promoted(let task): task
      case .requeued(let task, _, _), .exhausted(let task, _, _): task
      case .checked(_, let task, _): task
      default: nil
      }
    }
  }

  /// What a task is for.
  enum Role: Equatable {
    case key(circuit: Int)
    case share(ShareName, group: Int, attempt: Int)
  }

  let id: JobID
  /// Whose job it is, for those who share fairly.
  let sender: String
  let core: Core
  /// Writes down what the job's tasks take, where it asked for that.
  let tracer: JobTracer?
  private let queue: DispatchQueue
  /// Verifying keys are checked here, so that the rounds of groups that have theirs go on.
  let keyChecks: DispatchQueue
  // All that follows is touched only on `queue`.
  var record: JobRecord
  var machine: JobMachine
  var prepared: (any PreparedJob)?
  var keys: [Int: [UInt8]] = [:]
  var proofs: [Int: [UInt8]] = [:]
  /// For every group the replies that it is expected to take.
  var expectedReplies: [Int] = []
  var begun: [Int: GroupRecord] = [:]
  var runs: [Int: GroupRun] = [:]
  var roles: [TaskID: Role] = [:]
  var holders: [TaskID: WorkerSession] = [:]
  /// Who does a task as well, because its holder takes long.
  var shadows: [TaskID: WorkerSession] = [:]
  /// Who gave a wrong answer and has not been given a task since: nothing more of it is taken, whatever is on its way.
  var liars: Set<WorkerID> = []
  /// Keys that wait to be checked: one of each task and session.
  var pendingKeys: Set<PendingKey> = []
  var roomWatch = RoomWatch()
  var diskWait = DiskWait()
  /// How often it had to wait for room on the disk.
  var holds = 0
  /// Ends of computations that a full disk did not take; computations run beside the queue.
  let unwrittenEnds = Mutex(0)
  /// Whether nothing of it can go on until workers come or memory is free.
  var isBlocked = false
  /// Why the group that is next cannot begin.
  var deferral: String?
  private var failure: String?
  var account = JobAccount()
  var notice: String?
  var planningStep = "reading the model"
  private var stageBegan = Core.now
  // Read by the core under its lock, written on `queue`: guarded by a lock of its own.
  private let latestLock = NSLock()
  private var latestEvent: ProgressEvent?
  private var isAbandoned = false
  private var hasEnded = false

  init(_ record: JobRecord, core: Core) {
    id = record.id
    // Jobs from before there were owners are nobody's, and all nobody's are one owner's.
    sender = record.account
    self.record = record
    self.core = core
    tracer = record.options.trace == true ? JobTracer(at: Core.now) : nil
    tracer?.begin(.submitted, at: Core.now)
    machine = JobMachine(
      wanted: record.options.workers,
      deadline: record.options.deadline.map { seconds in
        JobMachine.Deadline(
          seconds: seconds, end: Core.now + record.submitted + seconds - Core.wallClock)
      })
    queue = DispatchQueue(label: "job \(record.id)", qos: .userInitiated)
    keyChecks = DispatchQueue(label: "keys of job \(record.id)", qos: .userInitiated)
    latestEvent = ProgressEvent(job: id, stage: .submitted, step: "waiting for its turn")
  }

  /// The job's progress as it was last published.
  var latest: ProgressEvent? { withLatest { latestEvent } }

  /// Whether nobody waits for the job's computations any more: it ended, or the coordinator shuts down.
  var isOver: Bool { withLatest { isAbandoned || hasEnded } }

  /// Queues an event; never waits. `then` is called once it has been handled.
  func post(
    _ event: Event, from session: WorkerSession? = nil,
    then: (@Sendable () -> Void)? = nil
  ) {
    queue.async { [self] in
      if !withLatest({ isAbandoned }) { handle(event, from: session) }
      then?()
    }
  }

  /// Runs a body on the job's queue and waits for it; not to be called from there.
  func onQueue<T>(_ body: () -> T) -> T { queue.sync(execute: body) }

  /// Stops without ending the job: the coordinator shuts down and the next one goes on.
  func abandon() {
    withLatest { isAbandoned = true }
  }

  private func withLatest<T>(_ body: () -> T) -> T {
    latestLock.lock()
    defer { latestLock.unlock() }
    return body()
  }

  private func handle(_ event: Event, from session: WorkerSession?) {
    if machine.stage.isFinal {
      // Planning was over when the job had ended already.
      if case .prepared = event { core.clearArtifacts(of: id) }
      return
    }
    switch event {
    case .workers(let count): advance(.workers(count))
    case .tick:
      makeRoom()
      lookForRoom()
      advance(.tick)
    case .cancel: advance(.cancel)
    case .said(let text): if planningStep != text { planningStep = text }
    case .prepared(let result): take(result)
    case .assembled(let result): take(document: result)
    case .assigned(let task): if let session { give(task, to: session) }
    case .shadowed(let task): if let session { give(task, asShadowTo: session) }
    case .promoted(let task):
      if let shadow = shadows.removeValue(forKey: task) { holders[task] = shadow }
    case .requeued(let task, let worker, let reason):
      let name = holders[task]?.name ?? worker
      holders[task] = nil
      notice = "worker \(name) lost a task (\(reason))"
      core.log(.warning("job \(job: id): task \(task: task) left \(worker: worker): \(reason)"))
    case .exhausted(let task, let code, let reason):
      let work = (roles.removeValue(forKey: task).map(describe) ?? "a task") + " (task \(task))"
      failure = failure ?? ["disk": "disk_full", "memory": "memory", "lost": "worker_lost"][code]
      advance(.failed("\(work) failed at every worker that tried it: \(reason)"))
    case .reply(let task, let step, let payload):
      guard let session, isAt(task, session) else { return }
      take(reply: payload, step: step, task: task, from: session)
    case .result(let task, let payload):
      guard let session, isAt(task, session) else { return }
      check(key: payload, task: task, from: session)
    case .computed(let group, let run, let then): resume(group, run, then)
    case .checked(let key, let task, let verdict):
      if let session { take(key: key, verdict, task: task, from: session) }
    }
    publish()
  }

  /// Whether a session has a task, and its answers are to be taken.
  func isAt(_ task: TaskID, _ session: WorkerSession) -> Bool {
    !liars.contains(session.id) && (holders[task] === session || shadows[task] === session)
  }

  /// A task's work in words.
  private func describe(_ role: Role) -> String {
    switch role {
    case .key(let circuit): "the key of circuit \(circuit)"
    case .share(let share, let group, _): "\(share) of group \(group + 1)"
    }
  }

  /// Feeds the machine and does what it says.
  func advance(_ event: JobMachine.Event) {
    let before = machine.stage
    let actions = machine.handle(event, at: Core.now)
    let number = holds
    if machine.stage != before { recordStage(from: before) }
    // Where the disk was full meanwhile the job begins again, and nothing of this is wanted any more.
    for action in actions where holds == number {
      do throws(CoordinatorError) {
        try perform(action)
      } catch {
        // The action's own failure is what ends the job; the database may be what failed.
        fail(error)
      }
    }
  }

  /// Ends the job because of an error, the first one counts; for want of room on the disk, or of descriptors, it waits.
  func fail(_ error: CoordinatorError) {
    switch error {
    case .diskFull(_, let needed): return holdForRoom(needed: needed)
    case .noDescriptors: return holdForDescriptors()
    default: break
    }
    failure = failure ?? error.code
    let text = core.text(error)
    // Where it is, the operator may know.
    if text != error.description { core.log(.warning("job \(job: id): \(error)")) }
    advance(.failed(text))
  }

  private func perform(_ action: JobMachine.Action) throws(CoordinatorError) {
    switch action {
    case .plan(let workers):
      try plan(
        record.workforce
          ?? core.workforce(of: id, workers: workers, limit: record.options.memory))
    case .makeKeys(let circuits): try makeKeys(circuits)
    case .prove(let group, let attempt): try prove(group: group, attempt: attempt)
    case .assemble: assemble()
    case .letGo: letGo()
    case .end(let stage, let reason): end(stage, reason: reason)
    }
  }

  private func recordStage(from before: JobStage) {
    account.seconds[before, default: 0] += Core.now - stageBegan
    stageBegan = Core.now
    tracer?.begin(machine.stage, at: stageBegan)
    if machine.stage.isFinal || machine.isHeld { return }
    record.stage = machine.stage
    do throws(CoordinatorError) {
      try core.store.setStage(machine.stage, detail: "", of: id, at: Core.wallClock)
    } catch {
      fail(error)
    }
  }

  private func end(_ stage: JobStage, reason: String) {
    record.stage = stage
    record.detail = reason
    record.failure = stage == .failed ? failure ?? "job_failed" : nil
    notice = reason.isEmpty ? nil : reason
    if stage != .done {
      do throws(CoordinatorError) {
        try core.store.setStage(
          stage, detail: reason, failure: record.failure, of: id, at: Core.wallClock)
      } catch {
        core.log(.error("job \(job: id): cannot record its end: \(error)"))
        core.remember(record)
      }
    }
    let line: LogEntry =
      "job \(job: id): \(step: stage.rawValue) after \(seconds: max(0, Core.wallClock - record.submitted))\(reason.isEmpty ? "" : ": \(reason)")"
    core.log(stage == .failed ? .warning(line) : line)
    withLatest { hasEnded = true }
    // Lets go of polynomials and transcripts: followers may keep this object for a while.
    prepared = nil
    runs = [:]
    holders = [:]
    shadows = [:]
    core.ended(id)
  }

  /// Publishes the progress if it differs from what was published last.
  private func publish() {
    var event = progress()
    let changed = withLatest {
      var old = latestEvent
      old?.elapsed = event.elapsed
      old?.remaining = event.remaining
      if old == event { return false }
      latestEvent = event
      return true
    }
    if changed {
      event.remaining = remaining(event)
      core.followers.publish(event)
    }
  }

  private func remaining(_ event: ProgressEvent) -> Double? {
    guard event.stage == .proving || event.stage == .indexing, event.done > 0 else { return nil }
    let spent = Core.now - stageBegan
    return spent * Double(event.total - event.done) / Double(event.done)
  }
}
