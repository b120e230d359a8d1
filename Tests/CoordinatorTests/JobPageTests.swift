import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Lists of jobs, however long, come in pages that fit a message.
@Suite(.serialized) struct JobPageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A coordinator of a home with these jobs, all of which have ended.
  private func server(_ jobs: [JobRecord]) throws -> CoordinatorServer {
    let server = try TestCoordinator.open(
      folder, port: 0, leaseSeconds: 30, TestCoordinator.Log())
    let store = try Store(path: HomeFolder(folder.url).database.path)
    for job in jobs {
      try store.insert(job)
      try store.setStage(.cancelled, detail: "", of: job.id, at: 1)
    }
    try server.start()
    return server
  }

  @Test func everyJobStandsInOnePage() throws {
    // Several at each time: the id decides among them.
    let jobs = (0..<1203).map { StoreTests.job("j\($0)", submitted: Double($0 / 7)) }
    let server = try server(jobs)
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let expected = jobs.sorted { ($1.submitted, $0.id) < ($0.submitted, $1.id) }.map(\.id)
    #expect(try client.jobs().map(\.id) == expected)
    #expect(try client.jobs(limit: 700).map(\.id) == Array(expected.prefix(700)))
    #expect(try client.jobs(in: [.cancelled, .done]).count == jobs.count)
    #expect(try client.jobs(in: JobStage.unfinished).isEmpty)
  }

  /// Options are looked at by their length first: of many long ones few are read.
  @Test func noMoreIsReadThanAPageMayHave() throws {
    let store = try Store(path: folder.url.appendingPathComponent("other").path)
    for number in 0..<10 {
      try store.insert(StoreTests.job("j\(number)", submitted: Double(number)))
    }
    let length = try #require(
      try store.jobs(limit: 1).first.map { Store.encode($0.options).utf8.count })
    #expect(try store.jobs(limit: 8, bytes: 1).map(\.id) == ["j9"])
    #expect(try store.jobs(limit: 8, bytes: 3 * length).map(\.id) == ["j9", "j8", "j7", "j6"])
    #expect(try store.jobs(limit: 8, bytes: 100 * length).count == 8)
    #expect(try store.jobIDs(in: JobStage.unfinished).first == "j0")
  }

  @Test func pagesEndBeforeTheyAreTooLarge() throws {
    let name = String(repeating: "n", count: 1 << 20)
    let jobs = (0..<80).map { number in
      JobRecord(
        id: "j\(number)", modelName: name, model: [UInt8](repeating: 1, count: 32),
        input: [UInt8](repeating: 2, count: 32), calibration: nil, options: SubmitOptions(),
        seed: [UInt8](repeating: 3, count: 32), stage: .submitted, detail: "",
        submitted: Double(number), updated: 1)
    }
    let server = try server(jobs)
    defer { server.stop() }
    #expect(try JobClient(home: folder.url).jobs().count == jobs.count)
  }

  /// A page takes as many turns at the database as any other, however long it is, and says what it said.
  @Test func aLongPageTakesFewTurnsAtTheDatabase() throws {
    let server = try server((0..<500).map { StoreTests.job("j\($0)", submitted: Double($0)) })
    defer { server.stop() }
    let store = try Store(path: HomeFolder(folder.url).database.path)
    for (worker, reason) in [("a", "a: it lied"), ("b", "b: it lied too")] {
      try store.quarantine(worker, job: "j7", reason: reason)
    }
    let client = try JobClient(home: folder.url)
    _ = try client.jobs(limit: 1)
    let before = server.databaseTurns
    let jobs = try client.jobs(limit: 500)
    #expect(jobs.count == 500 && server.databaseTurns - before < 20)
    let dropped = jobs.map(\.dropped).filter { !$0.isEmpty }
    #expect(dropped == [["a: it lied", "b: it lied too"]])
  }

  @Test func anEndedJobsFollowCountsForNothing() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    for _ in 0..<260 {
      let job = try coordinator.submit(client, circuits: 1, instances: 1)
      #expect(try client.follow(job) { _ in }.stage == .done)
    }
    withExtendedLifetime(worker) {}
  }
}
