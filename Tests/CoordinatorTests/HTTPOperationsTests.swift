import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Workers, tokens, clients and the audit log over HTTP.
@Suite(.serialized) struct HTTPOperationsTests {
  let coordinator: TestCoordinator
  let admin: JobClient
  let http: HTTPClient

  init() throws {
    coordinator = try TestCoordinator(http: true)
    admin = try coordinator.client()
    http = try coordinator.http(try coordinator.bearer(.operator))
  }

  private func post(_ target: String, _ json: String? = nil) throws -> HTTPClient.Answer {
    try http.request(
      "POST", target, headers: json == nil ? [] : ["Content-Type: application/json"],
      body: json.map { Array($0.utf8) })
  }

  @Test func theClusterAndItsWorkersAreTheOnesOfTheBinaryProtocol() throws {
    let worker = try coordinator.worker("a")
    let summary = try #require(try admin.workers().first)
    let list = try http.request("GET", "/v1/workers").object["workers"] as? [[String: Any]]
    #expect(list?.map { $0["id"] as? String } == [summary.id])
    let one = try http.request("GET", "/v1/workers/\(summary.id)").object
    #expect(one["name"] as? String == "a" && one["state"] as? String == "live")
    #expect(try http.request("GET", "/v1/workers/a").status == 404)
    let cluster = try http.request("GET", "/v1/cluster").object
    #expect((cluster["workers"] as? [String: Int]) == ["live": 1])
    withExtendedLifetime(worker) {}
  }

  @Test func whatAWorkerDoesIsToldToThoseWhoSeeEveryJob() throws {
    let worker = try coordinator.worker("a", vice: .idle)
    let job = try coordinator.submit(admin)
    func first(_ client: HTTPClient) throws -> [String: Any] {
      let list = try client.request("GET", "/v1/workers").object["workers"] as? [[String: Any]]
      return list?.first ?? [:]
    }
    try eventually("its tasks") { try first(http)["tasks"] as? Int ?? 0 > 0 }
    let seen = try first(http)
    let work = try #require((seen["work"] as? [[String: Any]])?.first)
    #expect(work["job"] as? String == job && work["keys"] as? Int == seen["tasks"] as? Int)
    #expect(work["shares"] as? Int == 0 && work["owed"] as? Int == work["keys"] as? Int)
    #expect(seen["version"] as? String == "test" && seen["heldBytes"] as? Int ?? -1 >= 0)
    #expect(try admin.workers().first?.work?.map(\.job) == [job])
    let client = try first(try coordinator.http(try coordinator.bearer(.client)))
    #expect(client["tasks"] as? Int ?? 0 > 0 && client["work"] == nil)
    let history = try http.request("GET", "/v1/jobs/\(job)?attempts=true").object
    let steps = history["steps"] as? [[String: Any]] ?? []
    #expect(steps.compactMap { $0["stage"] as? String }.contains("indexing"))
    #expect(steps.last != nil && steps.last?["ended"] == nil)
    #expect(history["groups"] as? [[String: Any]] != nil)
    let plain = try http.request("GET", "/v1/jobs/\(job)").object
    #expect(plain["steps"] == nil && plain["groups"] == nil && plain["attempts"] == nil)
    withExtendedLifetime(worker) {}
  }

  @Test func workersAreCordonedDrainedForgottenAndRevoked() throws {
    let worker = try coordinator.worker("a")
    let id = try #require(try admin.workers().first?.id)
    func state() throws -> String? { try admin.workers().first?.state }
    #expect(try post("/v1/workers/\(id)/cordon", "{\"reason\": \"dust\"}").status == 204)
    #expect(try state() == "cordoned")
    #expect(try admin.workers().first?.record?.reason == "dust")
    #expect(try post("/v1/workers/\(id)/uncordon").status == 204)
    #expect(try state() == "live")
    #expect(try post("/v1/workers/\(id)/cordon").status == 204)
    #expect(try post("/v1/workers/\(id)/uncordon").status == 204)
    #expect(try post("/v1/workers/\(id)/drain", "{\"deadline\": -1}").status == 400)
    #expect(try post("/v1/workers/\(id)/drain", "{\"deadline\": 60}").status == 204)
    #expect(try state() == "draining")
    let connected = try http.request("DELETE", "/v1/workers/\(id)")
    #expect(connected.status == 409 && connected.object["code"] as? String == "worker_connected")
    #expect(try post("/v1/workers/\(id)/revoke").status == 204)
    #expect(try state() == "revoked")
    try eventually("its end") { !worker.connection.isOpen }
    let other = try coordinator.worker("b")
    let second = try #require(try admin.workers().first { $0.name == "b" }?.id)
    other.leave()
    try eventually("its leaving") {
      try http.request("DELETE", "/v1/workers/\(second)").status == 204
    }
    #expect(try admin.workers().count == 1)
    for action in ["cordon", "uncordon", "drain", "revoke"] {
      #expect(try post("/v1/workers/none/\(action)").object["code"] as? String == "unknown_worker")
    }
  }

