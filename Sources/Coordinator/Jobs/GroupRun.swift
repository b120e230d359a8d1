import Foundation
import Logging
import Varuna
import Wire

/// One attempt at a group while it runs.
///
/// Touched only on the job's queue, but for `rounds` while `isComputing`.
final class GroupRun: @unchecked Sendable {
  /// A worker's reply to a step.
  struct Reply {
    let share: ShareName
    let step: UInt8
    let payload: [UInt8]
    let task: TaskID
    let session: WorkerSession
  }

  let attempt: Int
  let rounds: any GroupRounds
  /// Who gave each recorded reply, as far as this process saw it.
  var authors: [ShareName: [UInt8: WorkerSession]] = [:]
  /// The task of every share.
  var tasks: [ShareName: TaskID] = [:]
  /// Whether the rounds compute something beside the job's queue; replies wait meanwhile.
  private(set) var isComputing = false
  /// Replies that came while the rounds computed, as far as the window let them in.
  private(set) var waiting: [Reply] = []
  private var window = ReplyWindow()
  /// Workers that were given a task while the rounds computed, and wait for its requests.
  var unsent: [(task: TaskID, session: WorkerSession)] = []
  private var lastProgress = (done: 0, total: 0)

  /// Replies taken so far, and replies in all.
  var progress: (done: Int, total: Int) {
    if !isComputing { lastProgress = rounds.progress }
    return lastProgress
  }

  /// What the group is doing, in words.
  var stepName: String { isComputing ? "checking the group's proof" : rounds.stepName }

  init(attempt: Int, rounds: any GroupRounds) {
    self.attempt = attempt
    self.rounds = rounds
  }

  /// The rounds begin to compute beside the queue; until `endComputing` nobody else touches them.
  func beginComputing() {
    _ = progress
    var sizes: [ShareName: [UInt8: Int]] = [:]
    for share in rounds.shares {
      for request in rounds.requests(to: share) {
        sizes[share, default: [:]][request.step] = rounds.replyBytes(of: share, step: request.step)
      }
    }
    window = ReplyWindow(sizes: sizes)
    isComputing = true
  }

  /// The rounds have computed; returns the replies that came meanwhile.
  func endComputing() -> [Reply] {
    isComputing = false
    defer {
      waiting = []
      window = ReplyWindow()
    }
    return waiting
  }

  /// Keeps a reply until the rounds have computed, where it may wait; nil: there is nothing wrong with it.
  func keep(_ reply: Reply) -> ShareRefusal? {
    let verdict = window.admit(
      reply.share, step: reply.step, bytes: reply.payload.count,
      from: ObjectIdentifier(reply.session))
    switch verdict {
    case .waits: waiting.append(reply)
    case .superfluous: break
    case .malformed(let expected):
      return ShareRefusal(
        reason: "\(reply.share): a reply of \(reply.payload.count) bytes, expected \(expected)")
    }
    return nil
  }
}

extension JobExecutor {
  /// Begins an attempt at a group, or goes on with one that an earlier process began.
  func prove(group number: Int, attempt: Int) throws(CoordinatorError) {
    guard let prepared else { return }
    let needs = prepared.needs(ofGroup: number)
    guard let division = core.divide(job: id, needs, limit: record.options.workers) else {
      deferral = core.obstacle(job: id, needs)
      return advance(.groupDeferred(number))
    }
    deferral = nil
    let group: GroupRecord
    if let old = begun[number], old.attempt == attempt, old.state == .running {
      group = old
    } else {
      group = GroupRecord(
        job: id, number: number, attempt: attempt, state: .running,
        holders: Store.encode(division.instances.map(\.members)), seed: SystemRandom.bytes(32))
      try core.store.insert(group)
      begun[number] = group
    }
    let members = try Store.decode(
      [[Int]].self, group.holders, table: "groups", column: "holders")
    let run = GroupRun(
      attempt: attempt,
      rounds: try prepared.prover(
        group: number, division: members, keys: keys, seed: group.seed,
        snapshot: group.snapshot))
    runs[number] = run
    let shares = run.rounds.shares
    let ids = try core.store.insertTasks(
      job: id, descriptions: shares.map { "group \(number) attempt \(attempt) \($0)" })
    var tasks: [BoardTask] = []
    for (share, task) in zip(shares, ids) {
      roles[task] = .share(share, group: number, attempt: attempt)
      run.tasks[share] = task
      let entry = board(share, task: task, members: members, needs: needs, division: division)
      trace(entry, share, group: number, members: members)
      tasks.append(entry)
    }
    core.add(tasks, of: self)
  }

