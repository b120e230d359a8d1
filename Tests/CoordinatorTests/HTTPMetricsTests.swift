import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// What `/metrics` says, and that it is what happened.
@Suite(.serialized) struct HTTPMetricsTests {
  /// Series by name and labels, as they stand in the text.
  private func metrics(_ coordinator: TestCoordinator) throws -> [String: Double] {
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    let answer = try client.request("GET", "/metrics")
    #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    var series: [String: Double] = [:]
    var declared: Set<Substring> = []
    for line in answer.text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") { declared.insert(line.split(separator: " ")[2]) }
      if line.hasPrefix("#") { continue }
      let end = try #require(line.lastIndex(of: " "))
      let name = line[..<end]
      #expect(declared.contains(name.prefix { $0 != "{" }), "\(line)")
      #expect(series[String(name)] == nil, "twice: \(line)")
      series[String(name)] = Double(String(line[line.index(after: end)...]))
      #expect(series[String(name)] != nil, "no number: \(line)")
    }
    return series
  }

  @Test func aJobLeavesItsMarks() throws {
    let coordinator = try TestCoordinator(http: true)
    let client = try coordinator.client()
    let worker = try coordinator.worker("wo\"rker")
    let job = try coordinator.submit(client)
    #expect(try client.follow(job) { _ in }.stage == .done)
    let series = try metrics(coordinator)
    #expect(series["ezkl_jobs{stage=\"done\"}"] == 1)
    #expect(series["ezkl_jobs_ended_total{stage=\"done\"}"] == 1)
    #expect(series["ezkl_jobs_ended_total{stage=\"failed\"}"] == 0)
    #expect(series["ezkl_task_attempts_total{kind=\"key\",outcome=\"done\"}"] == 2)
    #expect(series["ezkl_task_attempts_total{kind=\"share\",outcome=\"done\"}"] ?? 0 >= 2)
    #expect(series["ezkl_workers{state=\"live\"}"] == 1)
    let summary = try #require(try client.workers().first)
    let labels = "worker=\"\(summary.id)\",name=\"wo\\\"rker\""
    #expect(series["ezkl_worker_threads{\(labels)}"] == 1)
    #expect(series["ezkl_worker_answers_total{\(labels)}"] ?? 0 > 0)
    #expect(series["ezkl_worker_bytes_total{\(labels),direction=\"sent\"}"] ?? 0 > 100)
    #expect(series["ezkl_artifacts"] ?? 0 >= 1)
    #expect(series["ezkl_database_bytes{part=\"log\"}"] ?? 0 > 4096)
    #expect(series["process_resident_memory_bytes"] ?? 0 > 1_000_000)
    #expect(series["process_open_fds"] ?? 0 > 3)
    withExtendedLifetime(worker) {}
  }

  @Test func troublesAndWhatWaitsAreCounted() throws {
    let coordinator = try TestCoordinator(http: true)
    let client = try coordinator.client()
    let liar = try coordinator.worker("liar", vice: .lies(step: 1))
    let jobs = try (0..<3).map { _ in try coordinator.submit(client, workers: 1) }
    try eventually("the lie") { try client.workers().first?.state == "quarantined" }
    let owner = try #require(try client.jobs().first?.owner)
    let series = try metrics(coordinator)
    let lies = try #require(try client.workers().first?.record?.lies)
    #expect(lies > 0 && series["ezkl_troubles_total{kind=\"lie\"}"] == Double(lies))
    #expect(series["ezkl_workers{state=\"quarantined\"}"] == 1)
    let unfinished = series.filter { $0.key.hasPrefix("ezkl_owner_jobs{owner=\"\(owner)\"") }
    #expect(unfinished.values.reduce(0, +) == 3)
    for job in jobs { try client.cancel(job) }
    try eventually("their end") {
      try metrics(coordinator)["ezkl_jobs_ended_total{stage=\"cancelled\"}"] == 3
    }
    withExtendedLifetime(liar) {}
  }

  @Test func clientsDoNotLearnWhoElseHasJobs() throws {
    let coordinator = try TestCoordinator(http: true)
    let client = try coordinator.client()
    _ = try coordinator.submit(client)
    let owner = try #require(try client.jobs().first?.owner)
    let text = try coordinator.http(coordinator.bearer(.client)).request("GET", "/metrics").text
    #expect(!text.contains(owner) && text.contains("ezkl_owner_jobs{owner=\"others\""))
    let viewer = try coordinator.http(coordinator.bearer(.viewer)).request("GET", "/metrics").text
    #expect(viewer.contains(owner))
  }

  @Test func requestsAreCountedByRoute() throws {
    let coordinator = try TestCoordinator(http: true)
    let client = try coordinator.http(nil)
    for _ in 0..<3 { _ = try client.request("GET", "/healthz") }
    _ = try client.request("GET", "/a/path/that/anybody/invents")
    let series = try metrics(coordinator)
    let name = "ezkl_http_requests_total"
    #expect(series["\(name){method=\"GET\",route=\"/healthz\",status=\"200\"}"] == 3)
    #expect(series["\(name){method=\"\",route=\"\",status=\"404\"}"] == 1)
  }

  @Test func manyOwnersAreCountedTogether() {
    let backlog = (0..<5).map {
      Backlog(
        owner: "\($0)", priority: "normal", stage: .submitted, jobs: $0 + 1, oldest: Double($0))
    }
    let bounded = APISurface.bounded(backlog, to: 2)
    #expect(bounded.map(\.owner) == ["3", "4", "others"])
    #expect(bounded.map(\.jobs) == [4, 5, 6])
    #expect(bounded.last?.oldest == 0)
  }
}
