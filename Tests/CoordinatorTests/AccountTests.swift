import Coordinator
import Foundation
import TestSupport
import Testing

/// Limits and shares are those of accounts: of whoever was given a token, however many keys he enrols with it.
@Suite(.serialized) struct AccountTests {
  let folder: TemporaryFolder
  var path: String { folder.url.appendingPathComponent("test.sqlite").path }

  init() throws { folder = try TemporaryFolder() }

  private func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch CoordinatorError.refused(let code, _) { return code } catch {
      return "\(error)"
    }
    return nil
  }

  private func server() throws -> CoordinatorServer {
    var configuration = CoordinatorConfiguration(
      home: folder.url.appendingPathComponent("home"), threads: 1)
    configuration.limits.jobs = 1
    let server = try CoordinatorServer(configuration) {
      (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
    }
    try server.start()
    return server
  }

  private func client(
    _ name: String, _ token: String, at server: CoordinatorServer
  ) throws -> JobClient {
    try JobClient(
      to: server.address, home: folder.url.appendingPathComponent(name), token: token, name: name)
  }

  @Test func keysOfOneTokenShareTheirLimits() throws {
    let server = try server()
    defer { server.stop() }
    let model = folder.url.appendingPathComponent("model")
    try Data("2 1 4".utf8).write(to: model)
    let two = try server.createToken(role: .client, lifetime: 600, uses: 2)
    let (first, second) = (try client("a", two, at: server), try client("b", two, at: server))
    let other = try client(
      "c", try server.createToken(role: .client, lifetime: 600), at: server)
    let job = try first.submit(model: model, input: model, options: SubmitOptions())
    #expect(
      code { _ = try second.submit(model: model, input: model, options: SubmitOptions()) }
        == "too_many")
    // Whose it is, and who sees it, is another matter.
    #expect(try second.jobs().isEmpty && first.jobs().map(\.id) == [job])
    #expect(code { try second.cancel(job) } == "unknown_job")
    _ = try other.submit(model: model, input: model, options: SubmitOptions())
    try first.cancel(job)
    #expect(try first.follow(job) { _ in }.stage == .cancelled)
    _ = try second.submit(model: model, input: model, options: SubmitOptions())
  }

  @Test func aClientsTokenIsForOneKeyUnlessItSaysMore() throws {
    let server = try server()
    defer { server.stop() }
    let token = try server.createToken(role: .client, lifetime: 600)
    _ = try client("a", token, at: server)
    #expect(code { _ = try client("b", token, at: server) } == "invalidToken")
    let owner = try JobClient(home: folder.url.appendingPathComponent("home"))
    #expect(try owner.tokens().map(\.maximumUses) == [1])
    _ = try server.createToken(role: .worker, lifetime: 600)
    #expect(try owner.tokens().first { $0.role == .worker }?.maximumUses == 1024)
  }

  @Test func jobsOfOlderHomesCountForTheTokenOfTheirKey() throws {
    let last = try #require(Migration.all.firstIndex { $0.name == "16 accounts of jobs" })
    let old = try Store(path: path, migrations: Array(Migration.all.prefix(last)))
    try old.perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        INSERT INTO members (id, key, role, name, threads, memory, token, enrolled, last_seen)
        VALUES ('k', x'01', 'client', 'k', 1, 0, 't', 0, 0),
          ('h', x'02', 'admin', 'h', 1, 0, NULL, 0, 0)
        """)
      for (job, owner) in [("1", "k"), ("2", "k"), ("3", "h"), ("4", ""), ("5", "http")] {
        try connection.run(
          """
          INSERT INTO jobs (id, owner, model_name, model, input, options, seed, stage, detail,
            submitted, updated)
          VALUES (?, ?, 'm', zeroblob(32), zeroblob(32), '{}', zeroblob(32), 'submitted', '', 0, 0)
          """, [.text(job), .text(owner)])
      }
    }
    let store = try Store(path: path)
    let accounts = try store.perform { connection throws(CoordinatorError) in
      var accounts: [String] = []
      for row in try connection.rows("SELECT account FROM jobs ORDER BY id") {
        accounts.append(try row.text("jobs", "account"))
      }
      return accounts
    }
    #expect(accounts == ["t", "t", "h", "", "http"])
    #expect(try store.unfinishedJobs(ofAccount: "t") == 2)
    #expect(try store.unfinishedJobs(ofAccount: "k") == 0)
  }
}
