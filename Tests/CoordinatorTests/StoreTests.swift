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

  @Test func aDamagedRowIsTheEndOfOneJob() throws {
    let store = try Store(path: path)
    for (number, job) in ["good", "options", "model", "ended"].enumerated() {
      try store.insert(Self.job(job, submitted: Double(number)))
    }
    try store.setStage(.cancelled, detail: "", of: "ended", at: 1)
    try store.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE jobs SET options = '{}' WHERE id = 'options'")
      try connection.run("UPDATE jobs SET model = x'00' WHERE id = 'model'")
    }
    let damaged = try store.jobIDs(in: JobStage.unfinished).filter {
      try store.damage(of: $0) != nil
    }
    #expect(damaged == ["options", "model"])
    for job in damaged {
      let fault = try #require(try store.damage(of: job))
      try store.failDamaged(job, reason: "\(fault)", failure: fault.code, at: 5)
    }
    // They can be read again, and listed.
    let failed = try store.jobs(in: [.failed])
    #expect(failed.map(\.id) == ["model", "options"])
    #expect(failed.allSatisfy { $0.detail.contains("damaged") && $0.modelName == "m.onnx" })
    #expect(try damaged.allSatisfy { try store.damage(of: $0) == nil })
  }

  @Test func aDamagedRecordIsTheEndOfWhatIsKnownOfOneWorker() throws {
    let store = try Store(path: path)
    for worker in ["good", "text", "field", "count"] {
      try store.setHealth(WorkerHealth(), of: worker)
    }
    try store.perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE health SET record = '{' WHERE worker = 'text'")
      try connection.run("UPDATE health SET record = '{}' WHERE worker = 'field'")
      try connection.run(
        "UPDATE health SET record = json_set(record, '$.losses', \(Int.max)) WHERE worker = 'count'"
      )
    }
    var lost: [String] = []
    let known = try store.health { worker, fault in
      lost.append(worker)
      #expect("\(fault)".contains("damaged row: health.record"))
    }
    #expect(Set(lost) == ["text", "field", "count"] && lost.count == 3)
    #expect(known == ["good": WorkerHealth()])
    // They are gone, and said once.
    #expect(try store.health { _, _ in Issue.record("nothing is damaged any more") } == known)
  }

  @Test func sharesAreThoseOfTheLatestAttempts() throws {
    let store = try Store(path: path)
    try store.insert(Self.job("j"))
    #expect(try store.shares(of: "j").isEmpty)
    for (number, attempt) in [(1, 0), (0, 0), (0, 1)] {
      try store.insert(
        GroupRecord(
          job: "j", number: number, attempt: attempt, state: .running,
          holders: "[[\(attempt)],[2]]", seed: [UInt8](repeating: 1, count: 32)))
    }
    try store.finishGroup(.proved, proof: [1], job: "j", number: 1, attempt: 0)
    let shares = try store.shares(of: "j")
    #expect(shares.map(\.number) == [0, 1] && shares.map(\.attempt) == [1, 0])
    #expect(shares.map(\.state) == ["running", "proved"])
    #expect(shares.map(\.instances) == [[[1], [2]], [[0], [2]]])
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

  @Test func whatIsUnneededIsSaidPerArtifact() throws {
    let store = try Store(path: path)
    let all = (1...4).map { [UInt8](repeating: $0, count: 32) }
    try store.insert(Self.job("j"), keeping: [all[0], all[1]])
    try store.insert(Self.job("k"))
    try store.finish("j", document: all[1], at: 2)
    try store.finish("k", document: all[2], at: 2)
    #expect(try store.unneeded(among: all) == [all[3]])
    // The document stays although it is an artifact of the job too.
    #expect(try store.ownArtifacts(of: "j") == [all[0]])
    try store.forgetArtifacts(of: "j")
    #expect(try store.unneeded(among: all) == [all[0], all[3]])
    // Two jobs with one document: the last takes it along.
    try store.finish("k", document: all[1], at: 3)
    #expect(try store.delete(job: "j") == nil)
    #expect(try store.delete(job: "k") == all[1])
    #expect(try store.unneeded(among: all) == all)
  }

  @Test func aJobIsStoredWithItsArtifactsOrNotAtAll() throws {
    let store = try Store(path: path)
    try store.perform { connection throws(CoordinatorError) in
      _ = try connection.run(
        """
        CREATE TRIGGER broken BEFORE INSERT ON artifacts BEGIN SELECT RAISE(ABORT, 'broken'); END
        """)
    }
    #expect(throws: CoordinatorError.self) {
      try store.insert(Self.job("j"), keeping: [[UInt8](repeating: 1, count: 32)])
    }
    #expect(try store.job("j") == nil)
  }

  /// What a year of ended jobs costs an upload, a job, a page and a sweep: no statement reads all jobs.
  @Test func aLongHistoryIsNotReadThrough() throws {
    // The tables are made by another one: migrations may read all.
    _ = try Store(path: path)
    let store = try Store(path: path)
    let digest = [UInt8](repeating: 1, count: 32)
    let place = JobQuery.Place(submitted: 5, id: "j")
    try store.insert(Self.job("j"), keeping: [digest])
    _ = try store.isNeeded(digest, byJobsOf: "o")
    _ = try store.isDocument(digest, ofJobsOf: "o")
    _ = try store.unneeded(among: [digest])
    _ = try store.artifacts(of: "j")
    _ = try store.unfinishedJobsByOwner()
    _ = try store.unfinishedJobs(ofAccount: "o")
    _ = try store.backlog()
    _ = try store.jobs(in: JobStage.unfinished)
    _ = try store.jobs(of: "o", limit: 10)
    _ = try store.jobs(of: "o", limit: 10, bytes: 100)
    _ = try store.jobIDs(in: JobStage.unfinished)
    _ = try store.endedJobs(of: "o", beyond: 1, bytes: 100, limit: 5)
    _ = try store.jobs(of: "o", in: [.failed], after: place, limit: 10)
    try store.setStage(.proving, detail: "", of: "j", at: 5)
    try store.finish("j", document: digest, at: 5)
    _ = try store.endedJobsWithArtifacts()
    _ = try store.ownArtifacts(of: "j")
    try store.forgetArtifacts(of: "j")
    // Enough for the statements that remove details.
    for number in 0...Store.detailedJobs {
      try store.insert(Self.job("k\(number)"))
      try store.setStage(.failed, detail: "", of: "k\(number)", at: 6)
    }
    try store.trim()
    _ = try store.jobs(endedBefore: 2)
    _ = try store.delete(job: "j")
    let plans = try store.perform { connection throws(CoordinatorError) in
      try connection.plans()
    }
    let jobs = plans.filter { $0.key.contains("jobs") }
    #expect(jobs.count >= 19)
    for (statement, steps) in jobs {
      let scans = steps.filter { step in
        let words = step.split(separator: " ")
        return words.first == "SCAN" && words.contains("jobs")
      }
      #expect(scans.isEmpty, "\(statement)")
    }
    // The check itself: this one does read all.
    let stages = try store.stages()
    #expect(stages == ["failed": Store.detailedJobs + 1])
    let counting = try store.perform { connection throws(CoordinatorError) in
      try connection.plans()
    }
    #expect(counting.values.contains { $0.contains { $0.hasPrefix("SCAN jobs") } })
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
    let store = try Store(path: path, maximumPages: 64)
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
