import Console
import Coordinator
import Foundation

/// `top`: what the network does, as it does it.
let topCommand = Command(
  "top", "Shows workers, queue and jobs as they change.",
  options: [
    .flag("once", "print it once (what happens anyway where there is no terminal)"),
    .value("interval", "TIME", "between two looks (default: 2s)"),
  ] + CommandOption.client,
  notes: [
    "Keys: q quits; up, down and pages scroll the workers; left and right choose what they are sorted by; r turns the order round.",
    "With --json it is printed once: 'cluster', 'workers' and 'jobs' as 'cluster show', 'worker list' and 'jobs' have them.",
  ],
  examples: [("top --to prover.example.org:9000", "watch a network"), ("top --once", "for a log")],
  exitCodes: [.cancelled, .interrupted] + ExitCode.ofClients
) { arguments in
  try reporting {
    let interval = Double(max(1, try arguments.duration("interval") ?? 2))
    let client = try arguments.client()
    if arguments.has("json") {
      try printJSON(try TopLook(client))
      return .success
    }
    guard !arguments.has("once"), Terminal.detect(descriptor: 1).isInteractive,
      let terminal = ScreenTerminal()
    else {
      printText(TopView().plain(try TopLook(client).snapshot(since: nil)))
      return .success
    }
    defer { terminal.giveBack() }
    Interrupts.install(last: { terminal.giveBack() }) { cause in
      terminal.giveBack()
      exit(cause.exitCode.rawValue)
    }
    return try watch(client, on: terminal, every: interval)
  }
}

private func watch(
  _ client: JobClient, on screen: ScreenTerminal, every interval: Double
) throws -> ExitCode {
  var view = TopView()
  var last: TopLook?
  while true {
    let look = try TopLook(client)
    let snapshot = look.snapshot(since: last)
    last = look
    let end = ProgressDisplay.monotonicSeconds() + interval
    while true {
      screen.draw(view.screen(snapshot, on: .detect(descriptor: 1), rows: screen.rows))
      let left = end - ProgressDisplay.monotonicSeconds()
      if left <= 0 { break }
      for key in screen.keys(within: left) {
        guard view.press(key, rows: screen.rows, workers: snapshot.workers.count) else {
          return .success
        }
      }
    }
  }
}

/// What a coordinator said at one moment.
private struct TopLook: Encodable {
  /// The most jobs that are asked for.
  private static let mostJobs = 50

  let cluster: ClusterSummary
  let workers: [WorkerSummary]
  let jobs: [JobSummary]
  private let time: Double

  private enum CodingKeys: String, CodingKey { case cluster, workers, jobs }

  init(_ client: JobClient) throws(CoordinatorError) {
    cluster = try client.cluster()
    workers = try client.workers().filter { $0.state != "revoked" }
    jobs = try client.jobs(in: JobStage.unfinished, limit: Self.mostJobs)
    time = ProgressDisplay.monotonicSeconds()
  }

  private var answers: Int { workers.reduce(0) { $0 + ($1.record?.answers ?? 0) } }

  /// The moment as it is shown, with rates since an earlier one.
  func snapshot(since earlier: TopLook?) -> TopSnapshot {
    let unfinished = JobStage.unfinished.reduce(0) { $0 + (cluster.jobs[$1.rawValue] ?? 0) }
    return TopSnapshot(
      heading: heading(since: earlier), workers: workers.map(line), jobs: jobs.map(line),
      moreJobs: max(0, unfinished - jobs.count))
  }

  private func heading(since earlier: TopLook?) -> [String] {
    func list(_ counts: [String: Int]) -> String {
      counts.isEmpty
        ? "none"
        : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
    var rate = ""
    if let earlier, time > earlier.time {
      let perSecond = Double(max(0, answers - earlier.answers)) / (time - earlier.time)
      rate = "; \(Human.decimal(perSecond, digits: 1)) answers/s"
    }
    return [
      "coordinator \(cluster.version), up \(Human.duration(cluster.uptime))",
      "workers \(list(cluster.workers)); \(cluster.threads) threads, "
        + "\(Human.bytes(Int(clamping: cluster.heldBytes))) of "
        + "\(Human.bytes(Int(clamping: cluster.memoryBytes))) held",
      "jobs    \(list(cluster.jobs))",
      "tasks   \(cluster.tasksHeld) at workers, \(cluster.tasksWaiting) wait\(rate)",
    ]
  }

  private func line(_ worker: WorkerSummary) -> TopSnapshot.Worker {
    let record = worker.record
    let work = (worker.work ?? []).map { "\($0.job): \($0.keys) keys, \($0.shares) shares" }
    return TopSnapshot.Worker(
      name: worker.name, state: worker.state, isWell: ["live", "draining"].contains(worker.state),
      threads: worker.threads, held: worker.heldBytes ?? 0,
      memory: record?.believedMemory ?? worker.memoryBytes, tasks: worker.tasks,
      speed: record?.speed, activity: work.joined(separator: "; "),
      troubles: record.map { $0.failures + $0.stalls + $0.losses + $0.lies } ?? 0,
      reason: record?.reason ?? "")
  }

  private func line(_ job: JobSummary) -> TopSnapshot.Job {
    TopSnapshot.Job(
      id: job.id, stage: job.stage.rawValue, model: job.model,
      age: Date().timeIntervalSince1970 - job.submitted, detail: job.detail)
  }
}
