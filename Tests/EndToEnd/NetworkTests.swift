import Coordinator
import Foundation
import ProofAggregation
import Testing
import Varuna
import Wire
import Worker

/// A coordinator and workers as separate processes, and what goes wrong between them.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | no worker joins | the job waits, says so, and ends once one joins |
/// | second job while one runs | both end |
/// | second job with the same settings | its plan and keys are kept: nothing is planned, and what it proves holds for the model |
/// | cancelled job | it ends, and the network serves the next one |
/// | wrong, revoked token | the worker is told why and ends |
/// | drained worker | it is told, finishes, and leaves with exit code 0 |
/// | another protocol version | worker and client are told which version to use |
/// | garbage peer | nobody else notices |
/// | wrong share | its sender is named and dropped, the job succeeds without it |
@Suite(.serialized) struct NetworkTests {
  @Test func aJobWithoutWorkersWaitsAndSaysSo() throws {
    let network = try Network()
    let job = try network.submit(workers: 1)
    let follow = try Running(
      .coordinator, ["job", job, "--follow", "--home", network.home.path],
      logs: network.folder.url)
    try follow.waitFor("waiting for workers")
    #expect(follow.process.isRunning)
    try network.join("late")
    #expect(try follow.status() == 0, "\(follow.errorText)")
    let document = try network.command(["document", job])
    #expect(document.status == 0 && document.output.contains("ezkl-proof/3"))
    // What stays in the home: the document and the universal parameters. What was uploaded, circuits and witnesses go.
    let folder = network.home.appendingPathComponent("artifacts")
    var kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.count == 64 }
    let text = try network.client().document(job)
    kept.removeAll { $0 == Digest(of: Array(text)).hex }
    #expect(kept.count == 1, "\(kept)")
    for name in kept {
      let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
      #expect(throws: Never.self) { try SRS(fileBytes: Array(bytes)) }
    }
  }

  @Test func aSecondJobIsServedWhileOneRuns() throws {
    let network = try Network()
    try network.join("a")
    try network.join("b")
    let jobs = [try network.submit(workers: 2), try network.submit(workers: 1)]
    for job in jobs {
      #expect(try network.client().follow(job) { _ in }.stage == .done)
    }
    let list = try network.command(["jobs", "--json"])
    #expect(jobs.allSatisfy { list.output.contains($0) })
  }

  @Test func aSecondJobWithTheSameSettingsPlansNothing() throws {
    let network = try Network()
    try network.join("a")
    let data = try JSONSerialization.jsonObject(with: Data(contentsOf: Network.input))
    let lists = try #require((data as? [String: Any])?["input_data"] as? [[Double]])
    let other = network.folder["other.json"]
    let halves = ["input_data": lists.map { $0.map { $0 / 2 } }]
    try JSONSerialization.data(withJSONObject: halves).write(to: other)
    let samples = network.folder["samples"]
    try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Network.input, to: samples.appendingPathComponent("1.json"))
    try FileManager.default.copyItem(at: other, to: samples.appendingPathComponent("2.json"))
    let settings = network.folder["settings.json"].path
    let calibrated = try Running(
      .coordinator,
      ["calibrate", Network.model.path, "--data", samples.path, "--out", settings],
      logs: network.folder.url)
    try #require(try calibrated.status() == 0, "\(calibrated.errorText)")
    var digests: [String] = []
    for (number, input) in [Network.input, other].enumerated() {
      let proof = network.folder["proof\(number).json"].path
      let submitted = try network.command([
        "submit", Network.model.path, "--input", input.path, "--settings", settings, "--to",
        network.address, "--out", proof, "--json",
      ])
      try #require(submitted.status == 0, "\(submitted.output)\(submitted.errors)")
      #expect(submitted.output.contains("\"planKept\":\(number == 1)"), "\(submitted.output)")
      let verified = try network.command([
        "verify", proof, "--model", Network.model.path, "--settings", settings,
      ])
      #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
      let document = try ProofDocument(json: Data(contentsOf: URL(fileURLWithPath: proof)))
      digests.append(try #require(document.plan).digest.hex)
    }
    #expect(digests[0] == digests[1])
    // A plan is as good as a job, and says so to people; --replan makes it anew.
    let plan = [
      "plan", Network.model.path, "--input", other.path, "--settings", settings, "--to",
      network.address,
    ]
    #expect(try network.command(plan).output.contains("kept from an earlier job or plan"))
    #expect(try !network.command(plan + ["--replan"]).output.contains("kept from an earlier"))
  }

  @Test func aCancelledJobEndsAndTheNextOneIsServed() throws {
    let network = try Network()
    let job = try network.submit(workers: 1)
    #expect(try network.command(["cancel", job]).status == 0)
    let followed = try network.command(["job", job, "--follow"])
    #expect(followed.status == 5, "\(followed.errors)")
    #expect(try network.client().job(job).stage == .cancelled)
    #expect(try network.command(["document", job]).status == 5)
    try network.join("a")
    let next = try network.submit(workers: 1)
    #expect(try network.client().follow(next) { _ in }.stage == .done)
    #expect(try network.command(["job", "no-such-job"]).status == 3)
  }

  @Test func workersWithoutAValidTokenAreToldWhy() throws {
    let network = try Network()
    func join(_ token: String?, home: String) throws -> (status: Int32, errors: String) {
      let run = try Running(
        .worker,
        ["join", network.address, "--home", network.folder[home].path]
          + (token.map { ["--token", $0] } ?? []), logs: network.folder.url)
      return (try run.status(), run.errorText)
    }
    #expect(try join(nil, home: "w1").status == 4)
    #expect(try join("ezkl1.nonsense", home: "w2").status == 4)
    let revoked = try network.token()
    let id = try #require(try network.client().tokens().first).id
    #expect(try network.command(["token", "revoke", id]).status == 0)
    let told = try join(revoked, home: "w3")
    #expect(told.status == 4 && told.errors.contains("revoked"), "\(told.errors)")
    let client = try join(try network.token(.client), home: "w4")
    #expect(client.status == 4, "\(client.errors)")

    try network.join("a")
    #expect(try network.command(["worker", "revoke", "a"]).status == 0)
    let worker = try #require(network.workers["a"])
    #expect(try worker.status() == 4)
    #expect(worker.errorText.contains("revoked"))
  }

  @Test func aCommandDoesItToEachThatItNames() throws {
    let network = try Network()
    for name in ["a", "b"] {
      try network.join(name)
      let worker = try #require(network.workers[name])
      worker.signal(SIGTERM)
      _ = try worker.status()
    }
    let done = try network.command(["worker", "forget", "a", "nobody", "b"])
    #expect(done.status == 3)
    #expect(done.output.contains("forgotten a\n") && done.output.contains("forgotten b\n"))
    #expect(done.errors.contains("nobody: no worker 'nobody'") && done.errors.contains("1 of 3"))
    #expect(try network.client().workers().isEmpty)
    let none = try network.command(["client", "revoke", "x", "y", "--json"])
    #expect(none.status == 3)
    #expect(none.output.contains("\"failed\"") && none.output.contains("no client 'y'"))
  }

  @Test func aDrainedWorkerLeaves() throws {
    let network = try Network()
    for name in ["a", "b"] {
      try network.join(name)
      let worker = try #require(network.workers[name])
      if name == "a" {
        worker.signal(SIGTERM)
      } else {
        #expect(try network.command(["worker", "drain", name]).status == 0)
      }
      #expect(try worker.status() == 0, "\(worker.text)")
    }
    #expect(try network.command(["worker", "drain", "nobody"]).status == 3)
  }

  @Test func anotherProtocolVersionIsRefusedOnBothSides() throws {
    let network = try Network()
    let token = try JoinToken(parsing: try network.token())
    let newer = try SecureConnection.connect(
      to: token.address, identity: .generate(), expecting: .fingerprint(token.coordinator))
    try newer.send(
      .hello(
        Hello(
          productVersion: "9.9", protocolVersion: Message.protocolVersion + 1, role: .worker,
          name: "newer", token: token.secret)))
    guard case .refused(.versionMismatch, let text) = try newer.receive() else {
      Issue.record("not refused")
      return
    }
    #expect(text.contains("use the same version on both sides"))

    // A coordinator that speaks another version says so too, and the worker gives up.
    let key = StaticKey.generate()
    let listener = try Listener(on: Endpoint(host: "127.0.0.1", port: 0), identity: key)
    let invitation = JoinToken(
      address: listener.endpoint, coordinator: key.fingerprint, secret: .random(), role: .worker,
      expiry: nil)
    let worker = try Running(
      .worker,
      [
        "join", "\(listener.endpoint)", "--token", invitation.text, "--home",
        network.folder["w"].path,
      ], logs: network.folder.url)
    let connection = try listener.accept().handshake()
    _ = try connection.receive()
    connection.close(saying: .refused(.versionMismatch, text: "this is version 9.9"))
    #expect(try worker.status() == 4)
    #expect(worker.errorText.contains("this is version 9.9"), "\(worker.errorText)")
  }

  @Test func garbageDisturbsNobody() throws {
    let network = try Network()
    try network.join("a")
    let port = try Endpoint(parsing: network.address).port
    for bytes in [[UInt8](repeating: 0xff, count: 4096), Array("GET / HTTP/1.1\r\n\r\n".utf8), []] {
      let peer = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(peer, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      #expect(connected == 0)
      _ = bytes.withUnsafeBytes {
        Glibc.send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      close(peer)
    }
    let job = try network.submit(workers: 1)
    #expect(try network.client().follow(job) { _ in }.stage == .done)
  }

  /// The step at which a worker lies, and about what.
  @Test(arguments: [false, true]) func aWrongShareIsNamedAndDropped(_ aboutMatrices: Bool) throws {
    let network = try Network()
    let liar = try Liar(network) { kind, step, payload in
      switch kind {
      case .instances where !aboutMatrices && step == 5: [UInt8](repeating: 0, count: payload.count)
      case .matrix where aboutMatrices && step == 7: [UInt8](repeating: 0, count: payload.count)
      default: payload
      }
    }
    let job = try network.submit(workers: 1)
    var honest = false
    let summary = try network.client().follow(job) { event in
      // The liar serves alone until it is found out; then an honest worker joins.
      let isFound = event.workers.isEmpty || event.notice?.contains("liar") == true
      guard !honest, event.stage == .proving, isFound else { return }
      honest = true
      #expect(throws: Never.self) { try network.join("honest") }
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(summary.dropped.contains { $0.contains("liar") }, "\(summary.dropped)")
    liar.end()
  }
}

/// A worker in this process that changes what it answers.
private final class Liar: @unchecked Sendable {
  private let daemon: WorkerDaemon

  init(_ network: Network, tamper: @escaping ShareTamper) throws {
    let configuration = WorkerConfiguration(
      address: try Endpoint(parsing: network.address),
      token: try JoinToken(parsing: try network.token()), home: network.folder["liar"].path,
      name: "liar", threads: 1)
    daemon = try WorkerDaemon(configuration, tamper: tamper)
    let thread = Thread { [daemon] in
      // Being revoked is an expected end for this worker.
      try? daemon.run()
    }
    thread.start()
  }

  func end() { daemon.drain() }
}
