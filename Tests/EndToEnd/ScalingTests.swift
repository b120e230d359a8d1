import AleoEZKL
import Foundation
import Testing

/// `bench cluster` and `bench simulate` on a real network.
@Suite(.serialized) struct ScalingCommandTests {
  @Test func aClusterIsMeasuredAndALargerOneSimulated() throws {
    let network = try Network()
    for name in ["a", "b"] { try network.join(name) }
    let folder = network.folder["scaling"]
    let bench = try network.command([
      "bench", "cluster", Network.model.path, "--input", Network.input.path, "--workers", "1,2,16",
      "--out", folder.path,
    ])
    #expect(bench.status == 0, "\(bench.errors)")
    #expect(bench.output.contains("not measured, 2 workers are there: 16"))
    let page = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!doctype html>") && page.contains("<svg"))
    let report = folder.appendingPathComponent("report.json")
    let data = try Data(contentsOf: report)
    let object = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["isComplete"] as? Bool == true)
    let runs = try #require(object["runs"] as? [[String: Any]])
    #expect(runs.map { $0["workers"] as? Int } == [1, 1, 2, 2])
    #expect(runs.map { $0["keys"] as? String } == ["cold", "warm", "cold", "warm"])
    // Nothing of the jobs stays.
    #expect(try network.client().jobs().isEmpty)
    func simulate(_ words: [String]) throws -> (status: Int32, output: String) {
      let run = try Running(
        .coordinator, ["bench", "simulate", "--trace"] + words, logs: network.folder.url)
      return (try run.status(), run.text + run.errorText)
    }
    let simulated = try simulate([
      report.path, "--workers", "1,2,64", "--rtt", "5ms", "--rate", "100mbit",
    ])
    #expect(simulated.status == 0, "\(simulated.output)")
    #expect(simulated.output.contains("5.0 ms away, 100.0 Mbit/s each"))
    #expect(try simulate([Network.input.path, "--workers", "1"]).status == 3)
  }

  @Test func thereIsAPlanForMoreWorkersThanThisMachineHolds() throws {
    let network = try Network()
    let words = ["plan", Network.model.path, "--input", Network.input.path, "--workers"]
    var before = Double.infinity
    for workers in [1, 2, 8, 64, 1000] {
      let plan = try network.command(words + ["\(workers)", "--json"])
      #expect(plan.status == 0, "\(plan.errors)")
      let report = try JSONDecoder().decode(PlanReport.self, from: Data(plan.output.utf8))
      // More workers are never predicted to be slower.
      #expect(report.predictedSeconds <= before)
      before = report.predictedSeconds
    }
    #expect(try network.command(words + ["1000"]).output.contains("workers are of no use"))
  }
}
