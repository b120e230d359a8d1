import Varuna

/// Tasks that go wrong: where they go next, who is blamed, and when a job has to end.
///
/// A task goes to workers that have not tried it first, of these to such as have answered something before, and it is not
/// given up while one is there, or may come back, that has not: unless six workers had it in vain of which two have answered
/// something before, or twenty-four, whoever they are. Where nobody was lost with it, only twelve that have answered something
/// before are enough while others have not had it: those who only ever fail, however many, do not speak for a task. It has
/// failed for good when three troubles were its own. A loss is the task's own as far as it took the lost worker's memory,
/// once it is known that the worker's process ended. An answer that nobody gave before absolves it: it can be done.
extension TaskBoard {
  /// Troubles of its own that a task may have.
  package static let maximumBlame = 3.0
  /// Parts of losses that add up to nearly one more trouble count as one.
  fileprivate static let tolerance = 0.25
  /// Workers that are enough to speak for a task of a job that took others down, and whose losses are looked into before
  /// another one has it.
  package static let witnesses = 3
  /// Workers that are enough to say that it is the task although others have not tried it.
  package static let crowd = 6
  /// How many of them must have answered something before: workers that only ever fail do not speak for a task.
  package static let attested = 2
  /// Workers that are enough whether they have answered or not.
  package static let largestCrowd = 24
  /// Workers that have answered before and are enough, where nobody was lost, whoever else is there.
  package static let attestedCrowd = 12
  /// Rounds of losses put down to one job between two successes of its.
  package static let maximumJobBlame = 6.0

  /// Codes of refusals that are nobody's failure: the worker has too much to do, or is about to leave.
  private static let harmless: Set<String> = ["busy", "draining"]
  /// Seconds within which they are said: later they only put off that a task goes elsewhere.
  private static let promptly = 2.0
  /// The code of a worker whose memory is too short.
  private static let shortOfMemory = "memory"

  /// A worker said that a task failed.
  mutating func fail(
    _ id: TaskID, by worker: WorkerID, _ trouble: TaskTrouble, at now: Double,
    _ actions: inout [Action]
  ) {
    guard tasks[id]?.isHeld(by: worker) == true else { return }
    if Self.harmless.contains(trouble.code) {
      decline(id, by: worker, trouble, at: now)
      requeue(id, from: worker, reason: trouble.text, &actions)
      if trouble.code == "draining" {
        workers[worker]?.isLeaving = true
      } else {
        changeHealth(of: worker) { $0.restsUntil = max($0.restsUntil, now + 1) }
      }
      return
    }
    changeHealth(of: worker) { $0.note(.failure, trouble.text, at: now) }
    if !trouble.retryable { tasks[id]!.excluded.insert(worker) }
    if trouble.code == Self.shortOfMemory { tasks[id]!.shortOfMemory.insert(worker) }
    tasks[id]!.failures += 1
    note(id, worker, trouble.text, blame: 1)
    settle(id, from: worker, reason: trouble.text, code: trouble.code, &actions)
  }

  /// Notes that a worker did not take a task: others have it first. Who says so after having had it for a while kept
  /// others waiting.
  private mutating func decline(
    _ id: TaskID, by worker: WorkerID, _ trouble: TaskTrouble, at now: Double
  ) {
    tasks[id]!.declined.insert(worker)
    let since = tasks[id]!.shadow == worker ? tasks[id]!.shadowSince : tasks[id]!.openSince ?? now
    let waited = now - since
    guard waited > Self.promptly else { return }
    let reason = "stalled: declined after \(Int(waited)) s: \(trouble.text)"
    changeHealth(of: worker) { $0.note(.stall, reason, waited: waited, at: now) }
    note(id, worker, reason, blame: 0)
  }

  /// A worker is alive and does not answer.
  mutating func stall(
    _ id: TaskID, at worker: WorkerID, seconds: Double, now: Double, _ actions: inout [Action]
  ) {
    let reason = "stalled: no answer for \(Int(seconds)) s"
    changeHealth(of: worker) { $0.note(.stall, reason, waited: seconds, at: now) }
    tasks[id]!.failures += 1
    note(id, worker, reason, blame: 1)
    actions.append(.release(id, by: worker))
    settle(id, from: worker, reason: reason, code: "stalled", &actions)
  }

