import Console
import Coordinator

/// `worker list`: the machines.
let workerListCommand = Command(
  "worker list", "Lists the workers and what they do.", options: CommandOption.client,
  examples: [("worker list", "every worker that ever joined")], exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let workers = try arguments.client().workers()
    if arguments.has("json") {
      try printJSON(workers)
      return .success
    }
    var table = Table([
      .text("worker"), .text("name"), .text("state"), .number("threads"), .number("memory"),
      .number("tasks"), .text("last seen"),
    ])
    for worker in workers {
      table.add([
        worker.id, worker.name, worker.state, String(worker.threads),
        Human.bytes(Int(clamping: worker.memoryBytes)), String(worker.tasks),
        timeText(worker.lastSeen),
      ])
    }
    printText(table.isEmpty ? "no workers\n" : table.rendered())
    return .success
  }
}

/// `worker drain`: takes a machine out without losing work.
let workerDrainCommand = Command(
  "worker drain", "Lets a worker finish what it holds and leave.",
  positionals: [Positional("WORKER", "its id or name")], options: CommandOption.client,
  examples: [("worker drain gpu-3", "take a machine out")], exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let id = arguments.positionals[0]
    try arguments.client().drainWorker(id)
    try arguments.has("json") ? printJSON(["draining": id]) : printText("draining \(id)\n")
    return .success
  }
}

/// `worker revoke`: bars a machine for good.
let workerRevokeCommand = Command(
  "worker revoke", "Bars a worker's key for good.",
  positionals: [Positional("WORKER", "its id or name")], options: CommandOption.client,
  examples: [("worker revoke gpu-3", "its tasks go elsewhere at once")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let id = arguments.positionals[0]
    try arguments.client().revokeWorker(id)
    try arguments.has("json") ? printJSON(["revoked": id]) : printText("revoked \(id)\n")
    return .success
  }
}
