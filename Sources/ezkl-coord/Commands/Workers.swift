import Console
import Coordinator
import Foundation

/// `worker list`: the machines.
let workerListCommand = Command(
  "worker list", "Lists the workers and what they do.", options: CommandOption.client,
  notes: [
    "States: live; resting for seconds after a trouble; cordoned by an operator, or for a while after troubles in a row; "
      + "probation after that, one task at a time; quarantined after a proven lie, until 'worker uncordon'; draining; "
      + "revoked; away.",
    "Speed is the predicted time of its work divided by the measured one.",
  ],
  examples: [
    ("worker list", "every worker that ever joined"),
    ("worker list --json", "the same with the whole record, for a program"),
  ], exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let workers = try arguments.client().workers()
    if arguments.has("json") {
      try printJSON(workers)
      return .success
    }
    var table = Table([
      .text("worker"), .text("name"), .text("state"), .number("threads"), .number("memory"),
      .number("tasks"), .number("speed"), .text("last seen"), .text("reason"),
    ])
    for worker in workers {
      table.add([
        worker.id, worker.name, worker.state, String(worker.threads),
        Human.bytes(Int(clamping: worker.record?.believedMemory ?? worker.memoryBytes)),
        String(worker.tasks), worker.record?.speed.map { Human.decimal($0, digits: 2) } ?? "",
        timeText(worker.lastSeen), Human.oneLine(worker.record?.reason ?? ""),
      ])
    }
    printText(table.isEmpty ? "no workers\n" : table.rendered())
    return .success
  }
}

/// `worker show`: all that is known of a machine.
let workerShowCommand = Command(
  "worker show", "Shows what was seen of a worker.",
  positionals: [Positional("WORKER", "its id or name")], options: CommandOption.client,
  examples: [("worker show gpu-3", "troubles, lies, speed, and why it gets no tasks")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let wanted = arguments.positionals[0]
    let workers = try arguments.client().workers().filter { $0.id == wanted || $0.name == wanted }
    if workers.isEmpty { throw CoordinatorError.unknownWorker(wanted) }
    try arguments.has("json") ? printJSON(workers) : printText(workers.map(\.text).joined())
    return .success
  }
}

