import AleoEZKL
import Coordinator
import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

/// Planning in a process of its own, with the real program: whatever ends it, the coordinator goes on.
@Suite(.serialized) struct PlanningProcessTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func example(_ name: String) -> URL {
    packageRoot.appendingPathComponent("examples").appendingPathComponent(name)
  }

  private func server(memory: UInt64? = nil, seconds: Double? = nil) throws -> CoordinatorServer {
    var configuration = CoordinatorConfiguration(home: folder.url, threads: 1)
    if let memory { configuration.planningMemory = memory }
    if let seconds { configuration.planningSeconds = seconds }
    let server = try CoordinatorServer(configuration)
    try server.start()
    return server
  }

  private func plan(_ client: JobClient) throws -> Data {
    try client.plan(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
  }

  private var leftovers: [String] {
    let folder = folder.url.appendingPathComponent("planning")
    return (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  @Test func aPlanIsTheSameAsInThisProcess() throws {
    let server = try server()
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let report = try JSONDecoder().decode(PlanReport.self, from: plan(client))
    let artifacts = try ArtifactStore(directory: folder.url.appendingPathComponent("own").path)
    let engine = VarunaEngine(home: HomeFolder(folder.url), artifacts: artifacts, threads: 1)
    let request = JobRequest(
      id: "j", modelName: "digits_mlp.onnx",
      model: try artifacts.addFile(at: example("digits_mlp.onnx").path),
      input: try artifacts.addFile(at: example("digits_mlp_input.json").path), calibration: nil,
      options: SubmitOptions(workers: 2), seed: [UInt8](repeating: 1, count: 32))
    let text = try engine.plan(request, for: Workforce(workers: 2))
    #expect(report == (try JSONDecoder().decode(PlanReport.self, from: Data(text.utf8))))
    #expect(leftovers.isEmpty)
  }

  @Test func limitsOfMemoryAndTimeEndThePlanOnly() throws {
    for (memory, seconds, word) in [
      (10 << 20, 60, "limit of 9 MiB of memory"), (1 << 30, 0.001, "longer than its limit"),
    ] as [(UInt64, Double, String)] {
      let server = try server(memory: memory, seconds: seconds)
      defer { server.stop() }
      let client = try JobClient(home: folder.url)
      do {
        _ = try plan(client)
        Issue.record("the plan must break off")
      } catch CoordinatorError.refused(let code, let text) {
        #expect(code == "planner" && text.contains(word), "\(code) \(text)")
      }
      #expect(try client.jobs().isEmpty)
      #expect(leftovers.isEmpty)
    }
  }

  /// Two that need more than a part of the limit sleep and wake; neither breaks off.
  @Test func largePlansGoOneAfterTheOther() throws {
    let server = try server(memory: 256 << 20)
    defer { server.stop() }
    let clients = try (0..<3).map { _ in try JobClient(home: folder.url) }
    let (model, input) = (example("digits_mlp.onnx"), example("digits_mlp_input.json"))
    final class Count: Sendable { let value = Mutex(0) }
    let plans = Count()
    let sleepers = Sleepers()
    sleepers.begin()
    DispatchQueue.concurrentPerform(iterations: clients.count) { number in
      let plan = try? clients[number].plan(model: model, input: input)
      if plan?.isEmpty == false { plans.value.withLock { $0 += 1 } }
    }
    sleepers.end()
    #expect(plans.value.withLock { $0 } == clients.count)
    #expect(sleepers.seen, "no planning process was ever stopped")
    #expect(leftovers.isEmpty)
  }

  /// The kernel's count of the most memory that a process had survives that it becomes another program.
  @Test func memoryOfTheCoordinatorIsNotThePlanners() throws {
    let own = [UInt8](repeating: 1, count: 1 << 30)
    let server = try server(memory: 1 << 29)
    defer { server.stop() }
    #expect(try !plan(JobClient(home: folder.url)).isEmpty)
    #expect(own.last == 1)
  }

  @Test func aRefusalKeepsItsKind() throws {
    let server = try server()
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let model = example("digits_mlp.onnx")
    do {
      _ = try client.plan(model: model, input: model)
      Issue.record("a model is no input")
    } catch {
      #expect(error.blame?.file == .input)
    }
  }

  /// A job whose planning is ended by a signal each time, as a trap would end it.
  @Test func aJobThatBreaksThePlannerTwiceFailsAndTheNextIsServed() throws {
    let server = try server()
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let killer = Killer(signal: SIGSEGV)
    let worker = try TestWorker(
      "w", token: try server.createToken(role: .worker, lifetime: 600), vice: .idle)
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"))
    killer.begin()
    let summary = try client.follow(job) { _ in }
    killer.end()
    #expect(summary.stage == .failed && summary.failure == "planner", "\(summary.detail)")
    #expect(summary.detail.contains("2 attempts") && summary.detail.contains("signal 11"))
    let next = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"))
    _ = try eventually("the next job's plan") { (try? client.plan(of: next)) != nil }
    try client.cancel(next)
    withExtendedLifetime(worker) {}
  }

  @Test func aJobThatTookTheCoordinatorAlongTooOftenIsNotBegunAgain() throws {
    try server().stop()
    let store = try Store(path: HomeFolder(folder.url).database.path)
    try store.insert(
      JobRecord(
        id: "heavy", modelName: "m.onnx", model: [UInt8](repeating: 1, count: 32),
        input: [UInt8](repeating: 2, count: 32), calibration: nil, options: SubmitOptions(),
        seed: [UInt8](repeating: 3, count: 32), stage: .planning, detail: "", submitted: 1,
        updated: 1))
    for _ in 0..<PlanningRecord.maximumAttempts { try store.beginPlanning(of: "heavy") }
    let server = try server()
    defer { server.stop() }
    let worker = try TestWorker(
      "w", token: try server.createToken(role: .worker, lifetime: 600), vice: .idle)
    let summary = try JobClient(home: folder.url).follow("heavy") { _ in }
    #expect(summary.stage == .failed && summary.detail.contains("coordinator itself ended 5 times"))
    withExtendedLifetime(worker) {}
  }

  /// Counted before each begins, taken back when it is over: what is left ended with the coordinator.
  @Test func aJobWhoseComputationsEndTheCoordinatorIsNotBegunAgain() throws {
    try server().stop()
    let store = try Store(path: HomeFolder(folder.url).database.path)
    for job in ["heavy", "light"] { try store.insert(StoreTests.job(job)) }
    for _ in 0..<PlanningRecord.maximumAttempts {
      try store.beginComputation(of: "heavy")
      try store.beginComputation(of: "light")
      try store.endComputation(of: "light")
    }
    #expect(try store.planning(of: "light").burden == nil)
    let server = try server()
    defer { server.stop() }
    let worker = try TestWorker(
      "w", token: try server.createToken(role: .worker, lifetime: 600), vice: .idle)
    let summary = try JobClient(home: folder.url).follow("heavy") { _ in }
    #expect(summary.stage == .failed && summary.detail.contains("ended 5 times while it computed"))
    withExtendedLifetime(worker) {}
  }

  /// No number of workers makes a statement that cannot be read.
  @Test func aJobIsPlannedForHoweverManyWorkers() throws {
    let home = HomeFolder(folder.url)
    try home.create()
    let artifacts = try ArtifactStore(directory: home.artifacts.path)
    let apart = IsolatedEngine(
      VarunaEngine(home: home, artifacts: artifacts, threads: 1), program: program,
      limits: ChildLimits(memory: 1 << 30, seconds: 60, threads: 1))
    let request = JobRequest(
      id: "j", modelName: "digits_mlp.onnx",
      model: try artifacts.addFile(at: example("digits_mlp.onnx").path),
      input: try artifacts.addFile(at: example("digits_mlp_input.json").path), calibration: nil,
      options: SubmitOptions(), seed: [UInt8](repeating: 1, count: 32))
    let offers = [UInt64](repeating: 1 << 30, count: 1100)
    let crowd = Workforce(workers: offers.count, offers: offers, limit: nil)
    #expect(try apart.prepare(request, for: crowd) { _ in }.chunks > 0)
  }

  /// Keys of large circuits are checked by a process of their own: the same verdicts, and its end is no worker's lie.
  @Test func keysOfLargeCircuitsAreCheckedApart() throws {
    let home = HomeFolder(folder.url)
    try home.create()
    let artifacts = try ArtifactStore(directory: home.artifacts.path)
    let engine = VarunaEngine(home: home, artifacts: artifacts, threads: 1)
    let request = JobRequest(
      id: "j", modelName: "digits_mlp.onnx",
      model: try artifacts.addFile(at: example("digits_mlp.onnx").path),
      input: try artifacts.addFile(at: example("digits_mlp_input.json").path), calibration: nil,
      options: SubmitOptions(workers: 2), seed: [UInt8](repeating: 1, count: 32))
    func job(seconds: Double) throws -> any PreparedJob {
      let apart = IsolatedEngine(
        engine, program: program,
        limits: ChildLimits(memory: 1 << 30, seconds: seconds, threads: 1), largestKeyHere: 0)
      let job = try apart.prepare(request, for: Workforce(workers: 2)) { _ in }
      try job.storeArtifacts()
      return job
    }
    let right = try job(seconds: 60)
    let key = try LocalShare.key(
      program: right.circuits[0].program, srs: right.srs, artifacts: artifacts)
    #expect(try right.fault(ofKey: key, circuit: 0) == nil)
    var swapped = key
    swapped.replaceSubrange(57..<105, with: key[105..<153])
    swapped.replaceSubrange(105..<153, with: key[57..<105])
    #expect(try right.fault(ofKey: swapped, circuit: 0) == "its commitments are not the circuit's")
    #expect(throws: CoordinatorError.jobCancelled(id: "j")) {
      try right.fault(ofKey: key, circuit: 0) { false }
    }
    // What is no key is its maker's fault, however long it is.
    for length in [0, key.count - 1, 1 << 20] {
      let wrong = [UInt8](repeating: 7, count: length)
      #expect(try right.fault(ofKey: wrong, circuit: 0) != nil, "\(length) bytes")
    }
    artifacts.remove(right.circuits[0].program)
    #expect(throws: CoordinatorError.self) { try right.fault(ofKey: key, circuit: 0) }
    #expect(leftovers.isEmpty)
  }

  /// The program that plans, beside this one.
  private var program: String {
    URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("ezkl-coord").path
  }

  /// Orders are a file: they may be longer than what a pipe holds.
  @Test func ordersMayBeLong() throws {
    let home = HomeFolder(folder.url)
    try home.create()
    let artifacts = try ArtifactStore(directory: home.artifacts.path)
    let engine = VarunaEngine(home: home, artifacts: artifacts, threads: 1)
    let apart = IsolatedEngine(
      engine, program: program, limits: ChildLimits(memory: 1 << 30, seconds: 60, threads: 1))
    let request = JobRequest(
      id: "j", modelName: String(repeating: "m", count: 200_000),
      model: try artifacts.addFile(at: example("digits_mlp.onnx").path),
      input: try artifacts.addFile(at: example("digits_mlp_input.json").path), calibration: nil,
      options: SubmitOptions(), seed: [UInt8](repeating: 1, count: 32))
    #expect(try !apart.plan(request, for: Workforce(workers: 1)).isEmpty)
    #expect(leftovers.isEmpty)
  }

  /// Found out by a process of its own, before there is a job.
  @Test func aCircuitBeyondTheParametersIsRefusedAtSubmission() throws {
    let server = try server()
    defer { server.stop() }
    let client = try JobClient(home: folder.url)
    let file = folder.url.appendingPathComponent("empty.r1cs")
    try Data(EmptyCircuit.file(constraints: SRSLibrary.developmentLimit)).write(to: file)
    let circuits = [CircuitFiles(circuit: file, witnesses: [file])]
    let error = #expect(throws: CoordinatorError.self) {
      _ = try client.submit(circuits: circuits)
    }
    if case .refused(let code, let text)? = error {
      #expect(code == "srs_too_small" && text.contains("ezkl-coord srs"), "\(code): \(text)")
    } else {
      Issue.record("\(String(describing: error))")
    }
    #expect(try client.jobs().isEmpty && leftovers.isEmpty)
    let parameters = try FileManager.default.contentsOfDirectory(
      atPath: HomeFolder(folder.url).parameters.path)
    #expect(parameters.isEmpty)
  }

  @Test func aJobIsCancelledWhileTheCoordinatorIsDown() throws {
    try server().stop()
    let store = try Store(path: HomeFolder(folder.url).database.path)
    try store.insert(StoreTests.job("j"))
    #expect(throws: CoordinatorError.unknownJob("k")) {
      try OfflineHome.cancel("k", home: folder.url)
    }
    #expect(try OfflineHome.unfinished(home: folder.url) == ["j"])
    try OfflineHome.cancel("j", home: folder.url)
    #expect(try store.job("j")?.stage == .cancelled)
    let written = try store.audit(limit: 10).filter { $0.action == "cancel" }
    #expect(
      written.map(\.subject) == ["j"] && written[0].role == "admin" && !written[0].name.isEmpty)
    #expect(throws: CoordinatorError.self) { try OfflineHome.cancel("j", home: folder.url) }
    let server = try server()
    #expect(throws: CoordinatorError.self) { try OfflineHome.cancel("j", home: folder.url) }
    #expect(try JobClient(home: folder.url).job("j").stage == .cancelled)
    server.stop()
  }
}

