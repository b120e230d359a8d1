import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// What each role may do, whose jobs are whose, and what is written down.
@Suite(.serialized) struct RoleTests {
  let coordinator: TestCoordinator
  let admin: JobClient

  init() throws {
    coordinator = try TestCoordinator()
    admin = try coordinator.client()
  }

  /// A client with a home and a key of its own.
  private final class Guest {
    let folder: TemporaryFolder
    let client: JobClient

    init(_ coordinator: TestCoordinator, _ role: TokenRole, name: String) throws {
      folder = try TemporaryFolder()
      client = try JobClient(
        to: coordinator.server.address, home: folder.url,
        token: try coordinator.server.createToken(role: role, lifetime: 600, uses: 1), name: name)
    }

    var id: String {
      get throws {
        String(
          try StaticKey.load(from: HomeFolder(folder.url).adminKey.path).fingerprint.hex.prefix(16))
      }
    }

    /// A connection that speaks the protocol by hand, with the guest's key.
    func connection(to coordinator: TestCoordinator) throws -> SecureConnection {
      let server = try StaticKey.load(
        from: HomeFolder(coordinator.folder.url).coordinatorKey.path)
      let connection = try SecureConnection.connect(
        to: Endpoint(parsing: coordinator.server.address),
        identity: StaticKey.load(from: HomeFolder(folder.url).adminKey.path),
        expecting: .fingerprint(server.fingerprint))
      try connection.send(.hello(Hello(productVersion: "t", role: .client, name: "by hand")))
      guard case .welcome = try connection.receive() else {
        throw CoordinatorError.protocolViolation("no welcome")
      }
      return connection
    }
  }

  private func code(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch CoordinatorError.refused(let code, _) {
      return code
    } catch {
      return "\(error)"
    }
  }

  /// What a client asked before it left is not done: others wait, and nobody would read the answers.
  @Test func whatAClientAskedBeforeItLeftIsDropped() throws {
    let guest = try Guest(coordinator, .operator, name: "hasty")
    func ask(_ count: Int) throws -> SecureConnection {
      let connection = try guest.connection(to: coordinator)
      let request = TokenRequest(role: .viewer, lifetime: 60, address: nil)
      for id in 1...count {
        try connection.send(
          .request(
            id: UInt64(id), method: "token.create", json: Array(Store.encode(request).utf8)))
      }
      return connection
    }
    // So many that from now on each has to wait for its turn.
    let patient = try ask(200)
    for _ in 0..<200 { _ = try patient.receive() }
    let client = try coordinator.client()
    let before = try client.tokens().count
    let (connections, each) = (12, 8)
    for _ in 0..<connections { try ask(each).close() }
    var (made, since) = (before, ProcessInfo.processInfo.systemUptime)
    try eventually("the end of what was asked") {
      let count = try client.tokens().count
      if count != made { (made, since) = (count, ProcessInfo.processInfo.systemUptime) }
      return ProcessInfo.processInfo.systemUptime - since > 2
    }
    #expect(made - before < connections * each / 2, "\(made - before)")
  }

  /// Every method that there is, called by every role: refused below the least role, and never for want of a role above it.
  @Test(arguments: [TokenRole.viewer, .client, .operator, .admin])
  func everyMethodHasALeastRole(role: TokenRole) throws {
    let guest = try Guest(coordinator, role, name: "guest")
    let connection = try guest.connection(to: coordinator)
    let least: [ClientMethod: TokenRole] = [
      .submit: .client, .plan: .client, .jobs: .viewer, .job: .viewer, .jobPlan: .viewer,
      .cancel: .client, .follow: .viewer, .document: .client, .workers: .viewer,
      .revokeWorker: .operator, .drainWorker: .operator, .tokens: .operator,
      .createToken: .operator, .revokeToken: .operator, .clients: .operator,
      .revokeClient: .operator, .audit: .operator, .cordonWorker: .operator,
      .uncordonWorker: .operator, .forgetWorker: .operator, .cluster: .viewer,
      .jobEvents: .viewer, .jobTrace: .viewer, .deleteJob: .client, .webhookKey: .client,
      .operatorWebhookKey: .operator,
    ]
    for (number, method) in ClientMethod.allCases.enumerated() {
      let id = UInt64(number + 1)
      try connection.send(
        .request(id: id, method: method.rawValue, json: Array("{\"name\":\"nobody\"}".utf8)))
      var code = "done"
      if case .error(id, let found, _) = try connection.receive() { code = found }
      let needed = try #require(least[method], "\(method) is not in this test's table")
      #expect((code == "not_allowed") == (role < needed), "\(role) \(method): \(code)")
    }
  }

