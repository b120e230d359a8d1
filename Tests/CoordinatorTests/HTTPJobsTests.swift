import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Jobs over HTTP: the same ones, for the same eyes, as over the binary protocol.
@Suite(.serialized) struct HTTPJobsTests {
  let coordinator: TestCoordinator
  let admin: JobClient

  init() throws {
    coordinator = try TestCoordinator(http: true)
    admin = try coordinator.client()
  }

  private func ids(_ client: HTTPClient, _ query: String = "") throws -> [String] {
    let answer = try client.request("GET", "/v1/jobs\(query)")
    #expect(answer.status == 200, "\(answer.text)")
    return (answer.object["jobs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
  }

  @Test func pagesHaveEveryJobOnceWhateverIsSubmittedMeanwhile() throws {
    let jobs = try (0..<7).map { _ in try coordinator.submit(admin) }
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    var seen: [String] = []
    var next: String?
    repeat {
      let query = "?limit=3" + (next.map { "&after=\($0)" } ?? "")
      let page = try client.request("GET", "/v1/jobs\(query)").object
      seen += (page["jobs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
      next = page["next"] as? String
      if seen.count == 3 { _ = try coordinator.submit(admin) }
    } while next != nil
    #expect(seen == jobs.reversed())
    #expect(try ids(client).count == 8)
  }

  @Test func jobsAreFoundByStageOwnerAndModel() throws {
    let cancelled = try coordinator.submit(admin)
    let waiting = try coordinator.submit(admin)
    try admin.cancel(cancelled)
    try eventually("its end") { try admin.job(cancelled).stage == .cancelled }
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    #expect(try ids(client, "?stage=cancelled") == [cancelled])
    #expect(try ids(client, "?stage=done,failed") == [])
    #expect(try ids(client, "?stage=submitted,planning,indexing,proving") == [waiting])
    let summary = try admin.job(waiting)
    #expect(try ids(client, "?owner=\(summary.owner)") == [waiting, cancelled])
    #expect(try ids(client, "?owner=nobody") == [])
    #expect(try ids(client, "?model=\(summary.model)") == [waiting])
  }

  @Test(arguments: [
    "stage=sleeping", "stage=", "limit=0", "limit=501", "limit=1e1", "limit=%2B1", "after=x",
    "after=7ff0000000000000-a", "limit=1&limit=2", "stages=done",
  ])
  func questionsThatMakeNoSenseAreRefused(query: String) throws {
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    let answer = try client.request("GET", "/v1/jobs?\(query)")
    #expect(answer.status == 400 && answer.object["code"] as? String == "bad_request")
    #expect(answer.object["type"] as? String == "urn:ezkl:error:bad_request")
    #expect(answer.object["status"] as? Int == 400)
  }

  @Test func aClientSeesItsOwnJobsOnly() throws {
    let job = try coordinator.submit(admin)
    let client = try coordinator.http(try coordinator.bearer(.client))
    #expect(try ids(client) == [])
    #expect(try ids(client, "?owner=\(admin.job(job).owner)") == [])
    for (method, target) in [
      ("GET", "/v1/jobs/\(job)"), ("GET", "/v1/jobs/\(job)/plan"),
      ("POST", "/v1/jobs/\(job)/cancel"), ("DELETE", "/v1/jobs/\(job)"),
    ] {
      let answer = try client.request(method, target)
      let never = try client.request(
        method, target.replacingOccurrences(of: job, with: "000000000000"))
      #expect(answer.status == 404 && answer.object["code"] as? String == "unknown_job")
      #expect(
        answer.text.replacingOccurrences(of: job, with: "")
          == never.text
          .replacingOccurrences(of: "000000000000", with: ""))
    }
    #expect(try admin.job(job).stage != .cancelled)
  }

  @Test func aJobIsShownWithItsHistoryAndPlan() throws {
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    let waiting = try coordinator.submit(admin)
    let before = try client.request("GET", "/v1/jobs/\(waiting)/plan")
    #expect(before.status == 409 && before.object["code"] as? String == "job_not_finished")
    let now = try client.request("GET", "/v1/jobs/\(waiting)").object
    #expect((now["progress"] as? [String: Any])?["job"] as? String == waiting)
    #expect(now["attempts"] == nil)
    let worker = try coordinator.worker("a")
    #expect(try admin.follow(waiting) { _ in }.stage == .done)
    let detail = try client.request("GET", "/v1/jobs/\(waiting)?attempts=true").object
    #expect((detail["job"] as? [String: Any])?["stage"] as? String == "done")
    #expect(detail["progress"] == nil)
    let attempts = try #require(detail["attempts"] as? [[String: Any]])
    #expect(try attempts.count == admin.attempts(of: waiting).count && !attempts.isEmpty)
    #expect(attempts.allSatisfy { $0["outcome"] as? String == "done" })
    let plan = try client.request("GET", "/v1/jobs/\(waiting)/plan")
    #expect(try plan.status == 200 && Data(plan.body) == admin.plan(of: waiting))
    withExtendedLifetime(worker) {}
  }

  @Test func jobsAreCancelledAndDeletedByWhoMayAndThatIsWrittenDown() throws {
    let job = try coordinator.submit(admin)
    let viewer = try coordinator.http(try coordinator.bearer(.viewer))
    let refused = try viewer.request("POST", "/v1/jobs/\(job)/cancel")
    #expect(refused.status == 403 && refused.object["code"] as? String == "not_allowed")
    let operatorClient = try coordinator.http(try coordinator.bearer(.operator))
    #expect(try operatorClient.request("DELETE", "/v1/jobs/\(job)").status == 409)
    #expect(try operatorClient.request("POST", "/v1/jobs/\(job)/cancel").status == 204)
    try eventually("its end") {
      try operatorClient.request("POST", "/v1/jobs/\(job)/cancel").status == 409
    }
    #expect(try operatorClient.request("DELETE", "/v1/jobs/\(job)").status == 204)
    #expect(try operatorClient.request("GET", "/v1/jobs/\(job)").status == 404)
    let lines = try admin.audit(limit: 20).filter { $0.name == "test" }.map {
      "\($0.role) \($0.action) \($0.subject == job) \($0.outcome)"
    }.reduce(into: [String]()) { lines, line in if lines.last != line { lines.append(line) } }
    #expect(
      Array(lines.reversed()) == [
        "viewer cancel false not_allowed", "operator job.delete true job_not_finished",
        "operator cancel true done", "operator cancel true job_not_finished",
        "operator job.delete true done",
      ])
  }
}
