import Coordinator
import Foundation
import TestSupport

/// A coordinator process and worker processes on loopback, with an administrator's client.
final class Network {
  /// Development parameters, generated once for all tests.
  private static let parameters: Result<URL, any Error> = Result {
    let home = parametersHome
    try FileManager.default.createDirectory(
      at: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let run = try Running(
      .coordinator, ["srs", "generate", "--degree", "14", "--home", home.path], logs: home)
    atexit { try? FileManager.default.removeItem(at: Network.parametersHome) }
    guard try run.status() == 0 else { throw NeverHappened(run.errorText) }
    return home.appendingPathComponent("srs/development.srs")
  }

  private static let parametersHome = FileManager.default.temporaryDirectory
    .appendingPathComponent("ezkl-end-to-end-srs-\(getpid())")

  static var model: URL { packageRoot.appendingPathComponent("examples/digits_mlp.onnx") }
  static var input: URL { packageRoot.appendingPathComponent("examples/digits_mlp_input.json") }

  /// Puts the parameters into a coordinator's home, so that it need not make them.
  static func provideParameters(to home: URL) throws {
    let folder = home.appendingPathComponent("srs")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: parameters.get(), to: folder.appendingPathComponent("development.srs"))
  }

  let folder: Folder
  private(set) var server: Running!
  private(set) var workers: [String: Running] = [:]

  var home: URL { folder["coordinator"] }
  var address: String {
    let text = try? String(contentsOf: home.appendingPathComponent("address"), encoding: .utf8)
    return (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  init() throws {
    folder = try Folder()
    try Self.provideParameters(to: home)
    try serve(listen: "127.0.0.1:0")
  }

  deinit {
    for worker in workers.values { worker.signal(SIGKILL) }
    server?.signal(SIGKILL)
  }

  private func serve(listen: String) throws {
    server = try Running(
      .coordinator,
      ["serve", "--listen", listen, "--home", home.path, "--heartbeat", "1s", "--lease", "30s"],
      logs: folder.url)
    try server.waitFor("listening on")
  }

  /// Ends the coordinator as a power failure would, and starts it again at the same address.
  func crashAndRestart() throws {
    let place = address
    server.signal(SIGKILL)
    _ = try server.status()
    try serve(listen: place)
  }

  func client() throws -> JobClient { try JobClient(home: home) }

  func token(_ role: TokenRole = .worker) throws -> String {
    try client().createToken(role: role, lifetime: 600)
  }

  /// Starts a worker, or starts one that ended again in its old home, where it needs no token.
  func join(_ name: String) throws {
    let known = workers[name] != nil
    let worker = try Running(
      .worker,
      ["join", address, "--home", folder["worker-" + name].path, "--name", name, "--threads", "1"]
        + (known ? [] : ["--token", try token()]), logs: folder.url)
    workers[name] = worker
    try worker.waitFor("joined")
  }

  /// Submits the example model; returns the job's id.
  func submit(workers: Int? = nil) throws -> String {
    try client().submit(
      model: Self.model, input: Self.input, options: SubmitOptions(workers: workers))
  }

  /// Runs a client command of `ezkl-coord` in the coordinator's home.
  func command(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
    let run = try Running(.coordinator, words + ["--home", home.path], logs: folder.url)
    let status = try run.status()
    return (status, run.text, run.errorText)
  }
}
