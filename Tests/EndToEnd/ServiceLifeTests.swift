import Coordinator
import Foundation
import TestSupport
import Testing

/// A coordinator as a service: what its manager hears, where its options come from, what `doctor` says of it.
@Suite(.serialized) struct ServiceLifeTests {
  @Test func theServiceManagerHearsWhatHappens() throws {
    let folder = try Folder()
    let socket = try NotifySocket(isAbstract: true)
    let server = try Running(
      .coordinator, ["serve", "--listen", "127.0.0.1:0", "--home", folder["home"].path],
      logs: folder.url,
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "300000"])
    #expect(socket.next() == "READY=1")
    #expect(FileManager.default.fileExists(atPath: folder["home/address"].path))
    #expect(socket.next() == "WATCHDOG=1")
    server.signal(SIGHUP)
    var heard: [String] = []
    func hear(_ last: String) {
      heard = []
      repeat { heard.append(socket.next()) } while !["", last].contains(heard.last)
      heard = heard.filter { $0 != "WATCHDOG=1" }
    }
    hear("READY=1")
    #expect(heard.count == 2 && heard[0].hasPrefix("RELOADING=1\nMONOTONIC_USEC="), "\(heard)")
    server.signal(SIGTERM)
    hear("STOPPING=1")
    #expect(heard == ["STOPPING=1"])
    #expect(try server.status() == 0)
  }

  @Test func optionsComeFromFileAndEnvironment() throws {
    let folder = try Folder()
    let file = folder["coordinator.json"]
    let home = folder["home"].path
    let text = #"{"serve": {"listen": "127.0.0.1:0", "home": "\#(home)", "json": true}}"#
    try Data(text.utf8).write(to: file)
    let server = try Running(
      .coordinator, ["serve", "--config", file.path], logs: folder.url,
      environment: ["EZKL_SERVE_LOG": folder["log"].path])
    try eventually("the log") {
      (try? String(contentsOf: folder["log"], encoding: .utf8))?.contains(
        "\"level\":\"info\",\"message\"") == true
    }
    #expect(FileManager.default.fileExists(atPath: home + "/address"))
    server.signal(SIGTERM)
    #expect(try server.status() == 0)
    func run(_ words: String...) throws -> (status: Int32, text: String) {
      let run = try Running(.coordinator, words, logs: folder.url)
      return (try run.status(), run.text + run.errorText)
    }
    #expect(try run("config", "check", file.path).status == 0)
    try Data(#"{"serve": {"owner-jobs": 0, "listen": "9000"}}"#.utf8).write(to: file)
    let wrong = try run("config", "check", file.path)
    #expect(wrong.status == 3 && wrong.text.contains("--listen"), "\(wrong.text)")
    try Data(#"{"serve": {"ownerjobs": 1}}"#.utf8).write(to: file)
    let unknown = try run("serve", "--config", file.path, "--home", home)
    #expect(unknown.status == 3 && unknown.text.contains("'owner-jobs'"), "\(unknown.text)")
  }

  /// The environment goes along to local workers, to which a coordinator's file means nothing.
  @Test func aCoordinatorsFileIsNotItsWorkers() throws {
    let folder = try Folder()
    try Network.provideParameters(to: folder["home"])
    let file = folder["coordinator.json"]
    try Data(#"{"submit": {"workers": 1}}"#.utf8).write(to: file)
    let run = try Running(
      .coordinator,
      [
        "submit", Network.model.path, "--input", Network.input.path, "--home",
        folder["home"].path, "--out", folder["proof.json"].path,
      ], logs: folder.url, environment: ["EZKL_COORD_CONFIG": file.path])
    #expect(try run.status() == 0, "\(run.errorText)")
    #expect(run.text.contains("verdict: accepted"))
  }

  @Test func aFileThatChangedIsReadAgain() throws {
    let folder = try Folder()
    try Network.provideParameters(to: folder["home"])
    let file = folder["coordinator.json"]
    func write(_ options: String) throws {
      try Data(#"{"serve": {\#(options)}}"#.utf8).write(to: file)
    }
    try write(#""owner-jobs": 1"#)
    let server = try Running(
      .coordinator,
      [
        "serve", "--listen", "127.0.0.1:0", "--home", folder["home"].path, "--config", file.path,
      ], logs: folder.url)
    try server.waitFor("listening on")
    let client = try JobClient(home: folder["home"])
    func submit() throws -> String {
      try client.submit(model: Network.model, input: Network.input, options: SubmitOptions())
    }
    _ = try submit()
    #expect(throws: CoordinatorError.self) { try submit() }
    try write(#""owner-jobs": "many""#)
    server.signal(SIGHUP)
    try server.waitFor("not taken over: --owner-jobs: 'many' is not")
    #expect(throws: CoordinatorError.self) { try submit() }
    try write(#""owner-jobs": 2"#)
    server.signal(SIGHUP)
    try server.waitFor("options read again")
    _ = try submit()
    #expect(throws: CoordinatorError.self) { try submit() }
    server.signal(SIGTERM)
    #expect(try server.status() == 0)
  }

  /// Where there is no terminal it is printed once, and nothing but text.
  @Test func topIsPrintedOnceWhereThereIsNoTerminal() throws {
    let network = try Network()
    let top = try network.command(["top"])
    #expect(top.status == 0 && top.output.hasPrefix("coordinator "), "\(top.output)")
    #expect(top.output.contains("\nno jobs\n") && !top.output.contains("\u{1b}"))
    let json = try network.command(["top", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(Set((object ?? [:]).keys) == ["cluster", "jobs", "workers"])
  }

  @Test func theDoctorKnowsAHealthyCoordinatorFromASickOne() throws {
    let network = try Network()
    let healthy = try network.command(["doctor", "--advertise", network.address])
    #expect(healthy.status == 0, "\(healthy.output)")
    #expect(healthy.output.contains("answers with the key of this home folder"))
    let ours = try network.command(["doctor", "--listen", network.address])
    #expect(ours.status == 0 && ours.output.contains("this coordinator's"), "\(ours.output)")
    let other = try Network()
    let foreign = try network.command(["doctor", "--advertise", other.address])
    #expect(foreign.status == 4 && foreign.output.contains("another key"), "\(foreign.output)")
    let taken = try network.command(["doctor", "--listen", other.address])
    #expect(taken.status == 4 && taken.output.contains("FAIL  port"), "\(taken.output)")
    let open = network.folder["open"]
    try FileManager.default.createDirectory(
      at: open, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let run = try Running(
      .coordinator, ["doctor", "--home", open.path, "--json"], logs: network.folder.url)
    #expect(try run.status() == 3)
    #expect(run.text.contains("mode 755"), "\(run.text)")
  }
}
