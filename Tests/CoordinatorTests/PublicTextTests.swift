import Coordinator
import Foundation
import TestSupport
import Testing

/// Clients are told what went wrong, and nothing of where the coordinator has its files.
@Suite struct PublicTextTests {
  private static let home = "/var/lib/ezkl/home"

  @Test(
    arguments: [
      .homeInUse(path: home), .file(path: home + "/a", reason: "cannot write: denied"),
      .diskFull(path: home), .noRoomForUploads(path: home, needed: 2, available: 1),
      .plannerBroke("\(home)/planning/x.json: no such file"),
      .process(name: "tar", reason: "'\(home)' is gone; see \(home)/log, please"),
    ] as [CoordinatorError]) func noPathIsTold(_ error: CoordinatorError)
  {
    let text = error.publicText(hiding: [Self.home, Self.home + "/planning", "/"])
    #expect(!text.contains("/"), "\(text)")
    #expect(!text.contains("home/") && !text.contains("planning/"), "\(text)")
  }

  @Test func whatIsNotTheCoordinatorsStays() {
    func told(_ reason: String) -> String {
      CoordinatorError.badJob(reason).publicText(hiding: [Self.home])
    }
    // Names of nodes look like paths, and other folders may begin alike.
    #expect(told("node '/conv1/Conv' is too large") == "node '/conv1/Conv' is too large")
    #expect(told("\(Self.home)s/a: b") == "\(Self.home)s/a: b")
    #expect(
      told("\(Self.home)/a b: \(Self.home)")
        == "a file of the coordinator b: a file of the coordinator")
    #expect(told("") == "")
  }

  @Test func aJobsFailureNamesNoFolder() throws {
    let coordinator = try TestCoordinator()
    let client = try coordinator.client()
    let worker = try coordinator.worker("a")
    let model = coordinator.folder.url.appendingPathComponent("model")
    try Data("2 1 4 unreadable".utf8).write(to: model)
    let job = try client.submit(model: model, input: model)
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .failed)
    #expect(summary.detail == "a file of the coordinator: cannot read it")
    // The operator finds it in the log.
    #expect(coordinator.log.text.contains("/secret/model: cannot read it"))
    withExtendedLifetime(worker) {}
  }
}