  @Test func clientsSeeCancelAndFetchTheirOwnJobsOnly() throws {
    let worker = try coordinator.worker("w")
    let owner = try Guest(coordinator, .client, name: "owner")
    let other = try Guest(coordinator, .client, name: "other")
    let viewer = try Guest(coordinator, .viewer, name: "viewer")
    let job = try coordinator.submit(owner.client)
    #expect(try owner.client.follow(job) { _ in }.stage == .done)
    #expect(try owner.client.jobs().map(\.owner) == [try owner.id])
    #expect(try other.client.jobs().isEmpty)
    // Somebody else's job and one that never was get the same answer.
    for name in [job, "feedfeed"] {
      #expect(code { _ = try other.client.job(name) } == "unknown_job")
      #expect(code { _ = try other.client.plan(of: name) } == "unknown_job")
      #expect(code { _ = try other.client.document(name) } == "unknown_job")
      #expect(code { try other.client.cancel(name) } == "unknown_job")
      #expect(code { _ = try other.client.attempts(of: name) } == "unknown_job")
      #expect(code { try other.client.delete(name) } == "unknown_job")
      #expect(code { _ = try other.client.follow(name) { _ in } } == "unknown_job")
    }
    #expect(try viewer.client.jobs().map(\.id) == [job])
    #expect(code { _ = try viewer.client.document(job) } == "not_allowed")
    #expect(try admin.document(job) == owner.client.document(job))
    withExtendedLifetime(worker) {}
  }

