import Console
import Coordinator
import Foundation
import Logging

/// `serve`: runs a coordinator until it is stopped.
let serveCommand = Command(
  "serve", "Runs a coordinator that workers join and clients submit to.",
  options: [
    .value("listen", "HOST:PORT", "where to listen (default: 127.0.0.1:9000; port 0: any)"),
    .value(
      "advertise", "HOST:PORT",
      "the address that tokens carry (default: the one listened on; with 0.0.0.0 the machine's first one)"
    ),
    .value(
      "http", "HOST:PORT", "answer HTTP there as well: dashboard, API, metrics (default: nowhere)"),
    .value("tls-cert", "FILE", "PEM file with the certificate chain for HTTP"),
    .value("tls-key", "FILE", "PEM file with its private key"),
    .flag("http-plain", "allow HTTP without TLS beyond this machine: tokens travel in the clear"),
    .home,
    .value("threads", "N", "threads for the coordinator's own work (default: all)"),
    .value("heartbeat", "TIME", "between two heartbeats of a worker (default: 3s)"),
    .value("lease", "TIME", "silence after which a worker's tasks go elsewhere (default: 30s)"),
    .value(
      "plan-memory", "SIZE",
      "memory of all processes that plan jobs together; one may take nine tenths (default: half of what is there)"
    ),
    .value("owner-jobs", "N", "unfinished jobs of one client (default: 2000)"),
    .value("owner-running", "N", "jobs of one client that are worked on at a time (default: 6)"),
    .value(
      "owner-bytes", "SIZE",
      "what is uploaded and made for one client's unfinished jobs (default: 64G)"),
    .value(
      "keep-jobs", "TIME",
      "how long ended jobs and their proofs are kept, such as 30d (default: the newest 10,000)"),
    .value(
      "keep-plans", "SIZE",
      "plans kept for later jobs of the same model and settings; 0: none (default: 1G)"),
    .value("webhook", "URL", "an address that is told of the end of every job (default: none)"),
    .flag("webhook-allow-private", "let webhooks go to private addresses and this machine"),
    .value("plan-time", "TIME", "longest that planning a job may take (default: 1h)"),
    .flag("json", "the same as --log-format json"),
  ] + CommandOption.log,
  notes: [
    "State lives in the home folder; after a crash, start it again and unfinished jobs go on.",
    "Models are planned in processes of their own: a job that breaks them twice fails, and nothing else does.",
    "Ctrl-C or SIGTERM says goodbye to everybody and ends it, a second one at once; unfinished jobs stay in the home folder.",
    "A client is whoever was given a token: all keys that it enrolled count together.",
    "SIGHUP opens the file of --log anew and reads the configuration file again: limits of owners, --keep-jobs and --log-level are taken over, "
      + "all else at the next start.",
  ],
  examples: [
    ("serve --listen 0.0.0.0:9000 --advertise prover.example.org:9000", "serve a network"),
    (
      "serve --http 127.0.0.1:9001",
      "and let 'curl 127.0.0.1:9001/readyz' ask; 'token create --http NAME' lets a program in"
    ),
    ("serve --home /var/lib/ezkl --listen 127.0.0.1:0", "any free port; see HOME/address"),
  ],
  exitCodes: [.failed, .badInput, .unreachable, .resource],
  check: { arguments in
    _ = try coordinatorConfiguration(arguments) { _ in }
    try arguments.checkLog()
  }
) { arguments in
  try reporting {
    let log = try arguments.logWriter(json: arguments.has("json"))
    let configuration = try coordinatorConfiguration(arguments) { log.write($0) }
    let server = try CoordinatorServer(configuration)
    let manager = ServiceManager()
    Interrupts.install(
      hangUp: {
        manager?.tell(.reloading)
        log.reopen()
        reread(arguments, for: server, log: log)
        manager?.tell(.ready)
      }, last: { server.withdrawAddress() },
      { _ in
        manager?.tell(.stopping)
        server.stop()
      })
    try server.start()
    manager?.tell(.ready)
    manager?.keepAlive { server.isAlive }
    try server.run()
    return .success
  }
}

/// Takes over what may change of the options while the coordinator runs; a configuration that is wrong changes nothing.
private func reread(
  _ arguments: Arguments, for server: CoordinatorServer, log: LogWriter
) {
  do {
    guard let again = try arguments.reread() else { return }
    let level = try again.logLevel()
    server.reconfigure(try coordinatorConfiguration(again) { log.write($0) })
    log.level = level
  } catch {
    let reason =
      (error as? CommandFailure)?.message ?? (error as? UsageError)?.message ?? "\(error)"
    log.write(.error("the configuration is not taken over: \(reason)"))
  }
}

/// What the options say of a coordinator.
///
/// - Throws: `UsageError` for values that make no sense.
private func coordinatorConfiguration(
  _ arguments: Arguments, log: @escaping @Sendable (LogEntry) -> Void
) throws -> CoordinatorConfiguration {
  let listen = try Arguments.endpoint(
    arguments.string("listen") ?? "127.0.0.1:9000", name: "--listen")
  if let text = arguments.string("advertise") {
    _ = try Arguments.endpoint(text, name: "--advertise")
  }
  var configuration = CoordinatorConfiguration(
    home: arguments.home, listenHost: listen.host, listenPort: Int(listen.port),
    advertisedAddress: arguments.string("advertise"), log: log)
  if let threads = try arguments.int("threads", in: 1...1024) { configuration.threads = threads }
  if let seconds = try arguments.duration("heartbeat", upTo: 3600) {
    configuration.heartbeatSeconds = max(1, seconds)
  }
  if let seconds = try arguments.duration("lease", upTo: 86_400) {
    configuration.leaseSeconds = max(2 * configuration.heartbeatSeconds + 1, seconds)
  }
  if let bytes = try arguments.bytes("plan-memory") {
    configuration.planningMemory = UInt64(bytes)
  }
  if let bytes = try arguments.bytes("keep-plans") { configuration.keptPlanBytes = UInt64(bytes) }
  if let seconds = try arguments.duration("plan-time") {
    configuration.planningSeconds = Double(max(1, seconds))
  }
  if let jobs = try arguments.int("owner-jobs", in: 1...1_000_000) {
    configuration.limits.jobs = jobs
  }
  if let jobs = try arguments.int("owner-running", in: 1...64) {
    configuration.limits.running = jobs
  }
  if let bytes = try arguments.bytes("owner-bytes") { configuration.limits.bytes = UInt64(bytes) }
  configuration.keepJobsSeconds = try arguments.duration("keep-jobs").map { Double(max(60, $0)) }
  configuration.http = try httpAccess(arguments)
  configuration.webhook = arguments.string("webhook")
  configuration.webhookAllowsPrivate = arguments.has("webhook-allow-private")
  return configuration
}

/// Where HTTP is answered; nil: nowhere.
private func httpAccess(_ arguments: Arguments) throws -> HTTPAccess? {
  guard let text = arguments.string("http") else {
    for name in ["tls-cert", "tls-key"] where arguments.string(name) != nil {
      throw UsageError.missingOption("--http (for --\(name))")
    }
    return nil
  }
  let address = try Arguments.endpoint(text, name: "--http")
  return HTTPAccess(
    host: address.host, port: Int(address.port),
    certificate: arguments.string("tls-cert").map { URL(fileURLWithPath: $0) },
    key: arguments.string("tls-key").map { URL(fileURLWithPath: $0) },
    allowsPlain: arguments.has("http-plain"))
}
