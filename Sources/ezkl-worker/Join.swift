import Console
import Foundation
import Logging
import Wire
import Worker

/// `join`: serves a coordinator until drained.
let joinCommand = Command(
  "join", "Joins a coordinator and works for it.",
  positionals: [Positional("HOST:PORT", "the coordinator")],
  options: [
    .value(
      "token", "TOKEN", "join token, needed for the first contact only (or EZKL_TOKEN)",
      secret: true),
    .value(
      "token-file", "FILE",
      "file with the token, - for standard input: a command line is no place for secrets"),
    .value("threads", "N", "threads to compute with (default: all)"),
    .value("home", "DIR", "home folder (default: \(defaultHome))"),
    .value("name", "NAME", "what the operator sees (default: the host name)"),
    .value("memory", "SIZE", "memory to use, such as 4G (default: what the machine allows)"),
    .value("cache", "SIZE", "disk for circuits and parameters (default: 16G)"),
    .flag("exit-with-parent", "end when the process that started it ends"),
  ] + CommandOption.log,
  notes: [
    "Reconnects by itself. SIGTERM or Ctrl-C lets it finish what it holds and leave; a second one ends it at once. SIGHUP opens the file of --log anew.",
    "One worker per home folder: it keeps the record of challenges that protects the witnesses.",
  ],
  examples: [
    ("join prover.example.org:9000 --token-file token.txt", "the first time"),
    ("join prover.example.org:9000 --threads 8", "later, without a token"),
  ],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  let log = try arguments.logWriter()
  let configuration = try configuration(arguments) { log.write($0) }
  if arguments.has("exit-with-parent") { ParentWatch.start() }
  do throws(WorkerError) {
    let daemon = try WorkerDaemon(configuration)
    let manager = ServiceManager()
    Interrupts.install(
      hangUp: { log.reopen() }, last: { daemon.leave() },
      { _ in
        manager?.tell(.stopping)
        configuration.log("finishing what is held; once more to end at once")
        daemon.drain()
      })
    manager?.tell(.ready)
    try daemon.run()
    return .success
  } catch {
    throw CommandFailure(error.exitCode, error.description)
  }
}

/// Checks everything about the command line before anything is opened.
private func configuration(
  _ arguments: Arguments, log: @escaping @Sendable (LogEntry) -> Void
) throws -> WorkerConfiguration {
  let address = try Arguments.parsed(
    arguments.positionals[0], name: "HOST:PORT", as: "HOST:PORT", by: Endpoint.init(parsing:))
  let environment = ProcessInfo.processInfo.environment
  var token: JoinToken?
  if let given = try arguments.secret(
    "token", variable: "EZKL_TOKEN", environment: { environment[$0] })
  {
    do throws(WireError) {
      token = try JoinToken(parsing: given)
    } catch {
      let fault = WorkerError.badToken(error.description)
      throw CommandFailure(
        fault.exitCode, fault.description, hint: "ask the operator for a new token")
    }
  }
  var configuration = WorkerConfiguration(
    address: address, token: token,
    memory: .detect(operatorLimit: try arguments.bytes("memory").map(UInt64.init)), log: log)
  let least = WorkerConfiguration.leastMemory
  if configuration.memory.forTasks < least {
    throw UsageError.invalidValue(
      name: "--memory", value: Human.bytes(Int(clamping: configuration.memory.bytes)),
      expected: "enough for \(least >> 20) MiB of tasks; below that no coordinator takes a worker")
  }
  if let home = arguments.string("home") { configuration.home = home }
  if let name = arguments.string("name") { configuration.name = name }
  if let threads = try arguments.int("threads", in: 1...4096) { configuration.threads = threads }
  if let bytes = try arguments.bytes("cache") { configuration.artifactBudget = UInt64(bytes) }
  return configuration
}

/// Where a worker keeps its state unless told otherwise.
let defaultHome = WorkerHome.defaultPath { ProcessInfo.processInfo.environment[$0] }

extension WorkerError {
  /// The exit code that the program ends with.
  var exitCode: ExitCode {
    switch self {
    case .homeInUse, .diskFull: .resource
    case .file: .badInput
    case .tokenNeeded, .badToken, .refused, .wrongCoordinator,
      .incompatible:
      .unreachable
    }
  }
}
