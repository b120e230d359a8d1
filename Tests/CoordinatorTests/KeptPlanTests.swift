import AleoEZKL
import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Plans are made once: what is kept, for whom, and when it is not used.
@Suite(.serialized) struct KeptPlanTests {
  let folder: TemporaryFolder
  let artifacts: ArtifactStore
  let home: HomeFolder

  init() throws {
    folder = try TemporaryFolder()
    home = HomeFolder(folder.url)
    try home.create()
    artifacts = try ArtifactStore(directory: home.artifacts.path)
  }

  private func example(_ name: String) throws -> Digest {
    try artifacts.addFile(at: packageRoot.appendingPathComponent("examples/\(name)").path)
  }

  /// The engine of a coordinator that keeps so many bytes, as after a start.
  private func engine(bytes: UInt64 = 1 << 30, memory: UInt64 = 1 << 30) throws -> IsolatedEngine {
    let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("ezkl-coord")
    return IsolatedEngine(
      VarunaEngine(home: home, artifacts: artifacts, threads: 1), program: program.path,
      limits: ChildLimits(memory: memory, seconds: 60, threads: 1),
      plans: try KeptPlans(in: home.plans, bytes: bytes))
  }

  private func request(
    owner: String = "a", input: Digest? = nil, settings: Digest? = nil,
    _ change: (inout SubmitOptions) -> Void = { _ in }
  ) throws -> JobRequest {
    var options = SubmitOptions(workers: 2)
    change(&options)
    return JobRequest(
      id: "j", owner: owner, modelName: "digits_mlp.onnx", model: try example("digits_mlp.onnx"),
      input: try input ?? example("digits_mlp_input.json"), calibration: settings,
      options: options, seed: [UInt8](repeating: 1, count: 32))
  }

  private func report(_ engine: IsolatedEngine, _ request: JobRequest) throws -> PlanReport {
    let text = try engine.plan(request, for: Workforce(workers: 2))
    return try JSONDecoder().decode(PlanReport.self, from: Data(text.utf8))
  }

  private func isKept(_ engine: IsolatedEngine, _ request: JobRequest) throws -> Bool {
    try report(engine, request).kept == true
  }

