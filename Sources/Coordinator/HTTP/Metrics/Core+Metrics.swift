import Foundation
import Wire

/// What an operator's graphs and alarms are made of.
extension Core {
  /// Owners that have series of their own; the jobs of all others are counted together.
  private static let owners = 100

  /// All metrics of the network at this moment; who sees no others' jobs sees their owners as one.
  func metrics(for caller: Caller) throws(CoordinatorError) -> [MetricFamily] {
    var families = [buildMetric()]
    families += try queueMetrics(seenBy: caller.role.seesEveryJob ? nil : caller.id)
    families += boardMetrics()
    families += try workerMetrics()
    families += storageMetrics()
    return families
  }

  private func buildMetric() -> MetricFamily {
    var family = MetricFamily("ezkl_build_info", .gauge, "One, with the version.")
    family.add(1, ["version": Product.version])
    return family
  }

  private func queueMetrics(
    seenBy owner: String?
  ) throws(CoordinatorError) -> [MetricFamily] {
    var jobs = MetricFamily("ezkl_jobs", .gauge, "Jobs that are kept, by stage.")
    let stages = try store.stages()
    for stage in JobStage.allCases {
      jobs.add(Double(stages[stage.rawValue] ?? 0), ["stage": stage.rawValue])
    }
    var ended = MetricFamily(
      "ezkl_jobs_ended_total", .counter, "Jobs that ended since the coordinator started, by how.")
    let ends = self.ends.all
    for stage in JobStage.allCases where stage.isFinal {
      ended.add(Double(ends[stage] ?? 0), ["stage": stage.rawValue])
    }
    var unfinished = MetricFamily(
      "ezkl_owner_jobs", .gauge, "Jobs that have not ended, by owner, priority and stage.")
    var depth = MetricFamily(
      "ezkl_queue_jobs", .gauge, "Jobs that wait for their turn, by owner and priority.")
    var age = MetricFamily(
      "ezkl_queue_oldest_age_seconds", .gauge,
      "Seconds since the oldest job that waits for its turn was submitted, by owner and priority.")
    let backlog = try store.backlog().map { entry in
      var entry = entry
      if let owner, entry.owner != owner { entry.owner = "others" }
      return entry
    }
    for entry in Self.bounded(backlog, to: Self.owners) {
      unfinished.add(
        Double(entry.jobs),
        ["owner": entry.owner, "priority": entry.priority, "stage": entry.stage.rawValue])
      guard entry.stage == .submitted else { continue }
      depth.add(Double(entry.jobs), ["owner": entry.owner, "priority": entry.priority])
      age.add(
        max(0, Self.wallClock - entry.oldest), ["owner": entry.owner, "priority": entry.priority])
    }
    return [jobs, ended, unfinished, depth, age]
  }

