import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Peers that are not let in, and peers that misbehave once they are.
@Suite(.serialized) struct HostilePeerTests {
  let coordinator: TestCoordinator
  let client: JobClient

  init() throws {
    coordinator = try TestCoordinator()
    client = try coordinator.client()
  }

  private func refusal(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch CoordinatorError.refused(let code, _) {
      return code
    } catch {
      return "\(error)"
    }
  }

  @Test func tokensOfAllKindsOfWrongAreRefusedClearly() throws {
    let good = try coordinator.token
    let parsed = try JoinToken(parsing: good)
    func variant(_ secret: TokenSecret, _ role: NodeRole = .worker) -> String {
      JoinToken(
        address: parsed.address, coordinator: parsed.coordinator, secret: secret, role: role,
        expiry: nil
      ).text
    }
    #expect(refusal { _ = try TestWorker("x", token: variant(.random())) } == "invalidToken")
    let short = try coordinator.server.createToken(role: .worker, lifetime: 1)
    // It is good to the end of the second in which its lifetime ends.
    let expiry = try #require(try JoinToken(parsing: short).expiry)
    try eventually("its expiry") { Date().timeIntervalSince1970 > Double(expiry) }
    #expect(refusal { _ = try TestWorker("x", token: short) } == "expiredToken")
    let forClients = try coordinator.server.createToken(role: .client, lifetime: 60)
    #expect(refusal { _ = try TestWorker("x", token: forClients) } == "wrongRole")
    try client.revokeToken(parsed.secret.id)
    #expect(refusal { _ = try TestWorker("x", token: good) } == "invalidToken")
    #expect(try client.workers().isEmpty)
  }

  @Test func aRevokedWorkerIsCutOffAndStaysOut() throws {
    let key = StaticKey.generate()
    let worker = try coordinator.worker("bad", key: key)
    try eventually("a live worker") { try client.workers().map(\.state) == ["live"] }
    let token = try client.tokens()[0].id
    #expect(try client.revokeWorker("bad").token == token)
    // Nor does its bearer come back with a fresh key.
    #expect(try client.tokens().first { $0.id == token }?.revoked == true)
    try eventually("the end of its connection") { !worker.connection.isOpen }
    #expect(try client.workers().map(\.state) == ["revoked"])
    #expect(refusal { _ = try coordinator.worker("bad", key: key) } == "revoked")
  }

  @Test func aCopyOfAHomeIsRefusedWithBothAddresses() throws {
    let key = StaticKey.generate()
    let first = try coordinator.worker("first", key: key, instance: 1)
    var text = ""
    do {
      _ = try coordinator.worker("second", key: key, instance: 2)
      Issue.record("a copy was let in")
    } catch CoordinatorError.refused(let code, let reason) {
      #expect(code == "duplicate")
      text = reason
    }
    #expect(text.contains("'first' from 127.0.0.1:") && text.contains("comes from 127.0.0.1:"))
    #expect(first.connection.isOpen && coordinator.log.text.contains("is turned away"))
    // The same process that comes back replaces its old connection at once.
    let again = try coordinator.worker("first", key: key, instance: 1)
    try eventually("the end of its old connection") { !first.connection.isOpen }
    #expect(try client.workers().map(\.state) == ["live"])
    again.leave()
    // Once it is gone, another process with the key is welcome: it was started again.
    try eventually("its end") { try client.workers().map(\.state) == ["away"] }
    let restarted = try coordinator.worker("first", key: key, instance: 3)
    try eventually("its return") { try client.workers().map(\.state) == ["live"] }
    withExtendedLifetime(restarted) {}
  }

  @Test func aSilentWorkersPlaceIsFreeAfterTwoHeartbeats() throws {
    let key = StaticKey.generate()
    let silent = try coordinator.worker("w", key: key, vice: .silent, instance: 1)
    // It lost power: its connection is half open for a lease, and the machine is back long before that.
    try eventually("its place") {
      (try? coordinator.worker("w", key: key, instance: 2)) != nil
    }
    withExtendedLifetime(silent) {}
  }

  @Test func heartbeatsAreAnswered() throws {
    let worker = try coordinator.worker("w")
    try eventually("an answer") { worker.messages.contains(.heartbeat) }
  }

  @Test func heartbeatsWithoutEndAreNotAnsweredAndCutOff() throws {
    let worker = try coordinator.worker("w", vice: .silent)
    for _ in 0..<300 { try worker.connection.send(.heartbeat) }
    // What comes after them has been read when this is answered.
    try worker.connection.send(.artifactWant(Digest(of: [1]), offset: 0, length: 1))
    try eventually("an answer") {
      worker.messages.contains { if case .artifactMissing = $0 { true } else { false } }
    }
    #expect(worker.messages.count { $0 == .heartbeat } < 100)
    try eventually("its end") {
      for _ in 0..<100 { try? worker.connection.send(.heartbeat) }
      return !worker.connection.isOpen
    }
    try eventually("a line") {
      coordinator.log.text.contains("it sent too much that nobody asked for")
    }
  }