  @Test func anArtifactIsNobodysBusinessButItsOwners() throws {
    let worker = try coordinator.worker("w", vice: .idle)
    let owner = try Guest(coordinator, .client, name: "owner")
    let other = try Guest(coordinator, .client, name: "other")
    let model = try coordinator.model(instances: 7)
    let job = try owner.client.submit(model: model, input: model)
    let digest = Digest(of: Array(try Data(contentsOf: model)))
    let stranger = try other.connection(to: coordinator)
    // It is here, and the stranger is asked for it as for one that is not.
    for asked in [digest, Digest(of: [1])] {
      try stranger.send(.artifactOffer(asked, total: 5))
      #expect(try stranger.receive() == .artifactWant(asked, offset: 0, length: 4 << 20))
      try stranger.send(.artifactWant(asked, offset: 0, length: 100))
      #expect(try stranger.receive() == .artifactMissing(asked))
      let request = SubmitRequest(
        modelName: "m", model: asked, input: asked, calibration: nil, options: SubmitOptions())
      try stranger.send(
        .request(id: 1, method: "submit", json: Array(Store.encode(request).utf8)))
      guard case .error(1, "artifact", let text) = try stranger.receive() else {
        Issue.record("a job with somebody else's files must be refused")
        return
      }
      #expect(text == "artifact \(asked.hex.prefix(12)): was not uploaded")
    }
    // A worker fetches what its tasks name, and nothing else.
    try eventually("a task") {
      worker.messages.contains { if case .assign = $0 { true } else { false } }
    }
    let program = try #require(
      worker.messages.compactMap { message -> Digest? in
        if case .assign(_, .index(let program, _)) = message { program } else { nil }
      }.first)
    let witness = Digest(of: SumJob.witness(instances: 7))
    for wanted in [witness, program, digest] {
      try worker.connection.send(.artifactWant(wanted, offset: 0, length: 100))
    }
    try eventually("three answers") {
      worker.messages.count {
        switch $0 {
        case .artifactMissing, .artifactPiece: true
        default: false
        }
      } == 3
    }
    #expect(worker.messages.contains(.artifactMissing(witness)))
    #expect(worker.messages.contains(.artifactMissing(digest)))
    #expect(!worker.messages.contains(.artifactMissing(program)))
    try owner.client.cancel(job)
  }

  @Test func whatIsHadStaysUntilTheJobThatReliesOnItHasIt() throws {
    let worker = try coordinator.worker("w", vice: .idle)
    let owner = try Guest(coordinator, .client, name: "owner")
    let model = try coordinator.model(instances: 3)
    let bytes = Array(try Data(contentsOf: model))
    let digest = Digest(of: bytes)
    let first = try owner.client.submit(model: model, input: model)
    let connection = try owner.connection(to: coordinator)
    try connection.send(.artifactOffer(digest, total: UInt64(bytes.count)))
    #expect(try connection.receive() == .artifactHave(digest))
    // The job that had brought it ends, and takes its artifacts along: not this one.
    try owner.client.cancel(first)
    #expect(try owner.client.follow(first) { _ in }.stage == .cancelled)
    let file = HomeFolder(coordinator.folder.url).artifacts.appendingPathComponent(digest.hex).path
    #expect(FileManager.default.fileExists(atPath: file))
    let request = SubmitRequest(
      modelName: "m", model: digest, input: digest, calibration: nil, options: SubmitOptions())
    try connection.send(
      .request(id: 1, method: "submit", json: Array(Store.encode(request).utf8)))
    guard case .response(1, let json) = try connection.receive() else {
      Issue.record("what was had is gone")
      return
    }
    let second = try JSONDecoder().decode(Name.self, from: Data(json)).name
    try owner.client.cancel(second)
    #expect(try owner.client.follow(second) { _ in }.stage == .cancelled)
    #expect(!FileManager.default.fileExists(atPath: file))
    // What is promised and never used goes with the connection.
    try connection.send(.artifactOffer(digest, total: UInt64(bytes.count)))
    _ = try connection.receive()
    try connection.send(
      .artifactPiece(digest, offset: 0, total: UInt64(bytes.count), bytes: bytes))
    #expect(try connection.receive() == .artifactHave(digest))
    connection.close()
    try eventually("its removal") { !FileManager.default.fileExists(atPath: file) }
    withExtendedLifetime(worker) {}
  }

  @Test func aRevokedClientIsCutOffAtOnceAndStaysOut() throws {
    let guest = try Guest(coordinator, .client, name: "guest")
    let connection = try guest.connection(to: coordinator)
    let staff = try Guest(coordinator, .operator, name: "staff")
    #expect(
      try admin.clients().filter { $0.role != .admin }.map { "\($0.name) \($0.state)" }.sorted()
        == ["by hand connected", "staff connected"])
    try staff.client.revokeClient(try guest.id)
    #expect(try connection.receive() == .refused(.revoked, text: "this key was revoked"))
    #expect(throws: WireError.self) { _ = try connection.receive() }
    #expect(throws: CoordinatorError.self) { _ = try guest.client.jobs() }
    #expect(
      code { _ = try JobClient(to: coordinator.server.address, home: guest.folder.url) }
        == "revoked")
    // An operator bars nobody of his rank, and nobody bars the owner of the home folder.
    let peer = try Guest(coordinator, .operator, name: "peer")
    #expect(code { try staff.client.revokeClient("peer") } == "not_allowed")
    #expect(
      code { _ = try staff.client.createToken(role: .operator, lifetime: 9) } == "not_allowed")
    #expect(code { _ = try staff.client.createToken(role: .client, lifetime: 9) } == nil)
    let owner = try #require(try admin.clients().first { $0.role == .admin })
    #expect(code { try admin.revokeClient(owner.id) } == "bad_request")
    #expect(code { try admin.revokeClient("nobody") } == "unknown_client")
    withExtendedLifetime(peer) {}
  }

  /// A key of the home folder that leaked is replaced, and barred like anybody's.
  @Test func aKeyThatWasReplacedInTheHomeFolderCanBeRevoked() throws {
    let home = HomeFolder(coordinator.folder.url)
    let old = try StaticKey.load(from: home.adminKey.path)
    admin.close()
    coordinator.server.stop()
    try FileManager.default.removeItem(at: home.adminKey)
    let server = try TestCoordinator.open(
      coordinator.folder, port: 0, leaseSeconds: 30, coordinator.log)
    try server.start()
    defer { server.stop() }
    let owner = try JobClient(home: coordinator.folder.url)
    func answer() throws -> Message {
      let connection = try SecureConnection.connect(
        to: Endpoint(parsing: server.address), identity: old,
        expecting: .publicKey(StaticKey.load(from: home.coordinatorKey.path).publicKey))
      defer { connection.close() }
      try connection.send(.hello(Hello(productVersion: "t", role: .client, name: "thief")))
      return try connection.receive()
    }
    guard case .welcome = try answer() else {
      Issue.record("the old key is an administrator's until it is revoked")
      return
    }
    let (oldID, newID) = (
      String(old.fingerprint.hex.prefix(16)),
      String(try StaticKey.load(from: home.adminKey.path).fingerprint.hex.prefix(16))
    )
    #expect(Set(try owner.clients().map(\.id)) == [oldID, newID])
    try owner.revokeClient(oldID)
    guard case .refused(.revoked, _) = try answer() else {
      Issue.record("a revoked key was let in")
      return
    }
    #expect(code { try owner.revokeClient(newID) } == "bad_request")
  }

  /// A worker that calls itself what another is called, or as its id, gets nothing meant for the other, nor the other this.
  @Test func anotherWorkersNameSteersNoOperatorsHand() throws {
    let good = try coordinator.worker("good")
    let id = try #require(try admin.workers().first).id
    let (twin, impostor) = (try coordinator.worker("good"), try coordinator.worker(id))
    func states() throws -> [String: String] {
      Dictionary(
        try admin.workers().map {
          ($0.id == id ? "good" : $0.name == id ? "impostor" : "twin", $0.state)
        },
        uniquingKeysWith: { first, _ in first })
    }
    #expect(code { try admin.cordonWorker("good") } == "bad_request")
    #expect(code { try admin.revokeWorker("good") } == "bad_request")
    #expect(code { try admin.drainWorker("good", deadline: nil) } == "bad_request")
    // A deadline is one that can come.
    for seconds in [-1, 31_536_001, 1e308] {
      #expect(code { try admin.drainWorker(id, deadline: seconds) } == "bad_request")
    }
    #expect(try states() == ["good": "live", "twin": "live", "impostor": "live"])
    try admin.cordonWorker(id)
    #expect(try states() == ["good": "cordoned", "twin": "live", "impostor": "live"])
    try admin.uncordonWorker(id)
    try admin.revokeWorker(id)
    #expect(try states() == ["good": "revoked", "twin": "live", "impostor": "live"])
    // The name has one bearer now.
    try admin.cordonWorker("good")
    #expect(try states() == ["good": "revoked", "twin": "cordoned", "impostor": "live"])
    withExtendedLifetime((good, twin, impostor)) {}
  }

  @Test func aNameThatTwoClientsHaveBarsNeither() throws {
    let guests = try (0..<2).map { _ in try Guest(coordinator, .client, name: "guest") }
    #expect(code { try admin.revokeClient("guest") } == "bad_request")
    for guest in guests { #expect(try guest.client.jobs().isEmpty) }
    try admin.revokeClient(try guests[0].id)
    #expect(throws: CoordinatorError.self) { _ = try guests[0].client.jobs() }
    #expect(try guests[1].client.jobs().isEmpty)
  }

  @Test func theAuditLogSaysWhoDidWhatFromWhere() throws {
    let guest = try Guest(coordinator, .client, name: "guest")
    let job = try coordinator.submit(guest.client)
    try guest.client.cancel(job)
    #expect(code { _ = try guest.client.createToken(role: .worker, lifetime: 9) } == "not_allowed")
    _ = try admin.createToken(role: .viewer, lifetime: 9)
    let entries = try admin.audit(limit: 100).reversed()
    let lines = entries.map { "\($0.name) \($0.role) \($0.action) \($0.outcome)" }
    #expect(
      lines == [
        "guest client join done", "guest client submit done", "guest client cancel done",
        "guest client token.create not_allowed", "ezkl-coord admin token.create done",
      ])
    #expect(entries.allSatisfy { $0.address.hasPrefix("127.0.0.1:") && $0.time > 1e9 })
    #expect(entries.map(\.subject)[1...2] == [job, job])
    #expect(!entries.contains { $0.subject.contains("ezkl1.") })
    #expect(try admin.audit(limit: 2).map(\.number) == [5, 4])
    #expect(code { _ = try admin.audit(limit: 0) } == "bad_request")
  }
}

