import Coordinator
import Foundation
import Synchronization
import Wire

/// A worker that speaks the real protocol over a real socket and plays the game of `SumEngine`.
final class TestWorker: Sendable {
  /// How it misbehaves.
  enum Vice: Equatable, Sendable {
    case none
    /// Hangs up when it is asked for this step; 0: when it gets a task.
    case hangsUp(step: UInt8)
    /// Answers this step with wrong bytes of the right form.
    case lies(step: UInt8)
    /// Answers the first step with wrong bytes of the right form, and hangs up at the second.
    case liesAndHangsUp
    /// Answers with bytes of the wrong form.
    case garbles(step: UInt8)
    /// Never answers and stays silent.
    case silent
    /// Does nothing but stay alive.
    case idle
    /// Says that it fails.
    case fails(retryable: Bool, code: String = "test")
    /// Gives a wrong verifying key.
    case wrongKey
    /// Gives a wrong verifying key so many times.
    case wrongKeys(Int)
    /// Gives every answer so many times.
    case repeats(Int)
  }

  let name: String
  let connection: SecureConnection
  private let vice: Vice
  private let received = Mutex<[Message]>([])

  init(
    _ name: String, token: String, key: StaticKey = .generate(), vice: Vice = .none,
    instance: UInt64 = .random(in: 1...UInt64.max), memory: UInt64 = 1 << 30
  ) throws {
    self.name = name
    self.vice = vice
    let parsed = try JoinToken(parsing: token)
    connection = try SecureConnection.connect(
      to: parsed.address, identity: key, expecting: .fingerprint(parsed.coordinator))
    try connection.send(
      .hello(
        Hello(
          productVersion: "test", role: .worker, name: name, threads: 1, memoryBytes: memory,
          instance: instance, token: parsed.secret)))
    let answer = try connection.receive()
    if case .refused(let code, let text) = answer {
      throw CoordinatorError.refused(code: "\(code)", text: text)
    }
    guard case .welcome = answer else {
      throw CoordinatorError.protocolViolation("no welcome")
    }
    Thread { [self] in work() }.start()
    Thread { [self] in
      while connection.isOpen, vice != .silent {
        try? connection.send(.heartbeat)
        Thread.sleep(forTimeInterval: 0.3)
      }
    }.start()
  }

  /// Everything the coordinator said so far.
  var messages: [Message] { received.withLock { $0 } }

  func leave() { connection.close() }

  private var isFalseKeyed: Bool {
    if case .wrongKeys = vice { true } else { vice == .wrongKey }
  }

  /// How often it sends every answer.
  private var copies: Int {
    switch vice {
    case .wrongKeys(let count), .repeats(let count): count
    default: 1
    }
  }

  private func work() {
    var tasks: [TaskID: TaskKind] = [:]
    while let message = try? connection.receive() {
      received.withLock { $0.append(message) }
      switch message {
      case .assign(let id, let kind):
        tasks[id] = kind
        if vice == .hangsUp(step: 0) { return connection.close() }
        if case .fails(let retryable, let code) = vice {
          try? connection.send(
            .failed(taskID: id, TaskFailure(code: code, text: "no", retryable: retryable)))
          continue
        }
        guard case .index = kind, vice != .silent, vice != .idle else { continue }
        var key = SumRule.reply(kind, step: 0, payload: [])
        if isFalseKeyed { key[0] ^= 1 }
        for _ in 0..<copies { try? connection.send(.result(taskID: id, payload: key)) }
      case .step(let id, let step, let payload):
        guard let kind = tasks[id], vice != .silent, vice != .idle else { continue }
        if vice == .hangsUp(step: step) || (vice == .liesAndHangsUp && step == 2) {
          return connection.close()
        }
        var reply = SumRule.reply(kind, step: step, payload: payload)
        if vice == .lies(step: step) || vice == .liesAndHangsUp { reply[0] ^= 1 }
        if vice == .garbles(step: step) { reply.append(0) }
        for _ in 0..<copies {
          try? connection.send(.stepReply(taskID: id, step: step, payload: reply))
        }
      case .release(let id): tasks[id] = nil
      default: break
      }
    }
  }
}

/// A coordinator with a `SumEngine` in a temporary folder.
final class TestCoordinator {
  let folder: TemporaryFolder
  private(set) var server: CoordinatorServer
  private(set) var log = Log()

  final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
  }

  init(
    leaseSeconds: Int = 30, http: Bool = false,
    _ change: (inout CoordinatorConfiguration) -> Void = { _ in }
  ) throws {
    folder = try TemporaryFolder()
    server = try Self.open(
      folder, port: 0, leaseSeconds: leaseSeconds, http: http, log, change)
    try server.start()
  }

  static func open(
    _ folder: TemporaryFolder, port: Int, leaseSeconds: Int, http: Bool = false, _ log: Log,
    _ change: (inout CoordinatorConfiguration) -> Void = { _ in }
  ) throws -> CoordinatorServer {
    var configuration = CoordinatorConfiguration(
      home: folder.url, listenPort: port, threads: 1, heartbeatSeconds: 1,
      leaseSeconds: leaseSeconds, log: { log.add($0.message) })
    configuration.http = http ? HTTPAccess(host: "127.0.0.1", port: 0) : nil
    change(&configuration)
    return try CoordinatorServer(configuration) { (_, artifacts) throws(CoordinatorError) in
      SumEngine(artifacts: artifacts)
    }
  }

  deinit { server.stop() }

  var token: String {
    get throws { try server.createToken(role: .worker, lifetime: 600) }
  }

  func worker(
    _ name: String, key: StaticKey = .generate(), vice: TestWorker.Vice = .none,
    instance: UInt64 = .random(in: 1...UInt64.max)
  ) throws -> TestWorker {
    try TestWorker(name, token: token, key: key, vice: vice, instance: instance)
  }

  func client() throws -> JobClient { try JobClient(home: folder.url) }

  /// A model file for the engine.
  func model(circuits: Int = 2, groups: Int = 1, instances: Int = 4) throws -> URL {
    let url = folder.url.appendingPathComponent("model-\(UUID().uuidString)")
    try Data("\(circuits) \(groups) \(instances)".utf8).write(to: url)
    return url
  }

  /// Submits a job with the given shape.
  func submit(
    _ client: JobClient, circuits: Int = 2, groups: Int = 1, instances: Int = 4,
    workers: Int? = nil
  ) throws -> String {
    let model = try model(circuits: circuits, groups: groups, instances: instances)
    return try client.submit(model: model, input: model, options: SubmitOptions(workers: workers))
  }
}