/// `worker cordon`: a machine gets nothing new.
let workerCordonCommand = Command(
  "worker cordon", "Gives a worker nothing new; it finishes what it holds and stays.",
  positionals: [Positional("WORKER", "its id or unique name", repeated: true)],
  options: [.value("reason", "TEXT", "what 'worker list' says about it")] + CommandOption.client,
  notes: ["It lasts over restarts of both sides, until 'worker uncordon'."],
  examples: [("worker cordon gpu-3 --reason 'new disk on Monday'", "keep it out of new work")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try onWorkers(arguments, "cordoned") { client, worker throws(CoordinatorError) in
    try client.cordonWorker(worker, reason: arguments.string("reason"))
  }
}

/// `worker uncordon`: a machine is trusted again.
let workerUncordonCommand = Command(
  "worker uncordon", "Trusts a worker again: ends a cordon, a drain or a quarantine.",
  positionals: [Positional("WORKER", "its id or unique name", repeated: true)],
  options: CommandOption.client,
  notes: [
    "A worker in quarantine gave an answer that was proven wrong: find out why first. Its proofs would not verify, but it "
      + "costs jobs time."
  ],
  examples: [("worker uncordon gpu-3", "after its memory was changed")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try onWorkers(arguments, "uncordoned") { client, worker throws(CoordinatorError) in
    try client.uncordonWorker(worker)
  }
}

/// `worker drain`: takes a machine out without losing work.
let workerDrainCommand = Command(
  "worker drain", "Lets a worker finish what it holds and leave.",
  positionals: [Positional("WORKER", "its id or unique name", repeated: true)],
  options: [.value("deadline", "TIME", "what it still holds then goes to others (default: never)")]
    + CommandOption.client,
  notes: ["It lasts over restarts of both sides, until 'worker uncordon'."],
  examples: [
    ("worker drain gpu-3", "take a machine out"),
    ("worker drain gpu-3 --deadline 10m", "the machine goes in ten minutes"),
  ], exitCodes: ExitCode.ofClients
) { arguments in
  let deadline = try arguments.duration("deadline").map { Double($0) }
  return try onWorkers(arguments, "draining") { client, worker throws(CoordinatorError) in
    try client.drainWorker(worker, deadline: deadline)
  }
}

/// `worker forget`: a machine that will not come back.
let workerForgetCommand = Command(
  "worker forget", "Forgets a worker that is not connected: its key and all that was seen of it.",
  positionals: [Positional("WORKER", "its id or unique name", repeated: true)],
  options: CommandOption.client,
  notes: ["To come back it needs a token. A revoked key stays revoked."],
  examples: [("worker forget gpu-3", "the machine was sold")], exitCodes: ExitCode.ofClients
) { arguments in
  try onWorkers(arguments, "forgotten") { client, worker throws(CoordinatorError) in
    try client.forgetWorker(worker)
  }
}

/// `worker revoke`: bars a machine for good.
let workerRevokeCommand = Command(
  "worker revoke", "Bars a worker's key for good.",
  positionals: [Positional("WORKER", "its id or unique name", repeated: true)],
  options: CommandOption.client,
  notes: [
    "The token that enrolled it enrols nobody any more; other keys that it enrolled are named, and stay."
  ],
  examples: [("worker revoke gpu-3", "its tasks go elsewhere at once")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try eachNamed(arguments, "revoked") { client, worker throws(CoordinatorError) in
    let revocation = try client.revokeWorker(worker)
    return (
      NamedOutcome(
        done: "revoked", name: worker, token: revocation.token, others: revocation.others),
      revocation.text
    )
  }
}

/// `cluster show`: everything at a glance.
let clusterShowCommand = Command(
  "cluster show", "Shows the coordinator, its workers and its jobs in numbers.",
  options: CommandOption.client, examples: [("cluster show", "is it well?")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let cluster = try arguments.client().cluster()
    if arguments.has("json") {
      try printJSON(cluster)
      return .success
    }
    func list(_ counts: [String: Int]) -> String {
      counts.isEmpty
        ? "none"
        : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
    printText(
      """
      version   \(cluster.version), up \(Human.duration(cluster.uptime))
      workers   \(list(cluster.workers))
      capacity  \(cluster.threads) threads, \(Human.bytes(Int(clamping: cluster.memoryBytes))), \
      \(Human.bytes(Int(clamping: cluster.heldBytes))) of it held
      jobs      \(list(cluster.jobs))
      tasks     \(cluster.tasksHeld) at workers, \(cluster.tasksWaiting) wait
      artifacts \(Human.bytes(Int(clamping: cluster.artifactBytes)))

      """)
    return .success
  }
}

/// Does something to each worker that the command names, and says so.
private func onWorkers(
  _ arguments: Arguments, _ done: String,
  _ body: (JobClient, String) throws(CoordinatorError) -> Void
) throws -> ExitCode {
  try eachNamed(arguments, done) { client, worker throws(CoordinatorError) in
    try body(client, worker)
    return (NamedOutcome(done: done, name: worker), "")
  }
}

extension WorkerSummary {
  /// Everything about a worker, a line each.
  fileprivate var text: String {
    var text = """
      worker    \(id)
      name      \(Human.oneLine(name))
      state     \(state)
      threads   \(threads)
      memory    \(Human.bytes(Int(clamping: memoryBytes)))
      tasks     \(tasks)
      last seen \(timeText(lastSeen))

      """
    guard let record else { return text }
    if let speed = record.speed {
      text += "speed     \(Human.decimal(speed, digits: 2)) of the prediction\n"
    }
    text += "answers   \(record.answers); \(record.failures) failures, \(record.stalls) stalls, "
    text += "\(record.losses) losses, \(record.lies) lies\n"
    if let bytes = record.believedMemory {
      text += "believed  \(Human.bytes(Int(clamping: bytes))) of memory, after it was lost\n"
    }
    if let trouble = record.lastTrouble { text += "trouble   \(Human.oneLine(trouble))\n" }
    if let reason = record.reason {
      text += "reason    \(Human.oneLine(reason))\n"
      text += "until     \(record.until.map(timeText) ?? "'worker uncordon'")\n"
    }
    return text
  }
}