  /// A worker is gone, with all that it held.
  ///
  /// Where it went without a word, nobody is blamed before it is known whether its process ended. Who has lost all that is to
  /// be lost calls `giveUpHopeless`.
  mutating func lose(
    _ id: WorkerID, reason: String, abrupt: Bool, at now: Double, _ actions: inout [Action]
  ) {
    guard let worker = workers[id] else { return }
    let held = held(by: id)
    let open = held.filter { $0.holder != id || $0.openSince != nil }
    var shares: [JobID: Double] = [:]
    let total = open.reduce(0.0) { $0 + Double(max(1, $1.memory.total)) }
    for task in open { shares[task.job, default: 0] += Double(max(1, task.memory.total)) / total }
    if abrupt {
      var parts: [JobID: Departure.Part] = [:]
      for (job, share) in shares {
        let round = jobBlame[job, default: LossRounds()].round(at: now, joined: worker.joinedAt)
        parts[job] = Departure.Part(part: share, round: round)
      }
      let bytes = UInt64(held.reduce(.none) { $0 + $1.memory }.total)
      departures[id] = Departure(
        worker: worker, lostAt: now, holding: open.isEmpty ? nil : bytes, parts: parts,
        tasks: open.map(\.id))
      if !open.isEmpty { changeHealth(of: id) { $0.note(.loss, reason, at: now) } }
    }
    for task in held {
      tasks[task.id]!.losses += 1
      if abrupt, task.holder != id || task.openSince != nil {
        tasks[task.id]!.undecided[id] = shares[task.job]
        note(task.id, id, "lost: \(reason)", blame: 0)
      }
      if tasks[task.id]!.tries[id] == nil { tasks[task.id]!.tries[id] = 1 }
      tasks[task.id]!.lastCode = "lost"
      requeue(task.id, from: id, reason: reason, &actions)
    }
  }

  /// A worker is here; where it had been lost without a word, this tells why.
  mutating func returned(_ worker: BoardWorker, at now: Double, _ actions: inout [Action]) {
    guard let departure = departures.removeValue(forKey: worker.id) else { return }
    let isSame = departure.worker.instance == worker.instance
    if !departure.isDecided {
      decide(departure, isNetwork: isSame, &actions)
    } else if isSame, departure.holding != nil {
      // It was away for long, and what it was believed to have then is true again.
      changeHealth(of: worker.id) {
        if $0.memory != nil { $0.memory = departure.worker.health.memory }
      }
    }
    giveUpHopeless(&actions)
  }

  /// Decides about the workers that have not come back within a lease, and about what waited for them.
  mutating func decideDepartures(at now: Double, _ actions: inout [Action]) {
    for id in departures.keys.sorted() {
      guard let departure = departures[id], !departure.isDecided,
        now - departure.lostAt > leaseSeconds
      else { continue }
      departures[id]!.isDecided = true
      decide(departure, isNetwork: false, &actions)
    }
    giveUpHopeless(&actions)
  }

  /// Puts a loss down to the worker's memory and to its tasks, or to the network.
  private mutating func decide(
    _ departure: Departure, isNetwork: Bool, _ actions: inout [Action]
  ) {
    let id = departure.worker.id
    // A worker that an operator had forgotten stays so.
    if !isNetwork, let bytes = departure.holding, health(of: id) != nil {
      changeHealth(of: id) { $0.noteLoss(holding: bytes, offered: departure.worker.offered) }
      if workers[id] == nil, let health = absent[id] { actions.append(.remember(id, health)) }
    }
    let factor = isNetwork ? Departure.networkPart : 1
    for (job, part) in departure.parts {
      jobBlame[job]?.blame(part.part * factor, in: part.round)
    }
    for task in departure.tasks {
      guard let part = (tasks[task]?.job).flatMap({ departure.parts[$0] }) else { continue }
      tasks[task]!.decide(id, isNetwork: isNetwork, factor: factor, round: part.round)
    }
  }

  /// Ends the waiting tasks for which nobody is left.
  mutating func giveUpHopeless(_ actions: inout [Action]) {
    let waiting = tasks.waiting.filter(mayBeHopeless)
    if waiting.isEmpty { return }
    let roster = makeRoster()
    for task in waiting where isHopeless(task, roster) {
      tasks[task.id] = nil
      actions.append(.exhausted(task.id, code: task.lastCode, reason: task.table))
    }
  }

