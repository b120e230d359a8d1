/// Who holds which task: worker registry, leases, retries, patience and turns as one pure state machine.
///
/// Events and the time go in, actions come out; there is no clock, socket or database inside. A
/// worker's heartbeat renews all its leases at once, so a lease is the worker's silence: when it has
/// lasted `leaseSeconds`, everything the worker holds goes back to the queue.
package struct TaskBoard: Sendable {
  package let leaseSeconds: Double
  package let policy: any AssignmentPolicy
  /// The least times that a worker gets for an answer.
  package let patience: Patience
  package internal(set) var tasks = TaskTable()
  package internal(set) var workers: [WorkerID: BoardWorker] = [:]
  /// What is known of workers that are not connected.
  package internal(set) var absent: [WorkerID: WorkerHealth] = [:]
  /// Whose jobs these are; a job that nobody enlisted is its own owner's.
  package internal(set) var turns: [JobID: JobTurn] = [:]
  /// Whose work is next.
  var fairness = FairShare()
  /// Losses put down to jobs since they last got on.
  var jobBlame: [JobID: LossRounds] = [:]
  /// Workers that were lost without a word and may come back.
  package internal(set) var departures: [WorkerID: Departure] = [:]
  /// Since when groups of jobs wait for room although they would fit idle workers.
  var waitingGroups: [JobID: Double] = [:]
  /// How many workers may be counted on.
  package private(set) var enlistedCount = 0
  /// What was known before the present event of the connected workers of which it says something.
  private var healthBefore: [WorkerID: WorkerHealth] = [:]
  /// Tasks and workers that decisions have looked at since the board began: what its time follows, and for one event never
  /// more than a small multiple of how many there are.
  package internal(set) var looks = 0
  /// Tasks that wait and were looked at in vain, until all others have been.
  var passedOver: Set<TaskID> = []
  /// The task at which looking for overdue answers goes on.
  var watchFrom: TaskID = 0
  /// The time of the last tick: a gap is this process's own sleep, not the workers'.
  var lastTick: Double?

  /// An empty board.
  package init(
    leaseSeconds: Double, policy: any AssignmentPolicy = BalancedPolicy(),
    patience: Patience = Patience()
  ) {
    self.leaseSeconds = leaseSeconds
    self.policy = policy
    self.patience = patience
  }

  /// What happened.
  package enum Event: Equatable, Sendable {
    case joined(BoardWorker)
    /// `abrupt`: without a word.
    case left(WorkerID, reason: String, abrupt: Bool)
    case heard(WorkerID)
    /// The worker was sent so many bytes of what its tasks need, for the first time while it has them: it is not stuck.
    case fetching(WorkerID, [TaskID: UInt64])
    /// The worker says that it takes nothing new.
    case leaving(WorkerID)
    case cordon(WorkerID, WorkerHealth.Cordon)
    /// An operator trusts the worker again.
    case uncordon(WorkerID)
    case revoke(WorkerID)
    /// The worker gave a wrong answer.
    case lied(WorkerID, reason: String)
    case enlist(JobID, JobTurn)
    case add([BoardTask])
    /// The holder of a task was asked for an answer.
    case asked(TaskID)
    /// A worker answered something of a task; `fresh`: nobody had answered it before.
    case answered(TaskID, by: WorkerID, fresh: Bool)
    case completed(TaskID, by: WorkerID)
    case failed(TaskID, by: WorkerID, TaskTrouble)
    /// Shares of a group that is proven.
    case finish([TaskID])
    case drop([TaskID])
    case endJob(JobID)
    case tick
  }

  /// What a worker says when a task fails.
  package struct TaskTrouble: Equatable, Sendable {
    package let code: String
    package let text: String
    package let retryable: Bool

    /// A worker's words.
    package init(code: String, text: String, retryable: Bool) {
      self.code = code
      self.text = text
      self.retryable = retryable
    }
  }

  /// What must be done about it.
  package enum Action: Equatable, Sendable {
    /// Give the task to the worker, with all that the task's rounds have seen so far.
    case assign(TaskID, to: WorkerID)
    /// Give it to this worker as well: the holder takes too long.
    case shadow(TaskID, to: WorkerID)
    /// The shadow is the holder now.
    case promoted(TaskID, to: WorkerID)
    /// Tell the worker to forget the task.
    case release(TaskID, by: WorkerID)
    /// The task is in the queue again.
    case requeued(TaskID, from: WorkerID, reason: String)
    /// The task failed for good; the reason begins with the code of the last failure.
    case exhausted(TaskID, code: String, reason: String)
    /// Close the worker's connection.
    case disconnect(WorkerID, reason: String)
    /// A draining worker holds nothing any more.
    case drained(WorkerID)
    /// Keep what is known of the worker.
    case remember(WorkerID, WorkerHealth)
    /// An attempt at a task ended: for the record.
    case ended(TaskID, at: WorkerID, outcome: String)
  }

  /// Takes one event at the time `now` (seconds on any clock that never goes back).
  package mutating func handle(_ event: Event, at now: Double) -> [Action] {
    // What comes most often costs no look at all workers.
    switch event {
    case .heard(let id):
      workers[id]?.lastHeard = now
      return []
    case .fetching(let id, let bytes):
      workers[id]?.lastHeard = now
      for (task, count) in bytes {
        if tasks[task]?.holder == id {
          tasks[task]!.noteFetched(count, at: now)
        } else if tasks[task]?.shadow == id {
          tasks[task]!.noteFetchedByShadow(count, at: now)
        }
      }
      return []
    case .asked(let id):
      if tasks[id]?.openSince == nil { tasks[id]?.openSince = now }
      return []
    default: break
    }
    var actions: [Action] = []
    healthBefore = [:]
    switch event {
    case .heard, .fetching, .asked: break
    case .joined(var worker):
      // A worker that comes back before its old connection was seen to end forgot its tasks.
      if let old = workers[worker.id] {
        lose(worker.id, reason: "reconnected", abrupt: true, at: now, &actions)
        worker.health = workers[worker.id]?.health ?? old.health
      } else if let known = absent.removeValue(forKey: worker.id) {
        worker.health = known
      }
      (worker.lastHeard, worker.joinedAt) = (now, now)
      workers[worker.id] = worker
      returned(worker, at: now, &actions)
    case .left(let id, let reason, let abrupt):
      lose(id, reason: reason, abrupt: abrupt, at: now, &actions)
      giveUpHopeless(&actions)
      forget(id, &actions)
    case .leaving(let id):
      workers[id]?.isLeaving = true
    case .cordon(let id, let cordon):
      // A quarantine is not weakened by lesser words.
      if health(of: id)?.cordon?.cause != .lie { changeHealth(of: id) { $0.cordon = cordon } }
    case .uncordon(let id):
      changeHealth(of: id) { $0.pardon() }
    case .revoke(let id):
      if workers[id] != nil {
        lose(id, reason: "revoked", abrupt: false, at: now, &actions)
        giveUpHopeless(&actions)
        forget(id, &actions)
        actions.append(.disconnect(id, reason: "this worker's key was revoked"))
      }
    case .lied(let id, let reason):
      changeHealth(of: id) { $0.noteLie(reason) }
      for task in held(by: id) { take(task.id, from: id, reason: "lied: \(reason)", &actions) }
    case .enlist(let job, let turn): turns[job] = turn
    case .add(let new):
      for task in new {
        tasks[task.id] = task
        waitingGroups[task.job] = nil
        fairness.wants(task.job, turn(of: task.job))
      }
    case .answered(let id, let worker, let fresh):
      answered(id, by: worker, fresh: fresh, at: now, &actions)
    case .completed(let id, let worker):
      // A late result of a task that somebody else has now is not taken: it would be done twice.
      if tasks[id]?.isHeld(by: worker) == true {
        answered(id, by: worker, fresh: true, at: now, &actions)
        finish(id, &actions)
      }
    case .failed(let id, let worker, let trouble):
      fail(id, by: worker, trouble, at: now, &actions)
    case .finish(let ids):
      for id in ids { finish(id, &actions) }
    case .drop(let ids):
      for id in ids { remove(id, outcome: "taken back", &actions) }
    case .endJob(let job):
      for task in tasks.values.filter({ $0.job == job }).sorted(by: { $0.id < $1.id }) {
        remove(task.id, outcome: "the job ended", &actions)
      }
      (turns[job], jobBlame[job], waitingGroups[job]) = (nil, nil, nil)
      fairness.forget(job)
      fairness.keep(owners: Set(turns.values.map(\.owner)))
    case .tick:
      tick(at: now, &actions)
    }
    schedule(at: now, &actions)
    for (id, before) in healthBefore.sorted(by: { $0.key < $1.key }) {
      guard let health = workers[id]?.health, !health.isForgettable(before) else { continue }
      actions.append(.remember(id, health))
    }
    reportDrained(event, &actions)
    enlistedCount = workers.values.count(where: \.isEnlisted)
    return actions
  }

  private mutating func tick(at now: Double, _ actions: inout [Action]) {
    // Where this process slept, the workers' words wait in its sockets.
    if let lastTick, now - lastTick > leaseSeconds / 2 {
      for id in workers.keys { workers[id]?.lastHeard += now - lastTick }
      for id in departures.keys { departures[id]?.lostAt += now - lastTick }
      for id in tasks.keys {
        if let since = tasks[id]?.openSince { tasks[id]?.openSince = since + now - lastTick }
        if tasks[id]?.shadow != nil { tasks[id]?.shadowSince += now - lastTick }
      }
    }
    lastTick = now
    let silent = workers.values.filter { now - $0.lastHeard > leaseSeconds }
    for worker in silent.sorted(by: { $0.id < $1.id }) {
      lose(worker.id, reason: "no heartbeat", abrupt: true, at: now, &actions)
      forget(worker.id, &actions)
      actions.append(.disconnect(worker.id, reason: "no heartbeat for \(Int(leaseSeconds)) s"))
    }
    let over = workers.values.filter { $0.health.cordon?.until ?? .infinity <= now }
    for id in over.map(\.id).sorted() {
      changeHealth(of: id) { _ = $0.expire(at: now) }
      if let cordon = workers[id]!.health.cordon, cordon.cause == .drain {
        for task in held(by: id) {
          take(task.id, from: id, reason: "the worker's time was over", &actions)
        }
      }
    }
    decideDepartures(at: now, &actions)
    watch(at: now, &actions)
  }

  /// Takes a task from a worker for no fault of the task.
  mutating func take(
    _ id: TaskID, from worker: WorkerID, reason: String, _ actions: inout [Action]
  ) {
    guard tasks[id]?.isHeld(by: worker) == true else { return }
    requeue(id, from: worker, reason: reason, &actions)
    actions.append(.release(id, by: worker))
  }

  private mutating func remove(_ id: TaskID, outcome: String, _ actions: inout [Action]) {
    guard let task = tasks.removeValue(forKey: id) else { return }
    for worker in [task.holder, task.shadow].compactMap({ $0 }) {
      actions.append(.release(id, by: worker))
      actions.append(.ended(id, at: worker, outcome: outcome))
    }
  }

  private mutating func finish(_ id: TaskID, _ actions: inout [Action]) {
    guard let task = tasks[id] else { return }
    if let holder = task.holder {
      changeHealth(of: holder) { $0.noteSpeed(cost: task.cost, seconds: task.spent) }
      // A key is the holder's last word on it; a share has to be let go.
      if task.kind == .share { actions.append(.release(id, by: holder)) }
      actions.append(.ended(id, at: holder, outcome: "done"))
    }
    if let shadow = task.shadow {
      actions.append(.release(id, by: shadow))
      actions.append(.ended(id, at: shadow, outcome: "another worker was faster"))
    }
    tasks[id] = nil
    jobBlame[task.job]?.clear()
  }

  private mutating func forget(_ id: WorkerID, _ actions: inout [Action]) {
    guard let worker = workers.removeValue(forKey: id) else { return }
    absent[id] = worker.health
    actions.append(.remember(id, worker.health))
  }

  /// Forgets what is known of a worker that is not connected.
  mutating func forgetRecord(of id: WorkerID) {
    absent[id] = nil
    // What tasks still wait to know of its loss is decided in its time.
    if departures[id]?.isDecided == true { departures[id] = nil }
  }

  /// What is known of a worker, connected or not.
  package func health(of worker: WorkerID) -> WorkerHealth? {
    workers[worker]?.health ?? absent[worker]
  }

  mutating func changeHealth(of id: WorkerID, _ change: (inout WorkerHealth) -> Void) {
    if let worker = workers[id] {
      if healthBefore[id] == nil { healthBefore[id] = worker.health }
      change(&workers[id]!.health)
    } else {
      change(&absent[id, default: WorkerHealth()])
    }
  }

  private func reportDrained(_ event: Event, _ actions: inout [Action]) {
    switch event {
    case .leaving, .cordon, .completed, .finish, .drop, .endJob, .failed, .lied, .tick: break
    default: return
    }
    // On a tick only those whose time made it so.
    if event == .tick, !actions.contains(where: { if case .release = $0 { true } else { false } }) {
      return
    }
    let leaving = workers.values.filter {
      ($0.isLeaving || $0.health.cordon?.cause == .drain) && tasks.isIdle($0.id)
    }
    for worker in leaving.sorted(by: { $0.id < $1.id }) { actions.append(.drained(worker.id)) }
  }
}

extension WorkerHealth {
  /// Whether nothing but counts of answers, speeds and what answers restore changed: not worth a write of its own.
  fileprivate func isForgettable(_ before: WorkerHealth) -> Bool {
    var before = before
    (before.answers, before.speed) = (answers, speed)
    before.answersOnProbation = answersOnProbation
    // Memory that answers restore; what losses take of it is kept.
    if let old = before.memory, let memory, memory > old { before.memory = memory }
    return before == self
  }
}
