import Coordinator
import Foundation
import Testing

@Suite struct StoreTests {
  let folder: TemporaryFolder
  var path: String { folder.url.appendingPathComponent("test.sqlite").path }

  init() throws { folder = try TemporaryFolder() }

  static func job(_ id: String, submitted: Double = 1) -> JobRecord {
    JobRecord(
      id: id, modelName: "m.onnx", model: [UInt8](repeating: 1, count: 32),
      input: [UInt8](repeating: 2, count: 32), calibration: nil,
      options: SubmitOptions(workers: 3, srs: "x"), seed: [UInt8](repeating: 3, count: 32),
      stage: .submitted, detail: "", submitted: submitted, updated: submitted)
  }

  static func group(_ number: Int, _ attempt: Int, _ state: GroupRecord.State) -> GroupRecord {
    GroupRecord(
      job: "j", number: number, attempt: attempt, state: state, holders: "[]",
      seed: [UInt8](repeating: UInt8(attempt), count: 32))
  }

  @Test func survivesAProcessThatNeverCloses() throws {
    let first = try Store(path: path)
    try first.insert(Self.job("j"))
    try first.setPlan(
      workforce: Workforce(workers: 2, memory: [5, 4]), digest: [9], text: "{}", of: "j")
    try first.setStage(.proving, detail: "round 1", of: "j", at: 5)
    try first.insert(Self.group(0, 0, .running))
    try first.setSnapshot([1, 2, 3], job: "j", number: 0, attempt: 0)
    // `first` stays open, as after a kill: nothing has been flushed or checkpointed by closing.
    let second = try Store(path: path)
    let job = try #require(try second.job("j"))
    #expect(
      job.stage == .proving && job.workforce == Workforce(workers: 2, memory: [5, 4])
        && job.planDigest == [9])
    #expect(job.options == SubmitOptions(workers: 3, srs: "x"))
    #expect(try second.groups(of: "j").map(\.snapshot) == [[1, 2, 3]])
    withExtendedLifetime(first) {}
  }

  @Test func onlyTheLatestAttemptOfAGroupCounts() throws {
    let store = try Store(path: path)
    try store.insert(Self.job("j"))
    try store.insert(Self.group(0, 0, .running))
    try store.finishGroup(.faulted, proof: nil, job: "j", number: 0, attempt: 0)
    try store.insert(Self.group(0, 1, .running))
    try store.insert(Self.group(1, 0, .running))
    try store.finishGroup(.proved, proof: [7], job: "j", number: 1, attempt: 0)
    let groups = try store.groups(of: "j")
    #expect(groups.map(\.attempt) == [1, 0])
    #expect(groups.map(\.state) == [.running, .proved])
    #expect(groups.map(\.proof) == [nil, [7]])
    try store.removeGroups(of: "j")
    #expect(try store.groups(of: "j").isEmpty)
  }

  @Test func artifactsBelongToJobsAndMayBeShared() throws {
    let store = try Store(path: path)
    let (a, b, c) = (
      [UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32),
      [UInt8](repeating: 3, count: 32)
    )
    for job in ["j", "k"] { try store.insert(Self.job(job)) }
    try store.keepArtifacts([a, b], of: "j")
    try store.keepArtifacts([a, b], of: "j")
    try store.keepArtifacts([b, c], of: "k")
    #expect(try store.ownArtifacts(of: "j") == [a])
    #expect(try store.endedJobsWithArtifacts().isEmpty)
    try store.setStage(.failed, detail: "", of: "j", at: 2)
    #expect(try store.endedJobsWithArtifacts() == ["j"])
    try store.forgetArtifacts(of: "j")
    #expect(try store.ownArtifacts(of: "k") == [b, c])
    #expect(try store.endedJobsWithArtifacts().isEmpty)
  }

  @Test func migrationsAreAppliedOnceAndInOrder() throws {
    let older = Array(Migration.all.prefix(1))
    _ = try Store(path: path, migrations: older)
    let store = try Store(path: path)
    try store.keepVerifyingKey([1], program: [2], srs: [3], at: 0)
    #expect(try Store(path: path).verifyingKey(program: [2], srs: [3]) == [1])
    #expect(throws: CoordinatorError.databaseTooNew(migration: Migration.all[1].name)) {
      _ = try Store(path: path, migrations: older)
    }
  }

  @Test func aFailingMigrationLeavesNothingBehind() throws {
    let broken = Migration(
      name: "broken", statements: ["CREATE TABLE half (a INTEGER)", "CREATE NONSENSE"])
    #expect(throws: CoordinatorError.self) {
      _ = try Store(path: path, migrations: Migration.all + [broken])
    }
    let mended = Migration(name: "mended", statements: ["CREATE TABLE half (a INTEGER)"])
    _ = try Store(path: path, migrations: Migration.all + [mended])
  }

  @Test func aFullDiskIsATypedErrorAndRollsBack() throws {
    let store = try Store(path: path, maximumPages: 40)
    try store.insert(Self.job("j"))
    try store.insert(Self.group(0, 0, .running))
    #expect(throws: CoordinatorError.diskFull(path: path)) {
      try store.setSnapshot(
        [UInt8](repeating: 1, count: 1 << 20), job: "j", number: 0, attempt: 0)
    }
    #expect(try store.groups(of: "j").map(\.snapshot) == [nil])
    try store.setSnapshot([5], job: "j", number: 0, attempt: 0)
    #expect(try store.groups(of: "j").map(\.snapshot) == [[5]])
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
    #expect(throws: CoordinatorError.self) { _ = try Store(path: path) }
  }

  @Test func aDamagedRowIsAnErrorNotATrap() throws {
    let store = try Store(path: path)
    try store.insert(Self.job("j"))
    try store.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE jobs SET options = 'nonsense'")
    }
    #expect(throws: CoordinatorError.self) { _ = try store.job("j") }
    try store.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE jobs SET seed = x'00'")
    }
    #expect(
      throws: CoordinatorError.corruptRow(table: "jobs", column: "seed", expected: "32 bytes")
    ) {
      try store.perform { connection throws(CoordinatorError) in
        connection
      }.rows("SELECT seed FROM jobs").first?.blob("jobs", "seed", count: 32)
    }
  }

  @Test func tasksAndLeasesFollowEachOther() throws {
    let store = try Store(path: path)
    try store.insert(Self.job("j"))
    let a = try store.insertTasks(job: "j", descriptions: ["a"])[0]
    let b = try store.insertTasks(job: "j", descriptions: ["b"])[0]
    #expect(a < b)
    try store.lease(task: a, to: "w", at: 1)
    #expect(try store.tasks(of: "j").map(\.worker) == ["w", nil])
    try store.requeue(task: a, failures: 0, losses: 1, detail: "no heartbeat")
    try store.lease(task: b, to: "v", at: 2)
    try store.endTask(b, state: "done")
    #expect(try store.tasks(of: "j").map(\.state) == ["pending", "done"])
    try store.dropUnfinishedTasks()
    #expect(try store.tasks(of: "j").map(\.state) == ["dropped", "done"])
    // Ids are never used again, not even after a restart.
    #expect(try Store(path: path).insertTasks(job: "j", descriptions: ["c"])[0] > b)
  }

  @Test func aTaskOfAnUnknownJobIsRefused() throws {
    let store = try Store(path: path)
    #expect(throws: CoordinatorError.self) {
      _ = try store.insertTasks(job: "nobody", descriptions: [""])
    }
    #expect(throws: CoordinatorError.unknownJob("nobody")) {
      try store.setStage(.done, detail: "", of: "nobody", at: 0)
    }
  }

  @Test func manyThreadsMayWriteAtOnce() throws {
    let store = try Store(path: path)
    try store.insert(Self.job("j"))
    DispatchQueue.concurrentPerform(iterations: 40) { index in
      _ = try? store.insertTasks(job: "j", descriptions: ["\(index)"])
    }
    #expect(try store.tasks(of: "j").count == 40)
  }

  @Test func onlyOneCoordinatorPerHome() throws {
    let home = HomeFolder(folder.url)
    try home.create()
    var lock: HomeLock? = try home.lock()
    #expect(throws: CoordinatorError.homeInUse(path: home.url.path)) { _ = try home.lock() }
    withExtendedLifetime(lock) {}
    lock = nil
    _ = try home.lock()
  }
}
