import Coordinator
import Foundation
import TestSupport
import Testing

/// A job that meets a full disk at the coordinator waits until there is room.
@Suite(.serialized) struct DiskWaitTests {
  @Test func whatIsKnownToBeNeededIsWaitedFor() {
    var wait = DiskWait()
    wait.met(needed: 5000, free: 100, at: 0)
    #expect(
      wait.reason(free: 100)
        == "waits for room on the coordinator's disk: 100 bytes free, needs 5000")
    #expect(!wait.mayGoOn(free: 4999, at: 10_000))
    #expect(wait.mayGoOn(free: 5000, at: 2))
    // Not at once: what fails at once again must not fill the log.
    #expect(!wait.mayGoOn(free: 5000, at: 1))
  }

  @Test func moreThanWasTooLittleIsWaitedFor() {
    var wait = DiskWait()
    wait.met(needed: nil, free: 100, at: 0)
    #expect(wait.needed == 100 + 1 << 20)
    #expect(!wait.mayGoOn(free: 100, at: 10) && wait.mayGoOn(free: 2 << 20, at: 10))
    // Others may have filled the disk and made room before anybody looked.
    #expect(!wait.mayGoOn(free: 100, at: 59) && wait.mayGoOn(free: 100, at: 60))
    for _ in 0..<100 { wait.met(needed: 0, free: 7, at: 0) }
    #expect(wait.needed == 7 + 16 << 20)
    #expect(!wait.mayGoOn(free: 7, at: 599) && wait.mayGoOn(free: 7, at: 600))
    #expect(!wait.mayGoOn(free: 1 << 40, at: 29) && wait.mayGoOn(free: 1 << 40, at: 30))
  }

  @Test func nothingOverflows() {
    var wait = DiskWait()
    wait.met(needed: nil, free: .max, at: 0)
    _ = wait.reason(free: nil)
    #expect(wait.mayGoOn(free: nil, at: 2))
  }

  @Test func aJobThatMetAFullDiskGoesOn() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let model = coordinator.folder.url.appendingPathComponent("model")
    try Data("2 1 4 cramped".utf8).write(to: model)
    let job = try client.submit(model: model, input: model)
    #expect(try client.follow(job) { _ in }.stage == .done)
    #expect(coordinator.log.text.contains("needs 1\n"))
    #expect(coordinator.log.text.contains("goes on, there is room on the disk"))
    withExtendedLifetime(worker) {}
  }

  @Test func wantOfDescriptorsIsWaitedForALittle() {
    var wait = DiskWait()
    wait.metDescriptorLimit(at: 0)
    #expect(
      wait.reason(free: 5) == "waits for files and connections of the coordinator to be closed")
    #expect(!wait.mayGoOn(free: 0, at: 1) && wait.mayGoOn(free: 0, at: 2))
    wait.metDescriptorLimit(at: 2)
    #expect(!wait.mayGoOn(free: 0, at: 5) && wait.mayGoOn(free: 0, at: 6))
    wait.met(needed: 10, free: 5, at: 6)
    #expect(wait.reason(free: 5).hasPrefix("waits for room on the coordinator's disk"))
  }

  /// Others' connections took all descriptors: no fault of the job.
  @Test func aJobThatMetTooManyOpenFilesGoesOn() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let model = coordinator.folder.url.appendingPathComponent("model")
    try Data("2 1 4 crowded".utf8).write(to: model)
    let job = try client.submit(model: model, input: model)
    #expect(try client.follow(job) { _ in }.stage == .done)
    #expect(coordinator.log.text.contains("waits for files and connections"))
    withExtendedLifetime(worker) {}
  }

  @Test(arguments: [0, 64, 200, 256, 1024, 4096, 20_000, 65_536, 1 << 30])
  func peersLeaveDescriptorsToTheNode(limit: Int) {
    let budget = DescriptorBudget(limit: limit)
    let shares = [
      budget.strangers, budget.http, budget.uploads, budget.uploadsPerAccount, budget.clients,
      budget.clientsPerAccount, budget.workers,
    ]
    #expect(shares.allSatisfy { $0 > 0 })
    let peers =
      budget.strangers + 2 * budget.http + budget.uploads + budget.clients + budget.workers
    if limit >= 128 { #expect(peers + budget.reserve <= limit) }
    // No client alone has all of what clients have.
    #expect(budget.clientsPerAccount < budget.clients)
    #expect((budget.warning == nil) == (limit >= 1024))
    if limit >= 20_000 {
      #expect(budget.strangers == 512 && budget.http == 144 && budget.clientsPerAccount == 256)
    }
  }

  @Test func whoWaitsSaysSoAndCanBeCancelled() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let model = coordinator.folder.url.appendingPathComponent("model")
    try Data("2 1 4 nospace".utf8).write(to: model)
    let job = try client.submit(model: model, input: model)
    try eventually("its waiting") {
      try client.job(job).detail.hasPrefix("waits for room on the coordinator's disk: ")
    }
    #expect(try client.job(job).detail.hasSuffix(" bytes free, needs \(UInt64.max)"))
    // Others are not kept from their work by it.
    let other = try coordinator.submit(client)
    #expect(try client.follow(other) { _ in }.stage == .done)
    #expect(!(try client.job(job).stage.isFinal))
    try client.cancel(job)
    #expect(try client.follow(job) { _ in }.stage == .cancelled)
    withExtendedLifetime(worker) {}
  }
}