  private func board(
    _ share: ShareName, task: TaskID, members: [[Int]],
    needs: GroupDemand, division: Division
  ) -> BoardTask {
    let demands: [Demand]
    var memory = TaskMemory.none
    let preferred: WorkerID?
    switch share {
    case .instances(let k):
      demands = members[k].map { needs.instances[$0] }
      memory = needs.share
      // After a restart the division of now need not be the one that the shares were cut by.
      preferred = division.instances.first { $0.members == members[k] }?.worker
    case .matrix(let c):
      demands = [needs.matrices[c]]
      preferred = division.matrices[c]
    }
    return BoardTask(
      id: task, job: id, kind: .share, cost: demands.reduce(0) { $0 + $1.cost },
      memory: demands.reduce(memory) { $0 + $1.memory }, preferred: preferred)
  }

  /// Hands a task to a worker, with everything its rounds have seen: the whole of replay.
  func give(_ task: TaskID, to session: WorkerSession) {
    guard roles[task] != nil else { return }
    liars.remove(session.id)
    holders[task] = session
    shadows[task] = nil
    if send(task, to: session) { core.asked(task) }
  }

  /// Hands a task to a worker who does it beside its holder.
  func give(_ task: TaskID, asShadowTo session: WorkerSession) {
    guard roles[task] != nil, holders[task] != nil else { return }
    liars.remove(session.id)
    shadows[task] = session
    _ = send(task, to: session)
  }

  /// Sends a task with all its requests; returns whether an answer is due.
  private func send(_ task: TaskID, to session: WorkerSession) -> Bool {
    guard let role = roles[task], let prepared else { return false }
    switch role {
    case .key(let circuit):
      assign(
        task, .index(program: prepared.circuits[circuit].program, srs: prepared.srs), to: session)
      tracer?.ask(task, of: session.id, bytes: 0, at: Core.now)
      return true
    case .share(let share, let group, let attempt):
      guard let run = runs[group], run.attempt == attempt else { return false }
      guard !run.isComputing else {
        run.unsent.append((task, session))
        return false
      }
      assign(task, run.rounds.task(for: share), to: session)
      let requests = run.rounds.requests(to: share)
      for request in requests {
        session.post(.step(taskID: task, step: request.step, payload: request.payload))
      }
      let isDue = requests.last.map { run.rounds.reply(of: share, step: $0.step) == nil } ?? false
      if isDue {
        let bytes = requests.reduce(0) { $0 + $1.payload.count }
        tracer?.ask(task, of: session.id, bytes: bytes, at: Core.now)
      }
      return isDue
    }
  }

  /// Makes who answered first the holder; the other one is told to stop.
  private func settle(_ task: TaskID, answeredBy session: WorkerSession) {
    let shadow = shadows.removeValue(forKey: task)
    if core.answered(task, by: session.id), shadow === session { holders[task] = session }
  }

  /// Takes a reply of the lockstep rounds.
  func take(reply payload: [UInt8], step: UInt8, task: TaskID, from session: WorkerSession) {
    guard case .share(let share, let group, let attempt)? = roles[task], let run = runs[group],
      run.attempt == attempt
    else { return }
    take(
      GroupRun.Reply(share: share, step: step, payload: payload, task: task, session: session),
      group: group, run)
  }

  private func take(_ reply: GroupRun.Reply, group: Int, _ run: GroupRun) {
    guard !run.isComputing else {
      if let refusal = run.keep(reply) { blame(reply.session, refusal.reason) }
      return
    }
    nonisolated(unsafe) let rounds = run.rounds
    if let recorded = rounds.reply(of: reply.share, step: reply.step) {
      if recorded != reply.payload { disagree(reply, group: group, run) }
      return
    }
    let receive: @Sendable () -> Result<RoundsOutcome, ShareRefusal> = { [tracer] in
      let began = Core.now
      defer {
        tracer?.take(
          reply.task, from: reply.session.id, step: reply.step, bytes: reply.payload.count,
          handled: Core.now - began, at: Core.now)
      }
      return Result { () throws(ShareRefusal) in
        try rounds.receive(from: reply.share, step: reply.step, payload: reply.payload)
      }
    }
    // After the last reply the proof is verified, and whoever is at fault found: that may take circuits into memory, and long.
    let (done, total) = rounds.progress
    guard done + 1 == total else { return take(receive(), of: reply, group: group, run) }
    compute(for: group, run, receive) { [self] outcome in
      take(outcome, of: reply, group: group, run)
    }
  }

