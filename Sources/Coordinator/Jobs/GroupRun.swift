import Foundation
import Varuna
import Wire

/// One attempt at a group while it runs.
final class GroupRun {
  let attempt: Int
  let rounds: any GroupRounds
  /// Who gave each recorded reply, as far as this process saw it.
  var authors: [ShareName: [UInt8: WorkerSession]] = [:]
  /// The task of every share.
  var tasks: [ShareName: TaskID] = [:]

  init(attempt: Int, rounds: any GroupRounds) {
    self.attempt = attempt
    self.rounds = rounds
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
      tasks.append(board(share, task: task, members: members, needs: needs, division: division))
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
    holders[task] = session
    shadows[task] = nil
    if send(task, to: session) { core.asked(task) }
  }

  /// Hands a task to a worker who does it beside its holder.
  func give(_ task: TaskID, asShadowTo session: WorkerSession) {
    guard roles[task] != nil, holders[task] != nil else { return }
    shadows[task] = session
    _ = send(task, to: session)
  }

  /// Sends a task with all its requests; returns whether an answer is due.
  private func send(_ task: TaskID, to session: WorkerSession) -> Bool {
    guard let role = roles[task], let prepared else { return false }
    switch role {
    case .key(let circuit):
      session.post(
        .assign(
          taskID: task, .index(program: prepared.circuits[circuit].program, srs: prepared.srs)))
      return true
    case .share(let share, let group, let attempt):
      guard let run = runs[group], run.attempt == attempt else { return false }
      session.post(.assign(taskID: task, run.rounds.task(for: share)))
      let requests = run.rounds.requests(to: share)
      for request in requests {
        session.post(.step(taskID: task, step: request.step, payload: request.payload))
      }
      return requests.last.map { run.rounds.reply(of: share, step: $0.step) == nil } ?? false
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
    if let recorded = run.rounds.reply(of: share, step: step) {
      if recorded != payload {
        disagree(share, step: step, payload, from: session, group: group, run)
      }
      return
    }
    // After the last reply the proof is verified, and whoever is at fault found: that may take circuits into memory.
    let (done, total) = run.rounds.progress
    let isLast = done + 1 == total
    if isLast { beginCounting() }
    defer { if isLast { endCounting() } }
    do throws(ShareRefusal) {
      let outcome = try run.rounds.receive(from: share, step: step, payload: payload)
      run.authors[share, default: [:]][step] = session
      settle(task, answeredBy: session)
      follow(outcome, group: group, run)
    } catch {
      // No challenge depends on what was refused: another worker can replay the share.
      blame(session, error.reason)
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
  private func disagree(
    _ share: ShareName, step: UInt8, _ replayed: [UInt8], from session: WorkerSession, group: Int,
    _ run: GroupRun
  ) {
    core.log("job \(id): \(session.name) computed \(share) differently from its predecessor")
    do throws(CoordinatorError) {
      let honest = try counted { () throws(CoordinatorError) in
        try run.rounds.honestReply(of: share, step: step)
      }
      if replayed != honest { blame(session, "its replay of a share is wrong") }
      if run.rounds.reply(of: share, step: step) == honest { return }
      // Challenges depend on the wrong reply: nothing of this attempt can be used.
      try core.store.finishGroup(
        .faulted, proof: nil, job: id, number: group, attempt: run.attempt)
      finish(run, group: group, state: "dropped")
      if let author = run.authors[share]?[step] { blame(author, "its share of the proof is wrong") }
      notice = "group \(group + 1) is proven again with fresh randomness"
      advance(.groupFaulted(group))
    } catch {
      fail(error)
    }
  }
}
