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
    log("worker \(member.name) (\(member.id)) is turned away: \(text)")
    return Admission.Refusal(code: .duplicate, text: text)
  }

  /// An admitted worker is there.
  func joined(_ session: WorkerSession) {
    locked {
      if stopped { return session.end() }
      sessions.updateValue(session, forKey: session.id)?.cut()
      let worker = BoardWorker(
        id: session.id, name: session.name, threads: session.threads, memory: session.memoryBytes)
      handle(.joined(worker))
    }
    log("worker \(session.name) (\(session.id)) joined with \(session.threads) threads")
  }

  /// A worker's connection ended.
  func left(_ session: WorkerSession, reason: String) {
    let wasCurrent = locked {
      guard sessions[session.id] === session else { return false }
      sessions[session.id] = nil
      handle(.left(session.id, reason: "its connection ended: \(reason)"))
      return true
    }
    session.cut()
    if wasCurrent { log("worker \(session.name) (\(session.id)) left: \(reason)") }
    write("last seen") { [store] () throws(CoordinatorError) in
      try store.setLastSeen(session.id, at: Self.wallClock)
    }
  }

  /// A worker said something.
  func heard(_ session: WorkerSession) {
    locked {
      if sessions[session.id] === session { handle(.heard(session.id)) }
    }
  }

  /// Passes a worker's answer to the job that its task belongs to.
  func deliver(_ event: JobExecutor.Event, from session: WorkerSession) {
    guard let task = event.task else { return }
    locked { sessions[session.id] === session ? owners[task] : nil }?.post(event, from: session)
  }

  /// A worker could not do a task.
  func failed(_ task: TaskID, _ failure: TaskFailure, from session: WorkerSession) {
    let text = "\(Admission.printable(failure.code)): \(String(failure.text.prefix(500)))"
    log("task \(task) failed at \(session.name): \(text)")
    locked {
      if sessions[session.id] === session {
        handle(.failed(task, by: session.id, text: text, retryable: failure.retryable))
      }
    }
  }

  /// A worker says that it takes nothing new.
  func drain(_ worker: WorkerID) { locked { handle(.drain(worker)) } }

  /// Lets a worker finish what it holds and leave.
  func dismiss(_ worker: WorkerID) {
    locked {
      handle(.drain(worker))
      sessions[worker]?.post(.drain)
    }
  }

  /// Bars a worker's key for good, by its id or name.
  func revoke(worker: String) throws(CoordinatorError) {
    for id in try store.revokeWorker(worker) { locked { handle(.revoke(id)) } }
  }

  /// Keeps a worker away from a job that it gave a wrong share.
  func quarantine(_ worker: WorkerID, job: JobID) {
    locked { handle(.quarantine(worker, job: job)) }
  }

  /// The connected workers that may serve a job, with their traffic and the tasks they hold of it.
  func workers(of job: JobID) -> [WorkerProgress] {
    locked {
      board.eligible(for: job).compactMap { worker in
        guard let session = sessions[worker.id] else { return nil }
        let traffic = session.traffic
        return WorkerProgress(
          name: worker.name, tasks: board.held(by: worker.id).filter { $0.job == job }.count,
          bytesSent: traffic.sent, bytesReceived: traffic.received)
      }
    }
  }

  /// All workers that ever joined, with what they do now.
  func workers() throws(CoordinatorError) -> [WorkerSummary] {
    let members = try store.members(.worker)
    return locked {
      members.map { member in
        let worker = board.workers[member.id]
        return WorkerSummary(
          id: member.id, name: member.name,
          state: member.revoked ? "revoked" : worker?.availability.rawValue ?? "away",
          threads: member.threads, memoryBytes: member.memoryBytes,
          tasks: board.held(by: member.id).count,
          lastSeen: worker == nil ? member.lastSeen : Self.wallClock)
      }
    }
  }

  /// Whom a job can be cut for now.
  func workforce(of job: JobID, workers: Int, limit: UInt64?) -> Workforce {
    let offers = locked { board.eligible(for: job).map(\.memory) }
    return Workforce(workers: workers, offers: offers, limit: limit)
  }

  /// Whom a plan without a job is made for: as many workers as asked for, with the memory asked for.
  func workforce(_ options: SubmitOptions) -> Workforce {
    let offers = locked { sessions.values.map(\.memoryBytes) }
    let workers = max(1, options.workers ?? offers.count)
    if offers.isEmpty, let memory = options.memory {
      let one = MemoryBudget(machine: memory, group: nil, operatorLimit: nil).forTasks
      let assumed = [UInt64](repeating: one, count: workers)
      return Workforce(workers: workers, offers: assumed, limit: nil)
    }
    return Workforce(workers: workers, offers: offers, limit: options.memory)
  }
}