  @Test func bodiesThatMakeNoSenseAreRefusedWithTheirPlace() throws {
    let worker = try coordinator.worker("a")
    let id = try #require(try admin.workers().first?.id)
    let target = "/v1/workers/\(id)/cordon"
    #expect(try post(target, "{").status == 400)
    #expect(try post(target, "[]").status == 400)
    #expect(try post(target, "{\"raeson\": \"x\"}").status == 400)
    let wrong = try post(target, "{\"reason\": 5}")
    #expect(wrong.status == 400)
    #expect((wrong.object["detail"] as? String)?.contains("'reason'") == true)
    let type = try http.request(
      "POST", target, headers: ["Content-Type: text/plain"], body: Array("{}".utf8))
    #expect(type.status == 415)
    let long = [UInt8](repeating: 32, count: 1 << 20) + Array("{}".utf8)
    #expect(
      try http.request("POST", target, headers: ["Content-Type: application/json"], body: long)
        .status == 413)
    #expect(try admin.workers().first?.state == "live")
    withExtendedLifetime(worker) {}
  }

  @Test func tokensAreMadeForRolesBelowAndShownOnce() throws {
    let made = try post(
      "/v1/tokens", "{\"role\": \"client\", \"lifetime\": 60, \"bearer\": \"notebook\"}")
    #expect(made.status == 201)
    let text = try #require(made.object["token"] as? String)
    let id = try #require(made.object["id"] as? String)
    let client = try coordinator.http(text)
    let identity = try client.request("GET", "/v1/self").object
    #expect(identity["role"] as? String == "client" && identity["name"] as? String == "notebook")
    #expect(identity["id"] as? String == id)
    let list = try http.request("GET", "/v1/tokens")
    #expect(list.text.contains(id) && !list.text.contains(text))
    #expect(try post("/v1/tokens/\(id)/revoke").status == 204)
    #expect(try client.request("GET", "/v1/self").status == 401)
    let join = try post("/v1/tokens", "{\"role\": \"worker\", \"lifetime\": 60, \"uses\": 1}")
    #expect(throws: Never.self) { try JoinToken(parsing: join.object["token"] as? String ?? "") }
    for role in ["operator", "admin"] {
      let refused = try post("/v1/tokens", "{\"role\": \"\(role)\", \"lifetime\": 60}")
      #expect(refused.status == 403)
    }
    #expect(try post("/v1/tokens", "{\"role\": \"client\"}").status == 400)
    #expect(try post("/v1/tokens/none/revoke").object["code"] as? String == "unknown_token")
  }

  @Test func clientsAreListedAndRevokedButNotTheHomesOwnKey() throws {
    let home = coordinator.folder.url.appendingPathComponent("other")
    let other = try JobClient(
      home: home, token: coordinator.server.createToken(role: .client, lifetime: 60))
    let list = try http.request("GET", "/v1/clients").object["clients"] as? [[String: Any]]
    let id = try #require(list?.first { $0["role"] as? String == "client" }?["id"] as? String)
    let own = try #require(list?.first { $0["role"] as? String == "admin" }?["id"] as? String)
    #expect(try post("/v1/clients/\(own)/revoke").status == 403)
    #expect(try post("/v1/clients/\(id)/revoke").status == 204)
    #expect(throws: CoordinatorError.self) { try other.jobs() }
    #expect(try post("/v1/clients/none/revoke").object["code"] as? String == "unknown_client")
  }

  @Test func theAuditLogIsReadPageByPage() throws {
    for _ in 0..<5 { _ = try post("/v1/tokens", "{\"role\": \"client\", \"lifetime\": 60}") }
    var numbers: [Int] = []
    var before = ""
    while true {
      let page = try http.request("GET", "/v1/audit?limit=2\(before)").object
      numbers += (page["entries"] as? [[String: Any]] ?? []).compactMap { $0["number"] as? Int }
      guard let next = page["next"] as? Int else { break }
      before = "&before=\(next)"
    }
    #expect(numbers.count >= 5)
    #expect(numbers == Array(1...numbers.count).reversed())
    let viewer = try coordinator.http(try coordinator.bearer(.viewer))
    #expect(try viewer.request("GET", "/v1/audit").status == 403)
  }
}
