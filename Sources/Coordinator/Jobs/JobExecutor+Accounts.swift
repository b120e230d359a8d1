import Logging

/// The ends of attempts, and what becomes of those who worked on them.
extension JobExecutor {
  /// Takes the shares of groups back that cannot go on because one of theirs fits no worker; the oldest group stays.
  func makeRoom() {
    let (blocked, oldest) = core.blockedShares(of: id)
    let groups = runs.filter { !blocked.isDisjoint(with: $0.value.tasks.values) }.map(\.key)
    for number in roomWatch.overdue(blocked: Set(groups), at: Core.now) {
      guard let run = runs[number], !run.tasks.values.contains(where: { $0 == oldest }) else {
        continue
      }
      core.log("job \(job: id): group \(number) makes room and goes on later")
      finish(run, group: number, state: "dropped")
      advance(.groupDeferred(number))
    }
  }

  /// Ends an attempt and takes its tasks from whoever has them.
  func finish(_ run: GroupRun, group: Int, state: String) {
    for (_, task) in run.tasks {
      if let session = holders[task] { credit(session) }
    }
    runs[group] = nil
    let tasks = run.tasks.values.sorted()
    core.drop(tasks, state: state)
    for task in tasks {
      roles[task] = nil
      holders[task] = nil
      shadows[task] = nil
    }
  }

  private func credit(_ session: WorkerSession) {
    let traffic = session.traffic
    var entry =
      account.workers.first { $0.name == session.name }
      ?? JobAccount.Worker(name: session.name, shares: 0, bytesSent: 0, bytesReceived: 0)
    entry.shares += 1
    (entry.bytesSent, entry.bytesReceived) = (traffic.sent, traffic.received)
    account.workers.removeAll { $0.name == session.name }
    account.workers.append(entry)
  }

  /// Names a worker, and keeps it away from all jobs.
  func blame(_ session: WorkerSession, _ reason: String) {
    liars.insert(session.id)
    notice = "worker \(session.name) was dropped: \(reason)"
    core.log(
      .warning("job \(job: id): worker \(worker: session.id, session.name) is dropped: \(reason)"))
    do throws(CoordinatorError) {
      try core.store.quarantine(session.id, job: id, reason: "\(session.name): \(reason)")
    } catch {
      fail(error)
    }
    core.quarantine(session.id, reason: "job \(id): \(reason)")
  }
}