  private func take(
    _ outcome: Result<RoundsOutcome, ShareRefusal>, of reply: GroupRun.Reply, group: Int,
    _ run: GroupRun
  ) {
    switch outcome {
    case .success(let outcome):
      run.authors[reply.share, default: [:]][reply.step] = reply.session
      settle(reply.task, answeredBy: reply.session)
      follow(outcome, group: group, run)
    case .failure(let refusal):
      // No challenge depends on what was refused: another worker can replay the share.
      blame(reply.session, refusal.reason)
    }
  }

  /// Has a group's rounds compute something that takes long beside the job's queue, so that the job can be cancelled meanwhile;
  /// counted, as all that takes a job's size of memory.
  private func compute<Value: Sendable>(
    for group: Int, _ run: GroupRun, _ work: @escaping @Sendable () -> Value,
    then: @escaping @Sendable (Value) -> Void
  ) {
    run.beginComputing()
    Self.aside { [self] in
      if isOver { return }
      let isCounted = beginCounting()
      let value = work()
      endCounting(isCounted)
      post(.computed(group: group, run) { then(value) })
    }
  }

  /// Goes on with a group whose rounds have computed something, and with the replies that came meanwhile.
  func resume(_ group: Int, _ run: GroupRun, _ then: () -> Void) {
    let waiting = run.endComputing()
    guard runs[group] === run else { return }
    then()
    let unsent = run.unsent
    run.unsent = []
    for (task, session) in unsent where runs[group] === run && isAt(task, session) {
      if send(task, to: session), holders[task] === session { core.asked(task) }
    }
    for reply in waiting where runs[group] === run && isAt(reply.task, reply.session) {
      take(reply, group: group, run)
    }
  }

  private func follow(_ outcome: RoundsOutcome, group: Int, _ run: GroupRun) {
    do throws(CoordinatorError) {
      switch outcome {
      case .requests(let shares):
        if shares.isEmpty { return }
        // Durable before anybody sees the new challenges.
        let snapshot = run.rounds.snapshot
        try core.store.setSnapshot(snapshot, job: id, number: group, attempt: run.attempt)
        begun[group]?.snapshot = snapshot
        for share in shares {
          guard let task = run.tasks[share], let session = holders[task],
            let request = run.rounds.requests(to: share).last
          else { continue }
          session.post(.step(taskID: task, step: request.step, payload: request.payload))
          tracer?.ask(task, of: session.id, bytes: request.payload.count, at: Core.now)
          core.asked(task)
        }
      case .proof(let proof):
        try core.store.finishGroup(
          .proved, proof: proof, job: id, number: group, attempt: run.attempt)
        proofs[group] = proof
        finish(run, group: group, state: "done")
        advance(.groupProved(group))
      case .wrong(let shares):
        let culprits = shares.compactMap { share in run.tasks[share].flatMap { holders[$0] } }
        try core.store.finishGroup(
          .faulted, proof: nil, job: id, number: group, attempt: run.attempt)
        finish(run, group: group, state: "dropped")
        for session in culprits { blame(session, "its share of the proof is wrong") }
        notice = "group \(group + 1) is proven again with fresh randomness"
        advance(.groupFaulted(group))
      }
    } catch {
      fail(error)
    }
  }

  /// Two workers computed the same share differently: the coordinator computes it too, and names who is wrong.
  private func disagree(_ reply: GroupRun.Reply, group: Int, _ run: GroupRun) {
    core.log(
      .warning(
        "job \(job: id): \(worker: reply.session.id, reply.session.name) computed \(reply.share) in step \(step: reply.step) differently from its predecessor"
      ))
    nonisolated(unsafe) let rounds = run.rounds
    compute(for: group, run) {
      Result { () throws(CoordinatorError) in
        try rounds.honestReply(of: reply.share, step: reply.step)
      }
    } then: { [self] honest in
      judge(reply, by: honest, group: group, run)
    }
  }

  private func judge(
    _ reply: GroupRun.Reply, by honest: Result<[UInt8], CoordinatorError>, group: Int,
    _ run: GroupRun
  ) {
    do throws(CoordinatorError) {
      let honest = try honest.get()
      if reply.payload != honest { blame(reply.session, "its replay of a share is wrong") }
      if run.rounds.reply(of: reply.share, step: reply.step) == honest { return }
      // Challenges depend on the wrong reply: nothing of this attempt can be used.
      try core.store.finishGroup(
        .faulted, proof: nil, job: id, number: group, attempt: run.attempt)
      finish(run, group: group, state: "dropped")
      if let author = run.authors[reply.share]?[reply.step] {
        blame(author, "its share of the proof is wrong")
      }
      notice = "group \(group + 1) is proven again with fresh randomness"
      advance(.groupFaulted(group))
    } catch {
      fail(error)
    }
  }
}
