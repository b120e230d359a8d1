import Console
import Coordinator

/// `token create`: an invitation for a worker or a client.
let tokenCreateCommand = Command(
  "token create", "Makes a join token for a role, or a token for HTTP.",
  options: [
    .value(
      "role", "ROLE",
      "worker, viewer, client, operator or admin (default: worker; with --http viewer)"),
    .value("expires", "TIME", "how long it is good, such as 24h or 7d (default: 24h)"),
    .value("uses", "N", "how many keys it may enrol (default: 1; workers: 1024)"),
    .value("address", "HOST:PORT", "the address it carries (default: the coordinator's)"),
    .value(
      "http", "NAME", "a token that the program of this name shows over HTTP; it enrols no key"),
  ] + CommandOption.client,
  notes: [
    "The token carries a secret; it is shown once and never again.",
    "Keys of one token share its limits and its part of the workers: make one for everybody who is to have a part of his own.",
    "A viewer sees jobs and workers. A client submits, and sees, cancels and fetches its own jobs. An operator runs the network: all jobs, workers, tokens for the roles before it. An admin does everything.",
  ],
  examples: [
    ("token create", "a worker token for a day"),
    (
      "token create --uses 1 --expires 1h > token.txt",
      "for one machine: 'ezkl-worker join … --token-file token.txt'"
    ),
    ("token create --role client --expires 7d", "let somebody submit jobs"),
    ("token create --http prometheus --expires 365d", "let a program read /metrics"),
  ],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let word = try arguments.choice("role", of: TokenRole.allCases.map(\.rawValue))
    let seconds = try arguments.duration("expires") ?? 86400
    if let text = arguments.string("address") {
      _ = try Arguments.endpoint(text, name: "--address")
    }
    let token = try arguments.client().createToken(
      role: word.flatMap(TokenRole.init) ?? (arguments.string("http") == nil ? .worker : .viewer),
      lifetime: Double(seconds), address: arguments.string("address"),
      uses: try arguments.int("uses", in: 1...1_000_000), bearer: arguments.string("http"))
    try arguments.has("json") ? printJSON(["token": token]) : printText(token + "\n")
    return .success
  }
}

/// `token list`: the tokens, without their secrets.
let tokenListCommand = Command(
  "token list", "Lists the tokens, newest first.", options: CommandOption.client,
  examples: [("token list", "who may still join")], exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let tokens = try arguments.client().tokens()
    if arguments.has("json") {
      try printJSON(tokens)
      return .success
    }
    var table = Table([
      .text("token"), .text("role"), .text("expires"), .number("uses"), .text("state"),
      .text("for"),
    ])
    for token in tokens {
      table.add([
        token.id, token.role.rawValue, timeText(token.expires),
        token.maximumUses.map { "\(token.uses) of \($0)" } ?? String(token.uses),
        token.revoked ? "revoked" : "valid", token.bearer.map { "HTTP: \($0)" } ?? "joining",
      ])
    }
    printText(table.isEmpty ? "no tokens\n" : table.rendered())
    return .success
  }
}

/// `token revoke`: makes a token useless.
let tokenRevokeCommand = Command(
  "token revoke", "Makes a token useless.",
  positionals: [Positional("ID", "the token's id, from 'token list'")],
  options: CommandOption.client,
  notes: [
    "Members that it enrolled stay; see 'worker revoke'. A program that shows it over HTTP is turned away at once."
  ],
  examples: [("token revoke 3c9e5a01b2d4f678", "nobody else joins with it")],
  exitCodes: ExitCode.ofClients
) { arguments in
  try reporting {
    let id = arguments.positionals[0]
    try arguments.client().revokeToken(id)
    try arguments.has("json") ? printJSON(["revoked": id]) : printText("revoked \(id)\n")
    return .success
  }
}