  /// Who is there for tasks that went wrong, or may come back: counted once for all that is decided at a moment.
  private mutating func makeRoster() -> Roster {
    looks += workers.count + departures.count
    return Roster(self)
  }

  private mutating func note(
    _ id: TaskID, _ worker: WorkerID, _ reason: String, blame: Double
  ) {
    tasks[id]!.note(
      BoardTask.Mishap(worker: worker, name: workers[worker]?.name ?? worker, reason: reason),
      blame: blame)
  }

  /// Ends the task for good, or lets it wait for another worker.
  private mutating func settle(
    _ id: TaskID, from worker: WorkerID, reason: String, code: String, _ actions: inout [Action]
  ) {
    tasks[id]?.lastCode = code
    guard let task = tasks[id] else { return }
    guard mayBeHopeless(task), isHopeless(task, makeRoster()) else {
      return requeue(id, from: worker, reason: reason, &actions)
    }
    tasks[id] = nil
    for other in [task.holder, task.shadow].compactMap({ $0 }) where other != worker {
      actions.append(.release(id, by: other))
      actions.append(.ended(id, at: other, outcome: "the task failed"))
    }
    actions.append(.ended(id, at: worker, outcome: reason))
    actions.append(.exhausted(id, code: code, reason: task.table))
  }

  /// Whether it has to be asked who is left for a task.
  private func mayBeHopeless(_ task: BoardTask) -> Bool {
    guard task.blame > 0 else { return false }
    return !task.excluded.isEmpty || task.losses > 0 || task.hasFailedOften || isBlamed(task.job)
  }

  /// Whether so many losses were put down to a job that few workers are enough to speak for its tasks.
  private func isBlamed(_ job: JobID) -> Bool {
    jobBlame[job]?.total ?? 0 >= Self.maximumJobBlame
  }

  private func isHopeless(_ task: BoardTask, _ roster: Roster) -> Bool {
    if !roster.awaits(task) {
      // Nobody that is here can do it, by their own words.
      if !task.excluded.isEmpty, !roster.hasAble(task) { return true }
      // It was lost where there should have been room, and now nobody is believed to have that.
      if task.losses > 0, task.blame >= 1, UInt64(task.memory.total) > roster.leastMemory,
        !roster.hasRoomy(task)
      {
        return true
      }
    }
    let isJobs = isBlamed(task.job)
    guard task.hasFailedOften || isJobs else { return false }
    let attested = task.tries.keys.count { health(of: $0)?.answers ?? 0 > 0 }
    if task.losses == 0, attested < Self.attestedCrowd, roster.hasUntried(task) { return false }
    let enough = isJobs ? Self.witnesses : Self.crowd
    if attested >= Self.attested && task.tries.count >= enough
      || task.tries.count >= Self.largestCrowd
    {
      return true
    }
    return !roster.hasUntried(task) && !roster.awaitsUntried(task)
  }

  /// Takes a task from a worker; its shadow, where it has one, goes on with it.
  mutating func requeue(
    _ id: TaskID, from worker: WorkerID, reason: String, _ actions: inout [Action]
  ) {
    guard var task = tasks[id], task.isHeld(by: worker) else { return }
    actions.append(.ended(id, at: worker, outcome: reason))
    if task.shadow == worker {
      task.shadow = nil
      tasks[id] = task
      return
    }
    (task.isWarm, task.spent, task.fetchingSeconds) = (false, 0, FetchingPatience.constant)
    task.isHurried = false
    if let shadow = task.shadow {
      (task.holder, task.shadow) = (shadow, nil)
      tasks[id] = task
      actions.append(.promoted(id, to: shadow))
    } else {
      (task.holder, task.openSince) = (nil, nil)
      tasks[id] = task
      actions.append(.requeued(id, from: worker, reason: reason))
    }
  }
}

extension BoardTask {
  /// Whether so many troubles were its own that only a worker that has not tried it yet gets it.
  var hasFailedOften: Bool { blame >= TaskBoard.maximumBlame - TaskBoard.tolerance }
}