  private var entries: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(at: home.plans, includingPropertiesForKeys: nil)
    }
  }

  /// An input whose numbers are a part of the example's.
  private func otherInput() throws -> Digest {
    let data = try Data(
      contentsOf: packageRoot.appendingPathComponent("examples/digits_mlp_input.json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let lists = try #require(object?["input_data"] as? [[Double]])
    let halves = ["input_data": lists.map { $0.map { $0 / 2 } }]
    return try artifacts.add(Array(JSONSerialization.data(withJSONObject: halves)))
  }

  /// Settings that hold for more inputs than one.
  private func settings() throws -> Digest {
    let files = try [example("digits_mlp_input.json"), otherInput()].map { try artifacts.read($0) }
    let calibration = try Calibration(
      model: artifacts.read(example("digits_mlp.onnx")), data: files, target: .accuracy,
      request: .onOneMachine(powers: 1 << 15))
    return try artifacts.add(Array(calibration.settingsFile))
  }

  @Test func aSecondPlanIsKeptAndTheSame() throws {
    let engine = try engine()
    let first = try report(engine, request())
    var second = try report(engine, request())
    #expect(first.kept == nil && second.kept == true)
    second.kept = nil
    #expect(first == second)
    // The next coordinator of this home, and a job, whatever its own name and urgency.
    let again = try self.engine()
    #expect(try isKept(again, request { $0.priority = .high }))
    let job = try again.prepare(request(), for: Workforce(workers: 2)) { _ in }
    #expect(job.planText.contains("\"kept\":true"))
    let fresh = try again.prepare(request { $0.replan = true }, for: Workforce(workers: 2)) { _ in }
    #expect(!fresh.planText.contains("\"kept\""))
    #expect(job.planDigest == fresh.planDigest && job.witnesses == fresh.witnesses)
    let mode = try FileManager.default.attributesOfItem(atPath: try #require(entries.first).path)
    #expect(mode[.posixPermissions] as? Int == 0o600)
  }

  @Test func whatAPlanDependsOnIsInItsKey() throws {
    let engine = try engine()
    #expect(try !isKept(engine, request()))
    #expect(try isKept(engine, request()))
    // Without settings the input decides the precision.
    #expect(try !isKept(engine, request(input: otherInput())))
    #expect(try !isKept(engine, request(owner: "b")))
    #expect(try !isKept(engine, request { $0.inputVisibility = .public }))
    #expect(try !isKept(engine, request { $0.tolerance = 0.01 }))
    #expect(try !isKept(engine, request { $0.limits.constraints = 1 << 13 }))
    #expect(try !isKept(engine, request { $0.replan = true }))
    let text = try engine.plan(request(), for: Workforce(workers: 3))
    #expect(!text.contains("\"kept\""))
    #expect(try isKept(engine, request()))
  }

  @Test func withSettingsAPlanHoldsForOtherInputs() throws {
    let engine = try engine()
    let settings = try settings()
    let first = try report(engine, request(settings: settings))
    let second = try report(engine, request(input: otherInput(), settings: settings))
    #expect(first.kept == nil && second.kept == true && first.digest == second.digest)
    #expect(first.accuracy != second.accuracy, "each input has an error of its own")
    // An input that the settings do not fit is refused as it is without anything kept.
    let far = try artifacts.add(
      Array(
        "{\"input_data\": [[\(Array(repeating: "1e9", count: 64).joined(separator: ","))]]}".utf8))
    for options in [false, true] {
      let error = #expect(throws: CoordinatorError.self) {
        try report(engine, request(input: far, settings: settings) { $0.replan = options })
      }
      #expect(error?.blame?.file == .input, "\(String(describing: error))")
    }
  }

  @Test func aDamagedPlanIsMadeAgain() throws {
    let engine = try engine()
    #expect(try !isKept(engine, request()))
    let entry = try #require(entries.first)
    let whole = try Data(contentsOf: entry)
    for damaged in [
      Data(), whole.prefix(whole.count / 2), whole + [0], Data(whole.reversed()),
      whole.prefix(100) + [whole[100] ^ 1] + whole.dropFirst(101),
    ] {
      try Data(damaged).write(to: entry)
      #expect(try !isKept(engine, request()))
      #expect(try Data(contentsOf: entry) == whole)
    }
    #expect(try isKept(engine, request()))
    #expect(try entries.count == 1)
  }

  @Test func nothingIsKeptWhereNoBytesAreAllowed() throws {
    let engine = try engine(bytes: 0)
    for _ in 0..<2 { #expect(try !isKept(engine, request())) }
    #expect(try entries.isEmpty)
  }

  @Test func theLongestUnusedGoFirst() throws {
    let plans = try KeptPlans(in: home.plans, bytes: 250)
    let program = Digest(of: [1])
    let staging = folder.url.appendingPathComponent("staging")
    try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
    let files = KeptPlanFiles(folder: staging.path)
    func key(_ owner: String) throws -> KeptPlanKey {
      try #require(
        KeptPlanKey(request(owner: owner), for: Workforce(workers: 2), by: program))
    }
    func take(_ owner: String) throws {
      try Data(count: 100).write(to: URL(fileURLWithPath: files.freshPath(.anyInput)))
      plans.take(try key(owner), from: files)
      usleep(20_000)
    }
    func isThere(_ owner: String) throws -> Bool {
      try entries.contains { try $0.lastPathComponent == key(owner).digest(.anyInput).hex }
    }
    try take("a")
    try take("b")
    // Used again: the other one is the older.
    plans.lend(try key("a"), to: files)
    #expect(FileManager.default.fileExists(atPath: files.path(.anyInput)))
    usleep(20_000)
    try take("c")
    #expect(try isThere("a") && !isThere("b") && isThere("c"))
    plans.drop(try key("c"))
    #expect(try isThere("a") && !isThere("c"))
    plans.expire(usedBefore: Date().timeIntervalSince1970 + 60)
    #expect(try entries.isEmpty)
  }

  /// A process that breaks off takes what it used along, so that the next attempt owes nothing to it.
  @Test func aPlanWhoseUserBreaksIsDropped() throws {
    #expect(try !isKept(engine(), request()))
    #expect(try entries.count == 1)
    #expect(throws: CoordinatorError.self) {
      _ = try isKept(engine(memory: 10 << 20), request())
    }
    #expect(try entries.isEmpty)
  }
}