  /// The same with few owners: the series of a monitoring system are not for clients to multiply.
  static func bounded(_ backlog: [Backlog], to most: Int) -> [Backlog] {
    var totals: [String: Int] = [:]
    for entry in backlog { totals[entry.owner, default: 0] += entry.jobs }
    let kept = Set(
      totals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most).map(\.key))
    var merged: [String: Backlog] = [:]
    for var entry in backlog {
      if !kept.contains(entry.owner) { entry.owner = "others" }
      let key = "\(entry.owner) \(entry.priority) \(entry.stage)"
      if let other = merged[key] {
        entry.jobs += other.jobs
        entry.oldest = min(entry.oldest, other.oldest)
      }
      merged[key] = entry
    }
    return merged.sorted { $0.key < $1.key }.map(\.value)
  }

  private func boardMetrics() -> [MetricFamily] {
    let (tally, known) = locked { (self.tally, board.tasks) }
    let held = known.values.count { $0.holder != nil }
    var tasks = MetricFamily("ezkl_tasks", .gauge, "Tasks that workers hold, and that wait.")
    tasks.add(Double(held), ["state": "held"])
    tasks.add(Double(known.count - held), ["state": "waiting"])
    var attempts = MetricFamily(
      "ezkl_task_attempts_total", .counter, "Attempts at tasks that ended, by kind and outcome.")
    var seconds = MetricFamily(
      "ezkl_task_attempt_seconds_total", .counter,
      "Seconds that workers held those tasks, by kind and outcome.")
    for work in TaskTally.Work.allCases {
      for outcome in TaskTally.Outcome.allCases {
        let kind = TaskTally.Kind(work: work, outcome: outcome)
        let labels: KeyValuePairs = ["kind": work.rawValue, "outcome": outcome.rawValue]
        attempts.add(Double(tally.attempts[kind] ?? 0), labels)
        seconds.add(tally.seconds[kind] ?? 0, labels)
      }
    }
    var troubles = MetricFamily(
      "ezkl_troubles_total", .counter,
      "Failures, stalls, losses and lies of all workers since the coordinator started.")
    troubles.add(Double(tally.failures), ["kind": "failure"])
    troubles.add(Double(tally.stalls), ["kind": "stall"])
    troubles.add(Double(tally.losses), ["kind": "loss"])
    troubles.add(Double(tally.lies), ["kind": "lie"])
    return [tasks, attempts, seconds, troubles]
  }

  private func workerMetrics() throws(CoordinatorError) -> [MetricFamily] {
    var states = MetricFamily("ezkl_workers", .gauge, "Workers that ever joined, by state.")
    let counts = try workers().reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
    for state in Self.workerStates { states.add(Double(counts[state] ?? 0), ["state": state]) }
    var tasks = MetricFamily("ezkl_worker_tasks", .gauge, "Tasks that a connected worker holds.")
    var threads = MetricFamily("ezkl_worker_threads", .gauge, "Threads of a connected worker.")
    var memory = MetricFamily(
      "ezkl_worker_memory_bytes", .gauge, "Memory that a connected worker is believed to have.")
    var speed = MetricFamily(
      "ezkl_worker_speed_ratio", .gauge,
      "Predicted seconds of a worker's tasks divided by measured ones; 1 is as predicted.")
    var answers = MetricFamily(
      "ezkl_worker_answers_total", .counter, "Answers taken from a worker.")
    var troubles = MetricFamily(
      "ezkl_worker_troubles_total", .counter, "What went wrong with a worker, by kind.")
    var bytes = MetricFamily(
      "ezkl_worker_bytes_total", .counter,
      "Bytes on a worker's connection, as seen from the worker, since it connected.")
    for (session, worker, held) in connectedWorkers {
      let labels: KeyValuePairs = ["worker": worker.id, "name": worker.name]
      func with(_ name: String, _ value: String) -> KeyValuePairs<String, String> {
        ["worker": worker.id, "name": worker.name, name: value]
      }
      tasks.add(Double(held), labels)
      threads.add(Double(worker.threads), labels)
      memory.add(Double(worker.memory), labels)
      if let ratio = worker.health.speed { speed.add(ratio, labels) }
      answers.add(Double(worker.health.answers), labels)
      troubles.add(Double(worker.health.failures), with("kind", "failure"))
      troubles.add(Double(worker.health.stalls), with("kind", "stall"))
      troubles.add(Double(worker.health.losses), with("kind", "loss"))
      troubles.add(Double(worker.health.lies), with("kind", "lie"))
      let traffic = session.traffic
      bytes.add(Double(traffic.sent), with("direction", "sent"))
      bytes.add(Double(traffic.received), with("direction", "received"))
    }
    return [states, tasks, threads, memory, speed, answers, troubles, bytes]
  }

  /// The workers that are connected, and how many tasks each holds.
  private var connectedWorkers: [(session: WorkerSession, worker: BoardWorker, held: Int)] {
    locked {
      var held: [WorkerID: Int] = [:]
      for task in board.tasks.values {
        for worker in [task.holder, task.shadow].compactMap({ $0 }) {
          held[worker, default: 0] += 1
        }
      }
      return board.workers.values.sorted { $0.id < $1.id }.compactMap { worker in
        sessions[worker.id].map { ($0, worker, held[worker.id] ?? 0) }
      }
    }
  }

  private static let workerStates = [
    "live", "resting", "probation", "draining", "cordoned", "quarantined", "revoked", "away",
  ]

  private func storageMetrics() -> [MetricFamily] {
    var database = MetricFamily(
      "ezkl_database_bytes", .gauge, "Bytes of the database's files.")
    for (part, suffix) in [("main", ""), ("log", "-wal")] {
      let attributes = try? FileManager.default.attributesOfItem(atPath: store.path + suffix)
      database.add(Double((attributes?[.size] as? UInt64) ?? 0), ["part": part])
    }
    let folder = try? FileManager.default.attributesOfFileSystem(forPath: artifacts.directory)
    return [
      MetricFamily(
        "ezkl_artifact_bytes", .gauge, "Bytes of artifacts in the home folder.",
        Double(artifacts.totalBytes)),
      MetricFamily(
        "ezkl_artifacts", .gauge, "Artifacts in the home folder.", Double(artifacts.count)),
      database,
      MetricFamily(
        "ezkl_disk_free_bytes", .gauge, "Free bytes where the home folder is.",
        Double((folder?[.systemFreeSize] as? UInt64) ?? 0)),
    ]
  }
}

extension MetricFamily {
  /// What is asked over HTTP.
  static func http(_ gauges: WebGauges) -> [MetricFamily] {
    var requests = MetricFamily(
      "ezkl_http_requests_total", .counter, "Requests over HTTP, by route and status.")
    for (kind, count) in gauges.requests.all {
      requests.add(
        Double(count),
        ["method": kind.method, "route": kind.path, "status": "\(kind.status)"])
    }
    return [
      requests,
      MetricFamily(
        "ezkl_http_connections", .gauge, "HTTP connections that are open.",
        Double(gauges.connections)),
    ]
  }
}
