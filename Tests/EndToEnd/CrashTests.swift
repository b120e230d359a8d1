import Coordinator
import Foundation
import Testing

/// Processes that end without a word.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | worker killed in a round | another one replays its share; the job succeeds |
/// | coordinator killed in a round | it goes on after a restart, with the same workers |
@Suite(.serialized) struct CrashTests {
  static let steps = [
    "witness commitments", "row check", "line sums", "line check", "matrix commitments",
    "matrix check", "evaluations", "openings",
  ]

  @Test func aWorkerKilledInAnyRoundIsReplaced() throws {
    let network = try Network()
    try network.join("a")
    try network.join("b")
    for step in Self.steps {
      let job = try network.submit(workers: 2)
      var killed: String?
      let summary = try network.client().follow(job) { event in
        guard killed == nil, event.stage == .proving, event.step == step,
          let victim = event.workers.first(where: { $0.tasks > 0 })?.name
        else { return }
        network.workers[victim]?.signal(SIGKILL)
        killed = victim
      }
      #expect(summary.stage == .done, "\(step): \(summary.detail)")
      let victim = try #require(killed, "nobody was seen in step '\(step)'")
      #expect(try #require(network.workers[victim]).status() == 128 + SIGKILL)
      try network.join(victim)
    }
  }

  @Test func aCoordinatorKilledInTheMiddleGoesOn() throws {
    let network = try Network()
    try network.join("a")
    try network.join("b")
    let job = try network.submit(workers: 2)
    let client = try network.client()
    var crashed = false
    let summary = try client.follow(job) { event in
      guard !crashed, event.stage == .proving, event.step == "line sums" else { return }
      crashed = true
      #expect(throws: Never.self) { try network.crashAndRestart() }
    }
    #expect(crashed)
    #expect(summary.stage == .done, "\(summary.detail)")
    let proof = network.folder["proof.json"]
    #expect(try network.command(["document", job, "--out", proof.path]).status == 0)
    let verified = try Running(.coordinator, ["verify", proof.path], logs: network.folder.url)
    #expect(try verified.status() == 0, "\(verified.text)")
  }
}