/// The audit log in the database.
@Suite struct AuditStoreTests {
  private func entry(_ action: String) -> AuditEntry {
    AuditEntry(
      time: 5, member: "m", name: "n", role: "client", address: "a:1", action: action,
      subject: "s", outcome: "done")
  }

  @Test func nobodyChangesWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.url.appendingPathComponent("test.sqlite").path)
    for action in ["one", "two", "three"] { try store.record(entry(action)) }
    for statement in [
      "UPDATE audit SET outcome = 'other'", "DELETE FROM audit WHERE number = 1",
      "DELETE FROM audit",
    ] {
      #expect(throws: CoordinatorError.self) {
        try store.perform { connection throws(CoordinatorError) in
          _ = try connection.run(statement)
        }
      }
    }
    #expect(try store.audit(limit: 2).map(\.action) == ["three", "two"])
  }

  @Test func theLogIsBounded() throws {
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.url.appendingPathComponent("test.sqlite").path)
    try store.record(entry("first"))
    // As if a hundred thousand had been written.
    try store.perform { connection throws(CoordinatorError) in
      _ = try connection.run(
        """
        INSERT INTO audit (number, time, member, name, role, address, action, subject, outcome)
        VALUES (?, 1, '', '', '', '', 'far', '', '')
        """, [.integer(Int64(Store.auditCapacity))])
    }
    #expect(try store.audit(limit: 9).count == 2)
    try store.record(entry("next"))
    #expect(try store.audit(limit: 9).map(\.action) == ["next", "far"])
  }

  @Test func aMeterAllowsABurstAndThenARate() {
    var meter = RateMeter(capacity: 2, perSecond: 10)
    // A clock that stands still or goes back gives nothing.
    var given: [Bool] = []
    for moment in [100, 100, 100, 100.11, 100.11, 50] { given.append(meter.take(at: moment)) }
    #expect(given == [true, true, false, true, false, false])
    var other = RateMeter(capacity: 1, perSecond: 10)
    var delays: [Double] = []
    for moment in [0.0, 0, 0, 100] { delays.append(other.reserve(at: moment)) }
    #expect(zip(delays, [0, 0.1, 0.2, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
  }
}
