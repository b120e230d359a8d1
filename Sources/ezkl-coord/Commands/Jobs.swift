import Console
import Coordinator
import Foundation

/// `jobs`: the jobs of a coordinator.
let jobsCommand = Command(
  "jobs", "Lists the jobs of a coordinator, newest first.",
  options: [
    .flag("all", "those that ended as well, however long ago (default: the last 50)"),
    .value(
      "state", "STATE",
      "only those in this state: running, ended, or a stage such as proving, failed or done"),
  ] + CommandOption.client,
  examples: [
    ("jobs", "the jobs of the coordinator in the home folder"),
    ("jobs --state running", "what is worked on or waits"),
    ("jobs --all --state failed --json", "all failures, for a program"),
  ],
  exitCodes: ExitCode.ofClients
) { arguments in
  let states = ["running", "ended"] + JobStage.allCases.map(\.rawValue)
  let state = try arguments.choice("state", of: states)
  return try reporting {
    let stages: [JobStage]? =
      switch state {
      case nil: nil
      case "running": JobStage.unfinished
      case "ended": JobStage.allCases.filter(\.isFinal)
      case let stage?: JobStage(rawValue: stage).map { [$0] }
      }
    // A program gets what it asked for; one more than is shown says whether there are more.
    let shown = arguments.has("all") || arguments.has("json") ? nil : 50
    let jobs = try arguments.client().jobs(in: stages, limit: shown.map { $0 + 1 })
    if arguments.has("json") {
      try printJSON(jobs)
      return .success
    }
    var table = Table([
      .text("job"), .text("model"), .text("stage"), .text("submitted"), .text("detail"),
    ])
    for job in jobs.prefix(shown ?? jobs.count) {
      table.add([job.id, job.model, job.stage.rawValue, timeText(job.submitted), job.detail])
    }
    printText(table.isEmpty ? "no jobs\n" : table.rendered())
    if let shown, jobs.count > shown { printText("and older ones (--all)\n") }
    return .success
  }
}

/// `job show`: one job, followed to its end if asked.
let jobShowCommand = showCommand("job show")

/// `job`: the same, shorter.
let jobCommand = showCommand("job")

private func showCommand(_ name: String) -> Command {
  Command(
    name, "Shows one job.", positionals: [Positional("ID", "the job")],
    options: [
      .flag("follow", "show its progress until it ends"),
      .flag("events", "every attempt at its tasks: which worker, how long, why it ended"),
    ] + CommandOption.client,
    examples: [
      ("\(name) 7f3a --follow", "watch a job"),
      ("\(name) 7f3a --events", "who did what, and what went wrong"),
    ],
    exitCodes: [.failed, .cancelled] + ExitCode.ofClients, run: show)
}

private func show(_ arguments: Arguments) throws -> ExitCode {
  try reporting {
    let client = try arguments.client()
    let id = arguments.positionals[0]
    if arguments.has("events") {
      let attempts = try client.attempts(of: id)
      try arguments.has("json") ? printJSON(attempts) : printText(table(attempts))
      return .success
    }
    let summary: JobSummary
    if arguments.has("follow") {
      let progress = JobProgress(json: arguments.has("json"))
      summary = try client.follow(id) { progress.show($0) }
      progress.finish()
    } else {
      summary = try client.job(id)
    }
    if arguments.has("json") {
      try printJSON(summary, oneLine: arguments.has("follow"))
    } else {
      printText(
        """
        job       \(summary.id)
        model     \(Human.oneLine(summary.model))
        stage     \(summary.stage.rawValue)
        detail    \(Human.oneLine(summary.detail))
        submitted \(timeText(summary.submitted))
        updated   \(timeText(summary.updated))

        """)
      for line in summary.dropped { printText("dropped   \(Human.oneLine(line))\n") }
      for delivery in summary.webhooks ?? [] { printText("webhook   \(line(delivery))\n") }
    }
    guard arguments.has("follow") else { return .success }
    switch summary.stage {
    case .done: return .success
    case .cancelled: return .cancelled
    default: return .failed
    }
  }
}

