import Foundation
import Synchronization
import Testing
import Wire
import Worker

/// Work that needs one artifact and answers with what it was asked, reversed.
private final class EchoWork: TaskWork {
  private let kind: TaskKind
  private let fetcher: ArtifactFetcher

  init(_ kind: TaskKind, _ fetcher: ArtifactFetcher) {
    self.kind = kind
    self.fetcher = fetcher
  }

  func prepare() throws(TaskFault) -> [UInt8]? {
    switch kind {
    case .index(let program, _): return try fetcher.bytes(of: program, limit: 1 << 24)
    case .matrix, .instances: return nil
    }
  }

  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8] {
    if step == 99 { throw .hopeless("protocol", "step 99") }
    return payload.reversed()
  }

  func abandon() {}
}

private struct EchoTasks: TaskFactory {
  func work(for kind: TaskKind, fetcher: ArtifactFetcher) -> any TaskWork {
    EchoWork(kind, fetcher)
  }
}

/// A coordinator played by the test over a real connection, and a worker in a thread.
private final class Stage: @unchecked Sendable {
  let folder = TemporaryFolder()
  let key = StaticKey.generate()
  let listener: Listener
  let result = Mutex<Result<Void, WorkerError>?>(nil)
  let ended = DispatchSemaphore(value: 0)
  private(set) var daemon: WorkerDaemon!

  init(withToken: Bool = true, tamper: ShareTamper? = nil) throws {
    listener = try Listener(on: Endpoint(host: "127.0.0.1", port: 0), identity: key)
    let address = Endpoint(host: "127.0.0.1", port: listener.endpoint.port)
    var token: JoinToken?
    if withToken {
      token = JoinToken(
        address: address, coordinator: key.fingerprint, secret: .random(), role: .worker,
        expiry: nil)
    }
    let configuration = WorkerConfiguration(
      address: address, token: token, home: folder.path, name: "w", threads: 3,
      memory: MemoryBudget(machine: 77, group: nil, operatorLimit: nil)
    )
    let home = try WorkerHome(path: folder.path, artifactBudget: 1 << 30)
    daemon = WorkerDaemon(configuration, home: home, factory: EchoTasks(), tamper: tamper)
    let thread = Thread { [self] in
      do throws(WorkerError) {
        try daemon.run()
        result.withLock { $0 = .success(()) }
      } catch {
        result.withLock { $0 = .failure(error) }
      }
      ended.signal()
    }
    thread.start()
  }

  /// The next connection of the worker, admitted.
  func admit(heartbeat: UInt32 = 60, lease: UInt32 = 60) throws -> SecureConnection {
    let connection = try listener.accept().handshake()
    guard case .hello(let hello) = try connection.receive() else { throw Unexpected() }
    #expect(hello.role == .worker && hello.threads == 3 && hello.memoryBytes == 73)
    connection.admit()
    try connection.send(
      .welcome(
        Welcome(
          productVersion: "t", workerID: "id", heartbeatSeconds: heartbeat, leaseSeconds: lease)))
    return connection
  }

  struct Unexpected: Error {}
}

extension SecureConnection {
  /// The next message that is not a heartbeat.
  fileprivate func next() throws -> Message {
    while true {
      let message = try receive(timeout: .seconds(300))
      if message != .heartbeat { return message }
    }
  }
}

@Suite(.serialized) struct WorkerDaemonTests {
  private let srs = Digest(of: [0])

