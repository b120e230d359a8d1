import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// A damaged row is the end of what it is about, and of nothing else.
@Suite(.serialized) struct DamagedRowTests {
  let folder: TemporaryFolder
  let log = TestCoordinator.Log()

  init() throws { folder = try TemporaryFolder() }

  private func open() throws -> CoordinatorServer {
    try TestCoordinator.open(folder, port: 0, leaseSeconds: 30, http: true, log)
  }

  private func damage(_ statement: String) throws {
    let database = try Store(path: HomeFolder(folder.url).database.path)
    try database.perform { connection throws(CoordinatorError) in
      for trigger in ["audit_stays", "audit_keeps"] {
        try connection.run("DROP TRIGGER IF EXISTS \(trigger)")
      }
      try connection.run(statement)
    }
  }

  @Test(arguments: [
    "UPDATE jobs SET options = 'x'", "UPDATE jobs SET stage = 'x'", "UPDATE jobs SET kind = 'x'",
    "UPDATE audit SET number = -5 WHERE number = 1",
    "UPDATE artifacts SET digest = x'00' WHERE rowid = (SELECT min(rowid) FROM artifacts)",
    "UPDATE tokens SET hash = x'00' WHERE role = 'client'",
    "UPDATE tokens SET role = 'x' WHERE role = 'client'",
    "UPDATE members SET key = x'00' WHERE role = 'worker'",
    "UPDATE members SET key = x'00' WHERE role = 'admin'",
  ])
  func everythingElseGoesOn(statement: String) throws {
    let first = try open()
    try first.start()
    let client = try JobClient(home: folder.url)
    let model = folder.url.appendingPathComponent("model")
    try Data("2 1 4".utf8).write(to: model)
    let job = try client.submit(model: model, input: model)
    let token = try first.createToken(role: .worker, lifetime: 600)
    let key = StaticKey.generate()
    try TestWorker("w", token: token, key: key).leave()
    _ = try first.createToken(role: .client, lifetime: 600, bearer: "c")
    let viewer = try first.createToken(role: .operator, lifetime: 600, bearer: "v")
    client.close()
    first.stop()
    try damage(statement)
    let second = try open()
    defer { second.stop() }
    try second.start()
    let http = HTTPClient(
      port: try #require(second.httpPort), headers: ["Authorization: Bearer \(viewer)"])
    for path in ["jobs", "workers", "tokens", "clients", "cluster", "audit"] {
      #expect(try http.request("GET", "/v1/\(path)").status == 200, "\(path)")
    }
    #expect(try http.request("GET", "/metrics").status == 200)
    let again = try JobClient(home: folder.url)
    #expect(try again.jobs().map(\.id) == [job])
    let next = try again.submit(model: model, input: model)
    let worker = try TestWorker(
      "w", token: try second.createToken(role: .worker, lifetime: 600), key: key)
    #expect(try again.follow(next) { _ in }.stage == .done)
    withExtendedLifetime(worker) {}
  }

  @Test func whatIsLeftOutIsSaidOnce() throws {
    let first = try open()
    try first.start()
    _ = try first.createToken(role: .client, lifetime: 600)
    first.stop()
    try damage("UPDATE tokens SET role = 'x'")
    let second = try open()
    defer { second.stop() }
    try second.start()
    let client = try JobClient(home: folder.url)
    for _ in 0..<3 { #expect(try client.tokens().isEmpty) }
    #expect(log.text.components(separatedBy: "tokens.role").count == 2)
  }
}
