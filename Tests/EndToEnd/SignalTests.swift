import Coordinator
import Foundation
import TestSupport
import Testing

/// What signals do to a coordinator and to a worker, and how tokens reach them.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | SIGTERM to a coordinator | workers hear goodbye, `address` is gone, exit code 0 |
/// | SIGTERM to a worker | it says goodbye and leaves |
/// | SIGHUP | the log goes on in a new file after the old one was renamed |
/// | token by file, standard input, environment | a worker and a client join with it |
@Suite(.serialized) struct SignalTests {
  @Test func aStoppedCoordinatorSaysGoodbyeAndRemovesItsAddress() throws {
    let network = try Network()
    try network.join("a")
    let file = network.home.appendingPathComponent("address").path
    #expect(FileManager.default.fileExists(atPath: file))
    network.server.signal(SIGTERM)
    #expect(try network.server.status() == 0)
    #expect(!FileManager.default.fileExists(atPath: file))
    try network.workers["a"]?.waitFor("the coordinator said goodbye")
    network.workers["a"]?.signal(SIGTERM)
    #expect(try network.workers["a"]?.status() == 0)
  }

  @Test func aStoppedWorkerSaysGoodbye() throws {
    let network = try Network()
    try network.join("a")
    network.workers["a"]?.signal(SIGTERM)
    #expect(try network.workers["a"]?.status() == 0)
    try network.server.waitFor("left: said goodbye")
  }

  @Test func aLogIsOpenedAnewAtSIGHUP() throws {
    let folder = try Folder()
    let log = folder["log"]
    let server = try Running(
      .coordinator,
      ["serve", "--listen", "127.0.0.1:0", "--home", folder["home"].path, "--log", log.path],
      logs: folder.url)
    func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
    try eventually("the first line") { text(log).contains("listening on") }
    try FileManager.default.moveItem(at: log, to: folder["old"])
    server.signal(SIGHUP)
    try eventually("the new file") { FileManager.default.fileExists(atPath: log.path) }
    #expect(text(folder["old"]).contains("listening on"))
    let token = try JobClient(home: folder["home"]).createToken(role: .worker, lifetime: 60)
    let address = try String(
      contentsOf: folder["home"].appendingPathComponent("address"), encoding: .utf8)
    try Data((token + "\n").utf8).write(to: folder["token"])
    let worker = try Running(
      .worker,
      [
        "join", address.trimmingCharacters(in: .whitespacesAndNewlines), "--token-file",
        folder["token"].path, "--home", folder["worker"].path,
      ], logs: folder.url)
    try eventually("a line in the new file") { text(log).contains("joined") }
    server.signal(SIGTERM)
    #expect(try server.status() == 0)
    withExtendedLifetime(worker) {}
  }

  @Test func tokensComeFromTheEnvironment() throws {
    let network = try Network()
    let worker = try Running(
      .worker, ["join", network.address, "--home", network.folder["w"].path],
      logs: network.folder.url, environment: ["EZKL_TOKEN": try network.token()])
    try worker.waitFor("joined")
    let client = try Running(
      .coordinator, ["jobs", "--to", network.address, "--home", network.folder["c"].path],
      logs: network.folder.url, environment: ["EZKL_TOKEN": try network.token(.client)])
    #expect(try client.status() == 0, "\(client.errorText)")
    worker.signal(SIGTERM)
    #expect(try worker.status() == 0)
  }
}
