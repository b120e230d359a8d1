import Logging
import Wire

/// A key that waits to be checked, by its task and who made it.
struct PendingKey: Hashable {
  let task: TaskID
  let session: ObjectIdentifier

  init(_ task: TaskID, _ session: WorkerSession) {
    self.task = task
    self.session = ObjectIdentifier(session)
  }
}

/// Verifying keys: made by workers, checked here beside the rounds, kept for all jobs.
extension JobExecutor {
  /// Puts the tasks of making circuits' keys on the board.
  func makeKeys(_ circuits: [Int]) throws(CoordinatorError) {
    guard let prepared else { return }
    let ids = try core.store.insertTasks(
      job: id, descriptions: circuits.map { "key of circuit \($0)" })
    let all = prepared.circuits
    var tasks: [BoardTask] = []
    for (circuit, task) in zip(circuits, ids) {
      let needs = all[circuit].needs
      roles[task] = .key(circuit: circuit)
      tracer?.add(
        task,
        JobTrace.Task(kind: .key, group: nil, number: circuit, instances: 0, cost: needs.cost))
      tasks.append(
        BoardTask(id: task, job: id, kind: .index, cost: needs.cost, memory: needs.memory))
    }
    core.add(tasks, of: self)
  }

  /// Looks at a verifying key that a worker computed; its task stays the worker's until it is found right.
  ///
  /// One key of each worker and task waits, and those of whoever has lost the task meanwhile are not looked at.
  func check(key: [UInt8], task: TaskID, from session: WorkerSession) {
    guard case .key(let circuit)? = roles[task], let prepared else { return }
    guard key.count == prepared.keyBytes else {
      return blame(
        session,
        "its verifying key is wrong: it has \(key.count) bytes, and a key has \(prepared.keyBytes)")
    }
    let pending = PendingKey(task, session)
    guard pendingKeys.insert(pending).inserted else { return }
    keyChecks.async { [self] in
      let isWanted = onQueue {
        if !isOver, roles[task] != nil, isAt(task, session) { return true }
        pendingKeys.remove(pending)
        return false
      }
      guard isWanted else { return }
      let verdict: Result<String?, CoordinatorError>
      let began = Core.now
      defer {
        tracer?.take(
          task, from: session.id, step: 0, bytes: key.count, handled: Core.now - began,
          at: Core.now)
      }
      do throws(CoordinatorError) {
        verdict = .success(try fault(of: key, circuit: circuit, prepared))
      } catch {
        verdict = .failure(error)
      }
      post(.checked(key: key, task: task, verdict), from: session)
    }
  }

  private func fault(
    of key: [UInt8], circuit: Int, _ prepared: any PreparedJob
  ) throws(CoordinatorError) -> String? {
    try counted { () throws(CoordinatorError) in
      do throws(CoordinatorError) {
        return try prepared.fault(ofKey: key, circuit: circuit) { [self] in !isOver }
      } catch .plannerBroke(let reason) {
        core.log(.warning("job \(job: id): the check of a key broke off: \(reason)"))
        return try prepared.fault(ofKey: key, circuit: circuit) { [self] in !isOver }
      }
    }
  }

  /// Keeps a key that is right, and names the worker whose is not.
  func take(
    key: [UInt8], _ verdict: Result<String?, CoordinatorError>, task: TaskID,
    from session: WorkerSession
  ) {
    pendingKeys.remove(PendingKey(task, session))
    guard case .key(let circuit)? = roles[task], let prepared else { return }
    do throws(CoordinatorError) {
      if let fault = try verdict.get() {
        return blame(session, "its verifying key is wrong: \(fault)")
      }
      try core.store.keepVerifyingKey(
        key, program: prepared.circuits[circuit].program.bytes, srs: prepared.keyScope,
        at: Core.wallClock)
    } catch {
      return fail(error)
    }
    roles[task] = nil
    holders[task] = nil
    shadows[task] = nil
    keys[circuit] = key
    // The worker may have left meanwhile, and another one may be at it.
    if !core.completed(task, by: session.id) { core.drop([task], state: "dropped") }
    advance(.keyMade(circuit))
  }
}
