import Console
import Coordinator
import Foundation

/// `jobs`: all jobs of a coordinator.
let jobsCommand = Command(
  "jobs", "Lists the jobs of a coordinator, newest first.", options: CommandOption.client,
  examples: [("jobs", "the jobs of the coordinator in the home folder")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let jobs = try arguments.client().jobs()
    if arguments.has("json") {
      try printJSON(jobs)
      return .success
    }
    var table = Table([
      .text("job"), .text("model"), .text("stage"), .text("submitted"), .text("detail"),
    ])
    for job in jobs {
      table.add([job.id, job.model, job.stage.rawValue, timeText(job.submitted), job.detail])
    }
    printText(table.isEmpty ? "no jobs\n" : table.rendered())
    return .success
  }
}

/// `job`: one job, followed to its end if asked.
let jobCommand = Command(
  "job", "Shows one job.", positionals: [Positional("ID", "the job")],
  options: [.flag("follow", "show its progress until it ends")] + CommandOption.client,
  examples: [("job 7f3a --follow", "watch a job")],
  exitCodes: [.failed, .cancelled] + ExitCode.ofClients
) { arguments in
  try reporting {
    let client = try arguments.client()
    let id = arguments.positionals[0]
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
    }
    guard arguments.has("follow") else { return .success }
    switch summary.stage {
    case .done: return .success
    case .cancelled: return .cancelled
    default: return .failed
    }
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

/// `cancel`: ends a job.
let cancelCommand = Command(
  "cancel", "Ends a job.", positionals: [Positional("ID", "the job")],
  options: CommandOption.client,
  notes: [
    "A coordinator that does not run need not be started: its job is ended in the home folder."
  ],
  examples: [("cancel 7f3a", "end a job; its workers forget it")],
  exitCodes: [.failed] + ExitCode.ofClients
) { arguments in
  try reporting {
    let id = arguments.positionals[0]
    do {
      try arguments.client().cancel(id)
    } catch let error as CoordinatorError where arguments.isHomeIdle(error) {
      try OfflineHome.cancel(id, home: arguments.home)
    }
    try arguments.has("json") ? printJSON(["cancelled": id]) : printText("cancelled \(id)\n")
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