/// What became of a message about a job's end.
private func line(_ delivery: WebhookDelivery) -> String {
  var text = "\(delivery.receiver)\(delivery.isOperators ? " (the operator's)" : ""): "
  text +=
    "\(delivery.state.rawValue), \(delivery.attempts) attempt\(delivery.attempts == 1 ? "" : "s")"
  if let status = delivery.status { text += ", status \(status)" }
  if !delivery.detail.isEmpty { text += ", \(delivery.detail)" }
  if let next = delivery.next { text += ", again at \(timeText(next))" }
  return Human.oneLine(text)
}

private func table(_ attempts: [AttemptRecord]) -> String {
  var table = Table([
    .number("task"), .text("work"), .text("worker"), .text("began"), .number("took"),
    .text("end"),
  ])
  for attempt in attempts {
    table.add([
      String(attempt.task), attempt.work + (attempt.isReplay ? " (as well)" : ""),
      Human.oneLine(attempt.worker), timeText(attempt.began),
      attempt.ended.map { Human.duration($0 - attempt.began) } ?? "",
      Human.oneLine(attempt.outcome ?? "under way"),
    ])
  }
  return table.isEmpty ? "no attempts\n" : table.rendered()
}

/// `job delete`: nothing of a job stays.
let jobDeleteCommand = Command(
  "job delete", "Removes a job that has ended, with its proof document.",
  positionals: [Positional("ID", "the job")], options: CommandOption.client,
  notes: ["'serve --keep-jobs 30d' does it by itself for jobs that ended so long ago."],
  examples: [("job delete 7f3a", "after 'document 7f3a --out proof.json'")],
  exitCodes: [.failed] + ExitCode.ofClients
) { arguments in
  try reporting {
    let id = arguments.positionals[0]
    try arguments.client().delete(id)
    try arguments.has("json") ? printJSON(["deleted": id]) : printText("deleted \(id)\n")
    return .success
  }
}

/// `document`: the proof document of a finished job.
let documentCommand = Command(
  "document", "Fetches the proof document of a finished job.",
  positionals: [Positional("ID", "the job")],
  options: [.value("out", "FILE", "where it goes (default: standard output)")]
    + CommandOption.client,
  examples: [("document 7f3a --out proof.json", "save it")],
  exitCodes: [.failed] + ExitCode.ofClients
) { arguments in
  try reporting {
    if let out = arguments.string("out") { try checkWritable(out) }
    let data = try arguments.client().document(arguments.positionals[0])
    if let out = arguments.string("out") {
      try writeAtomically(data, to: out)
    } else {
      printText(String(decoding: data, as: UTF8.self))
    }
    return .success
  }
}

/// `cancel`: ends a job, or all of them.
let cancelCommand = Command(
  "cancel", "Ends a job.", positionals: [Positional("ID", "the job", optional: true)],
  options: [.flag("all", "every job that has not ended")] + CommandOption.client,
  notes: [
    "A coordinator that does not run need not be started: its jobs are ended in the home folder."
  ],
  examples: [
    ("cancel 7f3a", "end a job; its workers forget it"), ("cancel --all", "end all that runs"),
  ],
  exitCodes: [.failed] + ExitCode.ofClients
) { arguments in
  guard (arguments.positional(0) == nil) == arguments.has("all") else {
    throw CommandFailure(.usage, "cancel takes the ID of a job, or --all")
  }
  return try reporting {
    var ids: [String]
    do {
      let client = try arguments.client()
      ids =
        try arguments.positional(0).map { [$0] }
        ?? client.jobs(in: JobStage.unfinished).map(\.id)
      for id in ids {
        do {
          try client.cancel(id)
          if !arguments.has("json") { printText("cancelled \(id)\n") }
        } catch CoordinatorError.refused("job_not_finished", _) where arguments.has("all") {
          // It has just ended by itself.
          continue
        }
      }
    } catch let error as CoordinatorError where arguments.isHomeIdle(error) {
      ids =
        try arguments.positional(0).map { [$0] } ?? OfflineHome.unfinished(home: arguments.home)
      for id in ids {
        try OfflineHome.cancel(id, home: arguments.home)
        if !arguments.has("json") { printText("cancelled \(id)\n") }
      }
    }
    if arguments.has("json") {
      try arguments.has("all") ? printJSON(["cancelled": ids]) : printJSON(["cancelled": ids[0]])
    } else if ids.isEmpty {
      printText("no jobs\n")
    }
    return .success
  }
}

extension Arguments {
  /// Whether a request failed because the coordinator of the home folder does not run.
  fileprivate func isHomeIdle(_ error: CoordinatorError) -> Bool {
    guard case .unreachable = error, string("to") == nil, string("token") == nil else {
      return false
    }
    return true
  }
}