/// Sends a signal to every planning process that this process has started, as soon as it sees it.
private final class Killer: @unchecked Sendable {
  private let signal: Int32
  private let lock = NSLock()
  private var isEnding = false

  init(signal: Int32) { self.signal = signal }

  func begin() {
    Thread { [self] in
      while !lock.withLock({ isEnding }) {
        for child in Self.children() { kill(child, signal) }
        usleep(2_000)
      }
    }.start()
  }

  func end() { lock.withLock { isEnding = true } }

  fileprivate static func children() -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { process in
      guard let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"),
        String(decoding: words, as: UTF8.self).contains(PlanningProcess.verb),
        let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat")
      else { return false }
      let fields = String(decoding: stat, as: UTF8.self).split(separator: " ")
      return fields.count > 3 && Int32(fields[3]) == getpid()
    }
  }
}

/// Looks whether any planning process of this one is stopped.
private final class Sleepers: @unchecked Sendable {
  private let lock = NSLock()
  private var isEnding = false
  private var wasSeen = false

  var seen: Bool { lock.withLock { wasSeen } }

  func begin() {
    Thread { [self] in
      while !lock.withLock({ isEnding }) {
        for child in Killer.children() where Self.isStopped(child) {
          lock.withLock { wasSeen = true }
        }
        usleep(5_000)
      }
    }.start()
  }

  func end() { lock.withLock { isEnding = true } }

  private static func isStopped(_ process: Int32) -> Bool {
    guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
      return false
    }
    let fields = String(decoding: stat, as: UTF8.self).split(separator: " ")
    return fields.count > 2 && fields[2] == "T"
  }
}