  @Test func whatNobodyAskedForEndsAConnection() {
    var talk = IdleTalk()
    let beats = [0.0, 0, 0, 1].map { talk.heartbeat(at: $0) }
    #expect(beats == [.answer, .answer, .ignore, .answer])
    let taken = (0..<2100).count { _ in talk.take(at: 1) }
    #expect(taken < 2100)
    let last = [talk.heartbeat(at: 1), talk.heartbeat(at: 2)]
    #expect(last == [.cut, .answer])
  }

  @Test func aWorkerOfNoUseUsesUpNoToken() throws {
    let token = try coordinator.server.createToken(role: .worker, lifetime: 60, uses: 1)
    #expect(refusal { _ = try TestWorker("small", token: token, memory: 1 << 20) } == "unfit")
    let worker = try TestWorker("large", token: token)
    #expect(try client.tokens().map(\.uses) == [1])
    withExtendedLifetime(worker) {}
  }

  @Test func optionsThatNoJobCanHaveAreRefusedAtSubmission() throws {
    let model = try coordinator.model()
    let wrong: [(inout SubmitOptions) -> Void] = [
      { $0.memory = 0 }, { $0.tolerance = -1 }, { $0.tolerance = 0 }, { $0.deadline = -1 },
      { $0.deadline = 1e300 }, { $0.workers = 0 }, { $0.workers = 1025 }, { $0.weightBits = 1 },
      { $0.activationBits = 25 }, { $0.limits.constraints = -1 }, { $0.limits.variables = 0 },
      { $0.limits.nonzeros = -5 },
    ]
    for change in wrong {
      var options = SubmitOptions()
      change(&options)
      #expect(
        refusal { _ = try client.submit(model: model, input: model, options: options) }
          == "bad_job", "\(options)")
    }
    #expect(try client.jobs().isEmpty)
  }

  @Test func noTokenCarriesAWildcard() throws {
    let folder = try TemporaryFolder()
    let server = try CoordinatorServer(
      CoordinatorConfiguration(
        home: folder.url, listenHost: "0.0.0.0", listenPort: 0, threads: 1)
    ) { (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts) }
    try server.start()
    defer { server.stop() }
    #expect(server.address == "127.0.0.1:\(server.port)")
    let token = try JoinToken(parsing: try server.createToken(role: .worker, lifetime: 60))
    #expect(token.address.port == UInt16(server.port) && token.address.host != "0.0.0.0")
    let own = try JobClient(home: folder.url)
    #expect(
      refusal { _ = try own.createToken(role: .worker, lifetime: 60, address: "[::]:9000") }
        == "bad_request")
    #expect(throws: CoordinatorError.self) {
      _ = try CoordinatorServer(
        CoordinatorConfiguration(
          home: try TemporaryFolder().url, listenPort: 0, advertisedAddress: "0.0.0.0:9000")
      ) { (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts) }
    }
  }

  @Test func aRemoteClientNeedsATokenOnce() throws {
    let other = try TemporaryFolder()
    let address = coordinator.server.address
    #expect(throws: CoordinatorError.self) {
      _ = try JobClient(to: address, home: other.url)
    }
    let token = try client.createToken(role: .client, lifetime: 60)
    #expect(try JobClient(to: address, home: other.url, token: token).jobs().isEmpty)
    #expect(try JobClient(to: address, home: other.url).jobs().isEmpty)
    #expect(try client.tokens().map(\.uses) == [1])
  }

  @Test func aCoordinatorWithAnotherKeyIsRefused() throws {
    let parsed = try JoinToken(parsing: try coordinator.token)
    let wrong = JoinToken(
      address: parsed.address, coordinator: Digest(of: [1]), secret: parsed.secret, role: .worker,
      expiry: nil)
    #expect(throws: WireError.self) { _ = try TestWorker("x", token: wrong.text) }
    let other = try TemporaryFolder()
    #expect(
      refusal { _ = try JobClient(home: other.url, token: wrong.text) } == "wrong_key")
  }

  @Test func workersCannotCallClientMethods() throws {
    let worker = try coordinator.worker("a")
    try worker.connection.send(.request(id: 1, method: "jobs", json: Array("{}".utf8)))
    try eventually("the end of its connection") { !worker.connection.isOpen }
    #expect(!worker.messages.contains { if case .response = $0 { true } else { false } })
  }

  @Test func repliesAboutOthersTasksAreIgnored() throws {
    let honest = try coordinator.worker("honest")
    let job = try coordinator.submit(client, circuits: 1, groups: 20, instances: 3)
    let stranger = try coordinator.worker("stranger", vice: .idle)
    for task in 0..<100 as Range<UInt64> {
      try stranger.connection.send(.result(taskID: task, payload: [1, 2, 3]))
      try stranger.connection.send(.stepReply(taskID: task, step: 1, payload: [1]))
      try stranger.connection.send(
        .failed(taskID: task, TaskFailure(code: "x", text: "y", retryable: false)))
    }
    stranger.leave()
    #expect(try client.follow(job) { _ in }.stage == .done)
    withExtendedLifetime(honest) {}
  }

  /// However often it is told: one lie, and the others' work goes on.
  @Test func manyFalseKeysAreOneLie() throws {
    let liar = try coordinator.worker("liar", vice: .wrongKeys(1000))
    let job = try coordinator.submit(client, circuits: 2)
    try eventually("the lie to be found") {
      try client.workers().first { $0.name == "liar" }?.state == "quarantined"
    }
    let honest = try coordinator.worker("honest")
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .done && summary.dropped.count == 1, "\(summary)")
    withExtendedLifetime((liar, honest)) {}
  }

  /// More answers than may wait at a time: they are read as they are taken, and an answer given again is none.
  @Test func answersGivenAgainAndAgainAreOneAnswer() throws {
    let worker = try coordinator.worker("parrot", vice: .repeats(70))
    for _ in 0..<2 {
      let summary = try client.follow(try coordinator.submit(client, groups: 2)) { _ in }
      #expect(summary.stage == .done && summary.dropped.isEmpty, "\(summary)")
    }
    #expect(worker.connection.isOpen)
  }

  /// Text that turns around what stands after it, or begins a line, could pass for something else in a list.
  @Test func namesHoldNothingThatCannotBeSeen() throws {
    let name = "\u{202e}ab\u{2028}c\u{200b}\u{2066}\u{9b}é"
    let worker = try coordinator.worker(name)
    #expect(try client.workers().map(\.name) == ["abcé"])
    let model = try coordinator.model()
    let named = coordinator.folder.url.appendingPathComponent("m\u{202e}odel")
    try FileManager.default.copyItem(at: model, to: named)
    let job = try client.submit(model: named, input: model, options: SubmitOptions())
    #expect(try client.job(job).model == "model")
    withExtendedLifetime(worker) {}
  }

  @Test func malformedRequestsGetErrorsAndTheConnectionLivesOn() throws {
    let key = try StaticKey.load(from: HomeFolder(coordinator.folder.url).adminKey.path)
    let server = try StaticKey.load(from: HomeFolder(coordinator.folder.url).coordinatorKey.path)
    let connection = try SecureConnection.connect(
      to: Endpoint(parsing: coordinator.server.address), identity: key,
      expecting: .fingerprint(server.fingerprint))
    try connection.send(.hello(Hello(productVersion: "t", role: .client, name: "t\u{1b}[31m")))
    guard case .welcome = try connection.receive() else {
      Issue.record("no welcome")
      return
    }
    let bodies = ["", "[]", "{", "{\"name\": 5}", String(repeating: "[", count: 100_000)]
    var id: UInt64 = 0
    for method in ClientMethod.allCases.map(\.rawValue) + ["nonsense"] {
      for body in bodies {
        id += 1
        try connection.send(.request(id: id, method: method, json: Array(body.utf8)))
        switch try connection.receive() {
        case .response(id, _), .error(id, _, _): break
        case let other: Issue.record("\(method): \(other)")
        }
      }
    }
    try connection.send(.artifactOffer(Digest(of: []), total: UInt64.max))
    guard case .artifactRefused = try connection.receive() else {
      Issue.record("an offer of 2^64 bytes must be refused")
      return
    }
  }

  @Test func jobsWithMissingUploadsOrBadOptionsAreRefused() throws {
    let model = try coordinator.model()
    #expect(
      refusal {
        _ = try client.submit(model: model, input: model, options: SubmitOptions(workers: 0))
      } == "bad_job")
    #expect(refusal { _ = try client.document("nobody") } == "unknown_job")
    #expect(refusal { _ = try client.follow("nobody") { _ in } } == "unknown_job")
    #expect(refusal { try client.cancel("nobody") } == "unknown_job")
    #expect(refusal { try client.revokeWorker("nobody") } == "unknown_worker")
    #expect(refusal { _ = try client.createToken(role: .worker, lifetime: 0) } == "bad_job")
  }

  @Test func garbageBeforeTheHandshakeHurtsNobody() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(coordinator.server.port).bigEndian)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      #expect(connected == 0)
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
    }
    #expect(try client.jobs().isEmpty)
  }

  /// What a worker says about itself must not decide over everybody's jobs.
  @Test func claimsOfMemoryHaveBounds() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    do {
      _ = try TestWorker("tiny", token: coordinator.token, memory: 0)
      Issue.record("a worker without memory is of no use")
    } catch CoordinatorError.refused(let code, let text) {
      #expect(code == "unfit" && text.contains("16 MiB are the least"), "\(code): \(text)")
    }
    let boaster = try TestWorker("boaster", token: coordinator.token, memory: .max)
    let worker = try #require(try client.workers().first { $0.name == "boaster" })
    #expect(worker.memoryBytes == 4 << 40)
    withExtendedLifetime(boaster) {}
  }
}
