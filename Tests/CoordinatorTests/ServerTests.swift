import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Jobs over real sockets, with good and bad workers.
@Suite(.serialized) struct ServerTests {
  let coordinator: TestCoordinator
  let client: JobClient

  init() throws {
    coordinator = try TestCoordinator()
    client = try coordinator.client()
  }

  @Test func aJobIsProvenByTwoWorkers() throws {
    let workers = try ["a", "b"].map { try coordinator.worker($0) }
    let job = try coordinator.submit(client, workers: 2)
    var stages: [JobStage] = []
    let summary = try client.follow(job) { event in
      if stages.last != event.stage { stages.append(event.stage) }
    }
    #expect(summary.stage == .done && summary.dropped.isEmpty)
    #expect(stages.last == .done)
    let document = String(decoding: try client.document(job), as: UTF8.self)
    #expect(document.contains("\"format\":\"sum\""))
    for worker in workers {
      #expect(worker.messages.contains { if case .step = $0 { true } else { false } })
    }
    #expect(try client.jobs().map(\.id) == [job])
  }

  @Test func keysAreCachedForTheNextJob() throws {
    let worker = try coordinator.worker("a")
    _ = try client.follow(try coordinator.submit(client)) { _ in }
    let indexed = worker.messages.count { if case .assign(_, .index) = $0 { true } else { false } }
    #expect(indexed == 2)
    _ = try client.follow(try coordinator.submit(client)) { _ in }
    #expect(
      worker.messages.count { if case .assign(_, .index) = $0 { true } else { false } } == 2)
  }

  @Test(arguments: [0, 1, 2] as [UInt8]) func aWorkerLostInAnyStepIsReplacedByReplay(
    step: UInt8
  ) throws {
    let lost = try coordinator.worker("lost", vice: .hangsUp(step: step))
    let other = try coordinator.worker("other")
    let job = try coordinator.submit(client, workers: 2)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .done && summary.dropped.isEmpty)
    // Nobody but the replacement repeats anything: one attempt, and every step asked once per task.
    let asked = other.messages.compactMap { message -> String? in
      if case .step(let task, let step, _) = message { "\(task) \(step)" } else { nil }
    }
    #expect(Set(asked).count == asked.count)
    #expect(!lost.connection.isOpen)
  }

  @Test func theLastWorkerMayBeLostAndReplacedLater() throws {
    _ = try coordinator.worker("lost", vice: .hangsUp(step: 2))
    let job = try coordinator.submit(client)
    var replacement: TestWorker?
    let summary = try client.follow(job) { event in
      guard replacement == nil, event.notice?.contains("waiting for workers") == true else {
        return
      }
      replacement = try? coordinator.worker("replacement")
    }
    #expect(summary.stage == .done)
    #expect(replacement != nil)
  }

  @Test func aSilentWorkerLosesItsLease() throws {
    let coordinator = try TestCoordinator(leaseSeconds: 3)
    let client = try coordinator.client()
    let silent = try coordinator.worker("silent", vice: .silent)
    let job = try coordinator.submit(client, workers: 1)
    var other: TestWorker?
    let summary = try client.follow(job) { event in
      // Also where the other one's own beats come too late, on a machine that is very busy.
      guard other?.connection.isOpen != true, event.workers.isEmpty else { return }
      other = try? coordinator.worker("other")
    }
    #expect(summary.stage == .done)
    #expect(coordinator.log.text.contains("no heartbeat"))
    withExtendedLifetime(silent) {}
  }

  @Test(arguments: [
    TestWorker.Vice.lies(step: 1), .lies(step: 2), .garbles(step: 1), .garbles(step: 2), .wrongKey,
  ])
  func aWorkerThatLiesIsNamedAndDropped(vice: TestWorker.Vice) throws {
    _ = try coordinator.worker("liar", vice: vice)
    _ = try coordinator.worker("honest")
    let job = try coordinator.submit(client, workers: 2)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .done)
    #expect(summary.dropped.count == 1 && summary.dropped[0].hasPrefix("liar:"))
  }

  @Test func anotherWorkersLieGetsFreshRandomness() throws {
    let honest = try coordinator.worker("honest")
    _ = try coordinator.worker("liar", vice: .lies(step: 2))
    _ = try client.follow(try coordinator.submit(client, circuits: 1, workers: 2)) { _ in }
    let seeds = honest.messages.compactMap { message -> [UInt8]? in
      if case .assign(_, .instances(let task)) = message { task.tasks.first?.seed } else { nil }
    }
    // One share before and all of them after the lie, under another seed.
    #expect(Set(seeds).count == 2)
  }

  @Test func aWorkerThatLiedAndVanishedIsNamedByTheReplay() throws {
    let liar = try coordinator.worker("liar", vice: .liesAndHangsUp)
    let job = try coordinator.submit(client, circuits: 1)
    var honest: TestWorker?
    let summary = try client.follow(job) { event in
      guard honest == nil, event.workers.isEmpty, !liar.connection.isOpen else { return }
      honest = try? coordinator.worker("honest")
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(summary.dropped == ["liar: its share of the proof is wrong"])
  }

  @Test func aWorkerThatLiesInAReplayIsNamed() throws {
    let lost = try coordinator.worker("lost", vice: .hangsUp(step: 2))
    let job = try coordinator.submit(client, circuits: 1)
    var others: [TestWorker] = []
    let summary = try client.follow(job) { event in
      guard others.isEmpty, event.workers.isEmpty, !lost.connection.isOpen else { return }
      #expect(throws: Never.self) {
        let liar = try coordinator.worker("liar", vice: .lies(step: 1))
        try eventually("its release") { liar.messages.contains { $0.isRelease } }
        others = [liar, try coordinator.worker("honest")]
      }
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(summary.dropped == ["liar: its replay of a share is wrong"])
  }

  /// While the coordinator finds out who lied, which may take long, its job can be cancelled, and others go on.
  @Test func aJobCanBeCancelledWhileADisputeIsSettled() throws {
    let store = try ArtifactStore(directory: HomeFolder(coordinator.folder.url).artifacts.path)
    defer { _ = try? store.add(SumEngine.released) }
    let url = coordinator.folder.url.appendingPathComponent("disputed")
    try Data("1 1 1 disputed".utf8).write(to: url)
    let lost = try coordinator.worker("lost", vice: .hangsUp(step: 2))
    let job = try client.submit(model: url, input: url)
    var others: [TestWorker] = []
    let summary = try client.follow(job) { event in
      if others.isEmpty, event.workers.isEmpty, !lost.connection.isOpen {
        others = (try? coordinator.worker("liar", vice: .lies(step: 1))).map { [$0] } ?? []
        #expect(throws: Never.self) {
          try eventually("the dispute") { isStored(SumEngine.disputed) }
          try client.requestCancel(job)
        }
      }
    }
    #expect(summary.stage == .cancelled, "\(summary.detail)")
    #expect(!isStored(SumEngine.released))
    _ = try coordinator.worker("honest")
    let other = try client.follow(try coordinator.submit(client, circuits: 1)) { _ in }
    #expect(other.stage == .done)
  }

  @Test func withOnlyLiarsTheJobWaitsAndSaysWhy() throws {
    _ = try coordinator.worker("liar", vice: .lies(step: 1))
    let job = try coordinator.submit(client)
    var said = false
    let summary = try client.follow(job) { event in
      if event.notice?.contains("liar is quarantined") == true, event.stage == .proving {
        if !said { try? client.requestCancel(job) }
        said = true
      }
    }
    #expect(said && summary.stage == .cancelled)
  }

  @Test func withoutWorkersTheJobWaitsAndSaysSo() throws {
    let job = try coordinator.submit(client)
    var notices: [String] = []
    var worker: TestWorker?
    let summary = try client.follow(job) { event in
      if let notice = event.notice { notices.append(notice) }
      if worker == nil { worker = try? coordinator.worker("late") }
    }
    #expect(summary.stage == .done)
    #expect(notices.first == "waiting for workers: 0 of 1 joined")
  }

  @Test(arguments: [true, false]) func aTaskThatFailsEverywhereFailsTheJob(
    retryable: Bool
  ) throws {
    _ = try coordinator.worker("a", vice: .fails(retryable: retryable))
    let job = try coordinator.submit(client)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .failed)
    #expect(
      summary.detail
        == "the key of circuit 0 (task 1) failed at every worker that tried it: a: test: no"
        + (retryable ? " (3 times)" : ""))
    #expect(
      throws: CoordinatorError.refused(
        code: "job_failed", text: "job \(job) failed: \(summary.detail)")
    ) { _ = try client.document(job) }
  }

  @Test func aRunningJobCanBeCancelledAndItsTasksAreTakenBack() throws {
    let worker = try coordinator.worker("idle", vice: .idle)
    let job = try coordinator.submit(client)
    let summary = try client.follow(job) { event in
      if event.stage == .indexing { try? client.requestCancel(job) }
    }
    #expect(summary.stage == .cancelled && summary.detail == "cancelled by a user")
    try eventually("the release of its task") { worker.messages.contains { $0.isRelease } }
    #expect(throws: CoordinatorError.self) { try client.cancel(job) }
  }

  @Test func aCancelledJobStopsPlanning() throws {
    _ = try coordinator.worker("a")
    let url = coordinator.folder.url.appendingPathComponent("slow")
    try Data("1 1 1 slow".utf8).write(to: url)
    let job = try client.submit(model: url, input: url)
    let summary = try client.follow(job) { event in
      if event.step == "counting slowly" { try? client.requestCancel(job) }
    }
    #expect(summary.stage == .cancelled)
    try eventually("the end of planning") { isStored(SumEngine.stopped) }
    #expect(!isStored(SumJob.witness(instances: 1)))
  }

  private func isStored(_ bytes: [UInt8]) -> Bool {
    FileManager.default.fileExists(
      atPath: HomeFolder(coordinator.folder.url).artifacts.appendingPathComponent(
        Digest(of: bytes).hex
      ).path)
  }

  private var storedCount: Int {
    let folder = HomeFolder(coordinator.folder.url).artifacts.path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.count { Digest(hex: $0) != nil }
  }

  @Test(arguments: [TestWorker.Vice.none, .fails(retryable: false)])
  func ofAJobThatEndedOnlyTheDocumentStays(vice: TestWorker.Vice) throws {
    _ = try coordinator.worker("a", vice: vice)
    let job = try coordinator.submit(client, instances: 5)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == (vice == .none ? .done : .failed))
    #expect(!isStored(SumJob.witness(instances: 5)))
    // The parameters are there for the next job. Uploads go when the connection that brought them has ended.
    try eventually("the end of all other artifacts") { storedCount == (vice == .none ? 2 : 1) }
    if vice == .none { _ = try client.document(job) }
  }

  @Test func aPlanLeavesNoUploadsBehind() throws {
    let model = try coordinator.model()
    _ = try client.plan(model: model, input: model)
    try eventually("the end of the uploads") { storedCount == 0 }
    let bad = coordinator.folder.url.appendingPathComponent("bad")
    try Data("no model".utf8).write(to: bad)
    #expect(throws: CoordinatorError.self) { _ = try client.submit(model: bad, input: bad) }
    try eventually("the end of the refused upload") { storedCount == 0 }
  }

  @Test(arguments: [("disk", "disk_full"), ("memory", "memory"), ("test", "job_failed")])
  func theKindOfAFailureIsKept(code: String, failure: String) throws {
    _ = try coordinator.worker("a", vice: .fails(retryable: true, code: code))
    let job = try coordinator.submit(client)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .failed && summary.failure == failure)
    #expect(try client.job(job).failure == failure)
  }

  @Test func theLastJobThatNeedsAWitnessTakesItAlong() throws {
    let idle = try coordinator.worker("idle", vice: .idle)
    let jobs = try (0..<2).map { _ in try coordinator.submit(client, instances: 6) }
    try eventually("both jobs' planning") {
      try jobs.allSatisfy { try client.job($0).stage == .indexing }
    }
    for (job, remains) in zip(jobs, [true, false]) {
      #expect(isStored(SumJob.witness(instances: 6)))
      try client.cancel(job)
      #expect(try client.follow(job) { _ in }.stage == .cancelled)
      #expect(isStored(SumJob.witness(instances: 6)) == remains)
    }
    withExtendedLifetime(idle) {}
  }

  @Test func aDismissedWorkerIsToldAndGetsNothingNew() throws {
    let dismissed = try coordinator.worker("dismissed")
    _ = try coordinator.worker("stays")
    try client.drainWorker("dismissed")
    try eventually("the word") { dismissed.messages.contains(.drain) }
    let job = try coordinator.submit(client, workers: 1)
    #expect(try client.follow(job) { _ in }.stage == .done)
    #expect(!dismissed.messages.contains { if case .assign = $0 { true } else { false } })
    #expect(try client.workers().first { $0.name == "dismissed" }?.state == "draining")
  }

  @Test func aSecondJobRunsWhileOneRuns() throws {
    let idle = try coordinator.worker("idle", vice: .idle)
    let stuck = try coordinator.submit(client, circuits: 1)
    // Not just the stage: the task must be the idle worker's before the good one comes.
    try eventually("a task for the idle worker") {
      idle.messages.contains { if case .assign = $0 { true } else { false } }
    }
    _ = try coordinator.worker("good")
    let second = try coordinator.submit(
      client, circuits: 1, groups: 1, instances: 3, workers: 1)
    #expect(try client.follow(second) { _ in }.stage == .done)
    #expect(try client.job(stuck).stage == .indexing)
    try client.cancel(stuck)
  }

  @Test func manyGroupsAreProven() throws {
    for name in ["a", "b", "c"] { _ = try coordinator.worker(name) }
    let job = try coordinator.submit(client, circuits: 3, groups: 7, instances: 5, workers: 3)
    var groups = 0
    let summary = try client.follow(job) { groups = max(groups, $0.groupsDone) }
    #expect(summary.stage == .done && groups == 7)
  }

  @Test func aBadModelIsRefusedAtSubmission() throws {
    let url = coordinator.folder.url.appendingPathComponent("bad")
    try Data("nonsense".utf8).write(to: url)
    #expect(
      throws: CoordinatorError.refused(
        code: "bad_job", text: "not a model: three numbers expected")
    ) { _ = try client.submit(model: url, input: url) }
    #expect(try client.jobs().isEmpty)
  }

  @Test func plansAreShownWithoutProving() throws {
    let model = try coordinator.model(instances: 9)
    let text = String(
      decoding: try client.plan(model: model, input: model, options: SubmitOptions(workers: 3)),
      as: UTF8.self)
    #expect(text == "{\"chunks\": 9, \"workers\": 3}")
  }

  @Test func largeUploadsGoThrough() throws {
    let url = coordinator.folder.url.appendingPathComponent("large")
    var text = Array("1 1 1".utf8)
    text += [UInt8](repeating: 32, count: 11 << 20)
    try Data(text).write(to: url)
    var sent: UInt64 = 0
    let worker = try coordinator.worker("a")
    let job = try client.submit(model: url, input: url) { _, done, _ in sent = done }
    #expect(sent == UInt64(text.count))
    #expect(try client.follow(job) { _ in }.stage == .done)
    withExtendedLifetime(worker) {}
  }
}

extension Message {
  var isRelease: Bool { if case .release = self { true } else { false } }
}