  @Test func fetchesAnswersAndDrains() throws {
    let stage = try Stage()
    let connection = try stage.admit()
    let program = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    let digest = Digest(of: program)
    let served = try ArtifactStore(directory: stage.folder.path + "/served")
    try served.add(program)
    try connection.send(.assign(taskID: 4, .index(program: digest, srs: srs)))
    var reply = try connection.next()
    while case .artifactWant(let wanted, let offset, let length) = reply {
      try served.answer(wanted, offset: offset, length: length) { (message) throws(WireError) in
        try connection.send(message)
      }
      reply = try connection.next()
    }
    #expect(reply == .result(taskID: 4, payload: program))

    let matrix = MatrixTask(
      program: digest, srs: srs,
      dimensions: ShareDimensions(constraints: 2, variables: 2, nonzeros: 2), varunaVersion: 3)
    try connection.send(.assign(taskID: 5, .matrix(matrix)))
    try connection.send(.step(taskID: 5, step: 5, payload: [1, 2, 3]))
    #expect(try connection.next() == .stepReply(taskID: 5, step: 5, payload: [3, 2, 1]))

    stage.daemon.drain()
    #expect(try connection.next() == .drain)
    try connection.send(.step(taskID: 5, step: 6, payload: [4]))
    #expect(try connection.next() == .stepReply(taskID: 5, step: 6, payload: [4]))
    try connection.send(.release(taskID: 5))
    #expect(try connection.next() == .goodbye)
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
    #expect(throws: Never.self) { try stage.result.withLock { $0 }?.get() }
  }

  @Test func reportsWhatItCannotDoAndWhatIsMissing() throws {
    let stage = try Stage()
    let connection = try stage.admit()
    let missing = Digest(of: [5])
    try connection.send(.assign(taskID: 1, .index(program: missing, srs: srs)))
    guard case .artifactWant(missing, 0, _) = try connection.next() else {
      Issue.record("the program was not asked for")
      return
    }
    try connection.send(.artifactMissing(missing))
    guard case .failed(1, let failure) = try connection.next() else {
      Issue.record("no failure")
      return
    }
    #expect(failure.code == "artifact" && failure.retryable)
    connection.close()
    stage.daemon.drain()
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
  }

  @Test func beatsWhileItComputesAndReconnects() throws {
    let stage = try Stage()
    do {
      let connection = try stage.admit(heartbeat: 1)
      #expect(try connection.receive(timeout: .seconds(300)) == .heartbeat)
      connection.close()
    }
    let again = try stage.admit()
    stage.daemon.drain()
    #expect(try again.next() == .drain)
    #expect(try again.next() == .goodbye)
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
  }

  @Test func aCoordinatorThatAnswersNoHeartbeatIsLeft() throws {
    let stage = try Stage()
    // Three seconds of patience: two heartbeats and one.
    let dead = try stage.admit(heartbeat: 1, lease: 4)
    let alive = try stage.admit(heartbeat: 60)
    #expect(throws: WireError.closedByPeer) {
      while true { _ = try dead.receive(timeout: .seconds(300)) }
    }
    stage.daemon.drain()
    #expect(try alive.next() == .drain)
    #expect(try alive.next() == .goodbye)
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
  }

  @Test func aTamperedShareIsWhatTheCoordinatorGets() throws {
    let stage = try Stage(tamper: { _, step, payload in step == 6 ? [0xff] : payload })
    let connection = try stage.admit()
    let matrix = MatrixTask(
      program: srs, srs: srs,
      dimensions: ShareDimensions(constraints: 2, variables: 2, nonzeros: 2), varunaVersion: 3)
    try connection.send(.assign(taskID: 5, .matrix(matrix)))
    try connection.send(.step(taskID: 5, step: 5, payload: [1, 2]))
    try connection.send(.step(taskID: 5, step: 6, payload: [1, 2]))
    #expect(try connection.next() == .stepReply(taskID: 5, step: 5, payload: [2, 1]))
    #expect(try connection.next() == .stepReply(taskID: 5, step: 6, payload: [0xff]))
    connection.close()
    stage.daemon.drain()
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
  }

  @Test func aRefusalIsFinalAndSaysWhy() throws {
    let stage = try Stage()
    let connection = try stage.listener.accept().handshake()
    _ = try connection.receive()
    try connection.send(.refused(.revoked, text: "this key was revoked"))
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
    #expect(throws: WorkerError.refused(.revoked, text: "this key was revoked")) {
      try stage.result.withLock { $0 }?.get()
    }
  }

  @Test func withoutATokenAnUnknownCoordinatorIsNotContacted() throws {
    let stage = try Stage(withToken: false)
    #expect(stage.ended.wait(timeout: .now() + 300) == .success)
    let address = "127.0.0.1:\(stage.listener.endpoint.port)"
    #expect(throws: WorkerError.tokenNeeded(address: address)) {
      try stage.result.withLock { $0 }?.get()
    }
  }
}
