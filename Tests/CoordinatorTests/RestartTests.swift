import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// A coordinator that ends in the middle of a job and comes back.
@Suite(.serialized) struct RestartTests {
  let folder: TemporaryFolder
  let log = TestCoordinator.Log()

  init() throws { folder = try TemporaryFolder() }

  private func open(port: Int = 0) throws -> CoordinatorServer {
    try TestCoordinator.open(folder, port: port, leaseSeconds: 30, log)
  }

  private func model() throws -> URL {
    let url = folder.url.appendingPathComponent("model")
    try Data("2 1 4".utf8).write(to: url)
    return url
  }

  /// The seeds of the instance shares that a worker was given.
  private func seeds(_ worker: TestWorker) -> Set<[UInt8]> {
    Set(
      worker.messages.compactMap { message in
        if case .assign(_, .instances(let task)) = message { task.tasks.first?.seed } else { nil }
      })
  }

  /// A coordinator starts although the row of an unfinished job is damaged; that job fails and says why.
  @Test func aDamagedRowKeepsNobodyFromStarting() throws {
    let first = try open()
    try first.start()
    let client = try JobClient(home: folder.url)
    let jobs = try (0..<2).map { _ in try client.submit(model: try model(), input: try model()) }
    client.close()
    first.stop()
    let database = try Store(path: HomeFolder(folder.url).database.path)
    try database.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE jobs SET seed = x'00' WHERE id = ?", [.text(jobs[0])])
    }
    let second = try open()
    defer { second.stop() }
    try second.start()
    let again = try JobClient(home: folder.url)
    let failed = try again.job(jobs[0])
    #expect(failed.stage == .failed && failed.detail.contains("jobs.seed"))
    #expect(log.text.contains("job \(jobs[0]) cannot go on"))
    let worker = try TestWorker("w", token: try second.createToken(role: .worker, lifetime: 600))
    #expect(try again.follow(jobs[1]) { _ in }.stage == .done)
    #expect(worker.connection.isOpen)
    #expect(try again.jobs().count == 2)
  }

  /// What a full disk does to the file with the address, a folder in its place does here.
  @Test func anAddressThatCannotBeWrittenKeepsNobodyFromStarting() throws {
    try open().stop()
    let address = HomeFolder(folder.url).address
    try FileManager.default.createDirectory(at: address, withIntermediateDirectories: true)
    let server = try open()
    defer { server.stop() }
    try server.start()
    #expect(log.text.contains("need --coordinator \(server.address)"))
    try FileManager.default.removeItem(at: address)
    try eventually("the address") {
      (try? String(contentsOf: address, encoding: .utf8)) == server.address + "\n"
    }
  }

  /// A coordinator starts although what it knew of a worker is damaged; it logs whose record is lost.
  @Test func aDamagedRecordOfAWorkerKeepsNobodyFromStarting() throws {
    try open().stop()
    let database = try Store(path: HomeFolder(folder.url).database.path)
    try database.setHealth(WorkerHealth(), of: "w1")
    try database.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE health SET record = '{}'")
    }
    let second = try open()
    defer { second.stop() }
    try second.start()
    #expect(log.text.contains("nothing is known any more of worker w1"))
    #expect(try JobClient(home: folder.url).jobs().isEmpty)
  }

  @Test(arguments: [1, 2] as [UInt8]) func aJobGoesOnFromItsLastRound(step: UInt8) throws {
    let key = StaticKey.generate()
    let first = try open()
    try first.start()
    let client = try JobClient(home: folder.url)
    let token = try first.createToken(role: .worker, lifetime: 600)
    // The only worker hangs up when it is asked for the step; then the coordinator ends as well.
    let before = try TestWorker("w", token: token, key: key, vice: .hangsUp(step: step))
    let job = try client.submit(model: try model(), input: try model())
    try eventually("the worker hanging up") { !before.connection.isOpen }
    #expect(try client.job(job).stage == .proving)
    client.close()
    first.stop()

    let database = try Store(path: HomeFolder(folder.url).database.path)
    let stored = try database.groups(of: job)
    #expect(stored.count == 1 && stored[0].state == .running && stored[0].attempt == 0)
    #expect((stored[0].snapshot != nil) == (step == 2))

    let second = try open()
    try second.start()
    let again = try JobClient(home: folder.url)
    // The key is enrolled: no token is needed, and an old one does no harm.
    let after = try TestWorker(
      "w", token: try second.createToken(role: .worker, lifetime: 600), key: key)
    #expect(try again.follow(job) { _ in }.stage == .done)
    // The same attempt under the same seed: nobody answered under two challenges.
    #expect(seeds(after) == seeds(before))
    #expect(try database.groups(of: job).map(\.attempt) == [0])
    second.stop()
  }

  @Test func artifactsThatACrashLeftBehindAreRemoved() throws {
    try open().stop()
    let home = HomeFolder(folder.url)
    let artifacts = try ArtifactStore(directory: home.artifacts.path)
    let left = try artifacts.add([1, 2, 3])
    let uploaded = try artifacts.add([4, 5, 6])
    let store = try Store(path: home.database.path)
    try store.insert(StoreTests.job("ended"))
    try store.keepArtifacts([left.bytes], of: "ended")
    try store.setStage(.cancelled, detail: "", of: "ended", at: 2)
    let server = try open()
    try server.start()
    server.stop()
    for digest in [left, uploaded] {
      let file = home.artifacts.appendingPathComponent(digest.hex)
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
    #expect(try store.endedJobsWithArtifacts().isEmpty)
  }

  @Test func aSecondCoordinatorOnTheSameHomeIsRefused() throws {
    let server = try open()
    #expect(throws: CoordinatorError.homeInUse(path: folder.url.standardizedFileURL.path)) {
      _ = try open()
    }
    server.stop()
  }

  @Test func aTakenPortIsAClearError() throws {
    let server = try open()
    let other = try TemporaryFolder()
    #expect(throws: CoordinatorError.self) {
      _ = try TestCoordinator.open(other, port: server.port, leaseSeconds: 30, log)
    }
    server.stop()
  }

  @Test func withoutACoordinatorTheClientSaysSo() throws {
    let home = folder.url.appendingPathComponent("elsewhere")
    #expect(throws: CoordinatorError.self) { _ = try JobClient(home: home) }
    let server = try open()
    try server.start()
    server.stop()
    do {
      _ = try JobClient(home: folder.url)
      Issue.record("nobody listens")
    } catch CoordinatorError.unreachable(_, let reason) {
      #expect(reason == "no coordinator is running there (ezkl-coord serve)")
    }
  }
}
