import Coordinator
import Foundation
import Glibc
import TestSupport
import Testing
import Wire

/// What is kept, what goes, and a home folder in one file.
@Suite(.serialized) struct RetentionTests {
  @Test func aDeletedJobLeavesNothing() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let job = try coordinator.submit(client)
    _ = try client.follow(job) { _ in }
    let attempts = try client.attempts(of: job)
    #expect(!attempts.isEmpty && attempts.allSatisfy { $0.outcome == "done" && $0.worker == "a" })
    let document = Digest(of: Array(try client.document(job)))
    let stuck = try coordinator.submit(client, workers: 3)
    #expect(throws: CoordinatorError.self) { try client.delete(stuck) }
    try client.delete(job)
    #expect(try client.jobs().map(\.id) == [stuck])
    #expect(throws: CoordinatorError.self) { _ = try client.document(job) }
    let file = HomeFolder(coordinator.folder.url).artifacts.appendingPathComponent(document.hex)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    withExtendedLifetime(worker) {}
  }

  @Test func ofOldJobsTheDatabaseKeepsNoDetails() throws {
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.url.appendingPathComponent("db").path)
    for number in 0..<(Store.detailedJobs + 3) {
      try store.insert(StoreTests.job("j\(number)", submitted: Double(number)))
      if number < 5 {
        let tasks = try store.insertTasks(job: "j\(number)", descriptions: ["x"])
        try store.beginAttempt(
          task: tasks[0], job: "j\(number)", worker: "w", name: "w", isReplay: false, at: 0)
      }
      try store.setStage(.cancelled, detail: "", of: "j\(number)", at: Double(number))
    }
    try store.insert(
      GroupRecord(
        job: "j1", number: 0, attempt: 0, state: .proved, holders: "[]",
        seed: [UInt8](repeating: 1, count: 32)))
    try store.trim()
    #expect(try store.groups(of: "j1").isEmpty)
    #expect(try (0..<5).map { try store.attempts(of: "j\($0)").count } == [0, 0, 0, 1, 1])
    #expect(try store.jobs(endedBefore: 2) == ["j0", "j1"])
    #expect(try store.delete(job: "j0") == nil)
    #expect(try store.job("j0") == nil)
    #expect(throws: CoordinatorError.unknownJob("j0")) { _ = try store.delete(job: "j0") }
  }

  @Test func ofEndedJobsAnAccountKeepsTheNewest() throws {
    let folder = try TemporaryFolder()
    let store = try Store(path: folder.url.appendingPathComponent("db").path)
    for number in 0..<6 {
      try store.insert(StoreTests.job("j\(number)", submitted: Double(number)))
      if number < 5 {
        try store.setStage(.cancelled, detail: "", of: "j\(number)", at: Double(number))
      }
    }
    let account = try #require(try store.accounts().first)
    func old(_ count: Int, _ bytes: UInt64, limit: Int = 10) throws -> [String] {
      try store.endedJobs(of: account, beyond: count, bytes: bytes, limit: limit)
    }
    #expect(try old(5, 1 << 30).isEmpty)
    #expect(try old(3, 1 << 30) == ["j0", "j1"])
    #expect(try old(3, 1 << 30, limit: 1) == ["j0"])
    #expect(try old(5, 100) == ["j0", "j1", "j2", "j3", "j4"])
    // A plan counts: of the two newest the older one has a long one.
    try store.setPlan(
      workforce: Workforce(workers: 1), digest: [UInt8](repeating: 1, count: 32),
      text: String(repeating: "p", count: 100_000), of: "j3")
    #expect(try old(5, 50_000) == ["j0", "j1", "j2", "j3"])
    #expect(try store.endedJobs(of: "another", beyond: 0, bytes: 0, limit: 10).isEmpty)
  }

  /// What is submitted and cancelled again and again takes no more of the disk than its owner may have.
  @Test func endedJobsMakeWayForNewerOnes() throws {
    let folder = try TemporaryFolder()
    var configuration = CoordinatorConfiguration(home: folder.url, threads: 1)
    configuration.limits.bytes = 100_000
    let server = try CoordinatorServer(configuration) {
      (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
    }
    try server.start()
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let model = folder.url.appendingPathComponent("model")
    try Data("2 1 4".utf8).write(to: model)
    var last = ""
    for _ in 0..<40 {
      last = try client.submit(model: model, input: model)
      try client.cancel(last)
    }
    try eventually("few that are kept") { try client.jobs().count < 30 }
    #expect(try client.jobs().map(\.id).contains(last))
  }

  @Test func aHomeIsBackedUpWhileItRunsAndRestored() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let job = try coordinator.submit(client)
    _ = try client.follow(job) { _ in }
    let waiting = try coordinator.submit(client, workers: 2)
    let other = try TemporaryFolder()
    let file = other.url.appendingPathComponent("backup.tar")
    try HomeBackup.create(of: coordinator.folder.url, at: file)
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(throws: CoordinatorError.self) {
      try HomeBackup.create(of: coordinator.folder.url, at: file)
    }
    let document = try client.document(job)
    let restored = other.url.appendingPathComponent("home")
    try HomeBackup.restore(file, to: restored)
    #expect(throws: CoordinatorError.self) { try HomeBackup.restore(file, to: restored) }
    let server = try CoordinatorServer(CoordinatorConfiguration(home: restored)) {
      (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
    }
    try server.start()
    let again = try JobClient(home: restored)
    #expect(try again.document(job) == document)
    #expect(try again.jobs().map(\.id).contains(waiting))
    server.stop()
    let wrong = other.url.appendingPathComponent("wrong.tar")
    try Data([1, 2, 3]).write(to: wrong)
    #expect(throws: CoordinatorError.self) {
      try HomeBackup.restore(wrong, to: other.url.appendingPathComponent("nothing"))
    }
    withExtendedLifetime(worker) {}
  }

  /// The file that an error is about; nil where there is none.
  private func faultyFile(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      guard case CoordinatorError.file(let path, _) = error else { return "\(error)" }
      return path
    }
  }

  /// A restore that breaks off leaves no home with a key of its own; and a home without its key is no home.
  @Test func aDamagedBackupRestoresNothing() throws {
    let coordinator = try TestCoordinator()
    let other = try TemporaryFolder()
    let file = other.url.appendingPathComponent("backup.tar")
    try HomeBackup.create(of: coordinator.folder.url, at: file)
    coordinator.server.stop()
    let whole = try [UInt8](Data(contentsOf: file))
    let restored = other.url.appendingPathComponent("home")
    let damaged = [Array(whole.prefix(whole.count / 3)), [UInt8](repeating: 7, count: 4096), []]
    for bytes in damaged {
      try Data(bytes).write(to: file)
      #expect(faultyFile { try HomeBackup.restore(file, to: restored) } == file.path)
      let names = try FileManager.default.contentsOfDirectory(atPath: other.url.path)
      #expect(names == ["backup.tar"])
    }
    try Data(whole).write(to: file)
    try HomeBackup.restore(file, to: restored)
    let key = HomeFolder(restored).coordinatorKey
    try FileManager.default.removeItem(at: key)
    let path = faultyFile {
      _ = try CoordinatorServer(CoordinatorConfiguration(home: restored)) {
        (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
      }
    }
    #expect(path == key.path && !FileManager.default.fileExists(atPath: key.path))
  }

  /// Backups and restores write beside what they are named for: nothing that lies there is theirs.
  @Test func neighboursOfBackupsAndHomesStay() throws {
    let coordinator = try TestCoordinator()
    let other = try TemporaryFolder()
    let (file, home) = (
      other.url.appendingPathComponent("b.tar"), other.url.appendingPathComponent("home")
    )
    let partial = other.url.appendingPathComponent("b.tar.partial")
    let beside = other.url.appendingPathComponent("home.restoring")
    try Data([1]).write(to: partial)
    try FileManager.default.createDirectory(at: beside, withIntermediateDirectories: false)
    try Data([2]).write(to: beside.appendingPathComponent("thesis"))
    try HomeBackup.create(of: coordinator.folder.url, at: file)
    try HomeBackup.restore(file, to: home)
    #expect(try Data(contentsOf: partial) == Data([1]))
    #expect(try Data(contentsOf: beside.appendingPathComponent("thesis")) == Data([2]))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: other.url.path).sorted()
        == ["b.tar", "b.tar.partial", "home", "home.restoring"])
  }

  /// A restore that was killed leaves secrets beside the home; the next one of that home removes them, and nothing else.
  @Test func whatAKilledRestoreLeftIsRemovedByTheNext() throws {
    let coordinator = try TestCoordinator()
    let other = try TemporaryFolder()
    func place(_ name: String) -> URL { other.url.appendingPathComponent(name) }
    let file = place("b.tar")
    try HomeBackup.create(of: coordinator.folder.url, at: file)
    let stale = "home.0123456789ab.restoring"
    let inUse = "home.0123456789ac.restoring"
    let others = [
      "home.0123456789a.restoring", "home.0123456789ag.restoring", "home2.0123456789ab.restoring",
      "home.0123456789ab.restored",
    ]
    for name in [stale, inUse] + others {
      try FileManager.default.createDirectory(
        at: place(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
      try Data([1]).write(to: place(name).appendingPathComponent("admin.key"))
    }
    let lock = try HomeFolder(place(inUse)).lock()
    // A link is not followed, whatever it points to.
    let link = "home.0123456789ad.restoring"
    try FileManager.default.createSymbolicLink(
      at: place(link), withDestinationURL: place(others[0]))
    #expect(try HomeBackup.restore(file, to: place("home")) == [place(stale).path])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: other.url.path).sorted()
        == ([inUse, link] + others + ["b.tar", "home"]).sorted())
    for name in [inUse] + others {
      #expect(FileManager.default.fileExists(atPath: place(name).path + "/admin.key"))
    }
    // The home is nobody's: a coordinator may have it.
    let server = try CoordinatorServer(CoordinatorConfiguration(home: place("home"))) {
      (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
    }
    server.stop()
    withExtendedLifetime(lock) {}
  }

  /// Under a new database no job would need any proof, and all would go.
  @Test func withoutItsDatabaseAHomeWithProofsIsRefused() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let job = try coordinator.submit(client)
    #expect(try client.follow(job) { _ in }.stage == .done)
    let document = try client.document(job)
    coordinator.server.stop()
    let home = HomeFolder(coordinator.folder.url)
    let kept = coordinator.folder.url.appendingPathComponent("kept")
    try FileManager.default.moveItem(at: home.database, to: kept)
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: home.database.path + suffix)
    }
    func start() throws -> CoordinatorServer {
      try TestCoordinator.open(coordinator.folder, port: 0, leaseSeconds: 30, coordinator.log)
    }
    #expect(faultyFile { _ = try start() } == home.database.path)
    #expect(!FileManager.default.fileExists(atPath: home.database.path))
    // An empty one is none, and no key saves it.
    try Data().write(to: home.database)
    #expect(faultyFile { _ = try start() } == home.database.path)
    let key = try Data(contentsOf: home.coordinatorKey)
    try FileManager.default.removeItem(at: home.coordinatorKey)
    #expect(faultyFile { _ = try start() } == home.database.path)
    try key.write(to: home.coordinatorKey)
    chmod(home.coordinatorKey.path, 0o600)
    try FileManager.default.removeItem(at: home.database)
    try FileManager.default.moveItem(at: kept, to: home.database)
    let again = try start()
    try again.start()
    #expect(try JobClient(home: coordinator.folder.url).document(job) == document)
    again.stop()
    withExtendedLifetime(worker) {}
  }

  @Test(arguments: [true, false]) func aFirstStartThatWasKilledBeginsAgain(emptyFile: Bool) throws {
    let folder = try TemporaryFolder()
    let home = HomeFolder(folder.url)
    try home.create()
    let key = try StaticKey.loadOrCreate(at: home.coordinatorKey.path)
    if emptyFile { try Data().write(to: home.database) }
    let server = try TestCoordinator.open(folder, port: 0, leaseSeconds: 30, TestCoordinator.Log())
    server.stop()
    #expect(
      try StaticKey.load(from: home.coordinatorKey.path).fingerprint == key.fingerprint)
  }

  /// The parameters are public: whoever uploads their bytes and hangs up takes nothing from anybody.
  @Test func parametersOutlastUploadsOfTheSameBytes() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let first = try coordinator.submit(client)
    #expect(try client.follow(first) { _ in }.stage == .done)
    let home = HomeFolder(coordinator.folder.url)
    func isHere(_ digest: Digest) -> Bool {
      FileManager.default.fileExists(
        atPath: home.artifacts.appendingPathComponent(digest.hex).path)
    }
    func upload(_ files: [[UInt8]]) throws -> SecureConnection {
      let connection = try SecureConnection.connect(
        to: Endpoint(parsing: coordinator.server.address),
        identity: StaticKey.load(from: home.adminKey.path),
        expecting: .publicKey(StaticKey.load(from: home.coordinatorKey.path).publicKey))
      try connection.send(.hello(Hello(productVersion: "t", role: .client, name: "eve")))
      guard case .welcome = try connection.receive() else {
        throw CoordinatorError.protocolViolation("no welcome")
      }
      for bytes in files {
        let (digest, total) = (Digest(of: bytes), UInt64(bytes.count))
        try connection.send(.artifactOffer(digest, total: total))
        #expect(try connection.receive() == .artifactWant(digest, offset: 0, length: 4 << 20))
        try connection.send(.artifactPiece(digest, offset: 0, total: total, bytes: bytes))
        #expect(try connection.receive() == .artifactHave(digest))
      }
      return connection
    }
    let (parameters, own) = (Array("srs".utf8), Array("eve's own".utf8))
    #expect(isHere(Digest(of: parameters)))
    try upload([parameters, own]).close()
    try eventually("the end of what is hers") { !isHere(Digest(of: own)) }
    // What this one gets waits for the other's goodbye to be over.
    let last = try upload([own])
    #expect(isHere(Digest(of: parameters)))
    last.close()
    let second = try coordinator.submit(client)
    #expect(try client.follow(second) { _ in }.stage == .done)
    try client.delete(first)
    try client.delete(second)
    #expect(isHere(Digest(of: parameters)))
    withExtendedLifetime(worker) {}
  }

  @Test func halfASubmissionIsNone() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let database = try SQLiteConnection(
      path: HomeFolder(coordinator.folder.url).database.path)
    try database.run(
      "CREATE TRIGGER broken BEFORE INSERT ON artifacts BEGIN SELECT RAISE(ABORT, 'broken'); END")
    #expect(throws: CoordinatorError.self) { _ = try coordinator.submit(client) }
    #expect(try client.jobs().isEmpty)
    try database.run("DROP TRIGGER broken")
    let job = try coordinator.submit(client)
    #expect(try client.jobs().map(\.id) == [job])
  }

  @Test func afterTheEndTheDatabaseIsOneFile() throws {
    let coordinator = try TestCoordinator()
    _ = try coordinator.submit(try coordinator.client())
    let log = HomeFolder(coordinator.folder.url).database.path + "-wal"
    #expect(try Data(contentsOf: URL(fileURLWithPath: log)).count > 0)
    coordinator.server.stop()
    #expect((try? Data(contentsOf: URL(fileURLWithPath: log)))?.isEmpty ?? true)
  }

  @Test func operatorsWordsAboutWorkersLastOverRestarts() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let key = StaticKey.generate()
    let worker = try coordinator.worker("a", key: key)
    try client.cordonWorker("a", reason: "new disk")
    #expect(try client.workers().map(\.state) == ["cordoned"])
    #expect(try client.workers()[0].record?.reason == "new disk")
    #expect(throws: CoordinatorError.self) { try client.forgetWorker("a") }
    worker.leave()
    try eventually("its leaving") { try client.workers().map(\.state) == ["away"] }
    coordinator.server.stop()
    let second = try TestCoordinator.open(
      coordinator.folder, port: 0, leaseSeconds: 30, coordinator.log)
    try second.start()
    let again = try JobClient(home: coordinator.folder.url)
    let back = try TestWorker(
      "a", token: try second.createToken(role: .worker, lifetime: 60), key: key)
    #expect(try again.workers().map(\.state) == ["cordoned"])
    #expect(try again.cluster().workers == ["cordoned": 1])
    try again.uncordonWorker("a")
    #expect(try again.workers().map(\.state) == ["live"])
    back.leave()
    try eventually("its leaving") { try again.workers().map(\.state) == ["away"] }
    try again.forgetWorker("a")
    #expect(try again.workers().isEmpty)
    #expect(throws: CoordinatorError.self) { try again.forgetWorker("a") }
    second.stop()
  }
}
