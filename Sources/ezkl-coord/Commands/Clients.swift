import Console
import Coordinator

/// `client list`: whoever may call the coordinator.
let clientListCommand = Command(
  "client list", "Lists the keys that may call the coordinator, with their roles.",
  options: CommandOption.client,
  examples: [("client list", "everybody but the workers")], exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let clients = try arguments.client().clients()
    if arguments.has("json") {
      try printJSON(clients)
      return .success
    }
    var table = Table([
      .text("client"), .text("name"), .text("role"), .text("state"), .number("jobs"),
      .text("last seen"),
    ])
    for client in clients {
      table.add([
        client.id, client.name, client.role.rawValue, client.state, String(client.jobs),
        timeText(client.lastSeen),
      ])
    }
    printText(table.isEmpty ? "no clients\n" : table.rendered())
    return .success
  }
}

/// `client revoke`: bars a key for good.
let clientRevokeCommand = Command(
  "client revoke", "Bars a client's key for good and ends its connections at once.",
  positionals: [
    Positional("CLIENT", "its id or unique name, from 'client list'", repeated: true)
  ],
  options: CommandOption.client,
  notes: [
    "Its jobs go on; 'cancel' ends them. The token that enrolled it enrols nobody any more; other keys that it enrolled are "
      + "named, and stay."
  ],
  examples: [("client revoke 3c9e5a01b2d4f678", "nothing more is answered to this key")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try eachNamed(arguments, "revoked") { client, id throws(CoordinatorError) in
    let revocation = try client.revokeClient(id)
    return (
      NamedOutcome(
        done: "revoked", name: id, token: revocation.token, others: revocation.others),
      revocation.text
    )
  }
}

extension KeyRevocation {
  /// What became of the token, a line each.
  var text: String {
    guard let token else { return "" }
    var text = "token \(token) that enrolled it enrols nobody any more\n"
    if let others, !others.isEmpty {
      text += "it enrolled others, which stay: \(others.joined(separator: ", "))\n"
    }
    return text
  }
}

/// `audit`: who did what.
let auditCommand = Command(
  "audit", "Shows who did what, when and from where, newest first.",
  options: [.value("limit", "N", "how many entries (default: 100, at most 10000)")]
    + CommandOption.client,
  notes: ["The coordinator keeps the newest 100,000 entries and lets nobody change them."],
  examples: [("audit --limit 20", "the last twenty things that happened")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let limit = try arguments.int("limit", in: 1...10_000) ?? 100
    let entries = try arguments.client().audit(limit: limit)
    if arguments.has("json") {
      try printJSON(entries)
      return .success
    }
    var table = Table([
      .text("time"), .text("who"), .text("role"), .text("from"), .text("what"), .text("about"),
      .text("outcome"),
    ])
    for entry in entries {
      let who = entry.member.isEmpty ? entry.name : "\(entry.name) (\(entry.member))"
      table.add([
        timeText(entry.time), Human.oneLine(who), entry.role, entry.address, entry.action,
        Human.oneLine(entry.subject), entry.outcome,
      ])
    }
    printText(table.isEmpty ? "no entries\n" : table.rendered())
    return .success
  }
}
