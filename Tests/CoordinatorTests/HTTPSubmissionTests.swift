import Coordinator
import Foundation
import Model
import TestSupport
import Testing
import Wire

/// Files, jobs and proofs over HTTP.
@Suite(.serialized) struct HTTPSubmissionTests {
  let coordinator: TestCoordinator
  let admin: JobClient
  let http: HTTPClient

  init() throws {
    coordinator = try TestCoordinator(http: true)
    admin = try coordinator.client()
    http = try coordinator.http(try coordinator.bearer(.client))
  }

  @discardableResult
  private func upload(_ bytes: [UInt8], by client: HTTPClient? = nil) throws -> HTTPClient.Answer {
    try (client ?? http).request("PUT", "/v1/artifacts/\(Digest(of: bytes).hex)", body: bytes)
  }

  private func submit(
    _ model: [UInt8], _ more: String = "", key: String? = nil, by client: HTTPClient? = nil
  ) throws -> HTTPClient.Answer {
    let digest = Digest(of: model).hex
    let body = "{\"model\": \"\(digest)\", \"input\": \"\(digest)\"\(more)}"
    return try (client ?? http).request(
      "POST", "/v1/jobs",
      headers: ["Content-Type: application/json"] + (key.map { ["Idempotency-Key: \($0)"] } ?? []),
      body: Array(body.utf8))
  }

  private let model = Array("2 1 4".utf8)

  /// Asks for a plan that has no end.
  private func endlessPlan(_ token: String) throws -> HTTPConnection {
    let digest = Digest(of: endless).hex
    let body = "{\"model\": \"\(digest)\", \"input\": \"\(digest)\"}"
    let connection = try HTTPConnection(port: try #require(coordinator.server.httpPort))
    connection.send(
      Array(
        ("POST /v1/plan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n"
          + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
          .utf8))
    return connection
  }

  private let endless = Array("1 1 1 slow".utf8)

  @Test func aPlanEndsWithItsClientAndOneTokenHasFewThatWait() throws {
    let token = try coordinator.server.createToken(role: .client, lifetime: 60, bearer: "greedy")
    let greedy = try coordinator.http(token)
    try upload(endless, by: greedy)
    var waiting: [HTTPConnection] = []
    let digest = Digest(of: endless).hex
    let body = Array("{\"model\": \"\(digest)\", \"input\": \"\(Digest(of: [1]).hex)\"}".utf8)
    func ask() throws -> HTTPClient.Answer {
      try greedy.request(
        "POST", "/v1/plan", headers: ["Content-Type: application/json"], body: body)
    }
    // What cannot be planned is refused with another code while there is a place.
    try eventually("as many as may wait") {
      waiting.append(try endlessPlan(token))
      return try ask().status == 429
    }
    #expect(waiting.count >= 8)
    // Others do not notice.
    #expect(try upload(model).status == 201)
    #expect(try submit(model).status == 201)
    withExtendedLifetime(waiting) {}
    waiting = []
    let stopped = HomeFolder(coordinator.folder.url).artifacts.appendingPathComponent(
      Digest(of: SumEngine.stopped).hex)
    try eventually("the end of planning") { FileManager.default.fileExists(atPath: stopped.path) }
    try eventually("places") { try ask().status == 422 }
  }

  @Test func aJobIsProvenWithHTTPAlone() throws {
    let worker = try coordinator.worker("a")
    let sent = try upload(model)
    #expect(sent.status == 201 && sent.object["bytes"] as? Int == model.count)
    #expect(try upload(model).status == 200)
    let made = try submit(model, ", \"name\": \"digits.onnx\", \"options\": {\"workers\": 1}")
    #expect(made.status == 201, "\(made.text)")
    let summary = try #require(made.object["job"] as? [String: Any])
    let job = try #require(summary["id"] as? String)
    #expect(made.headers["location"] == "/v1/jobs/\(job)")
    #expect(summary["model"] as? String == "digits.onnx")
    #expect((summary["options"] as? [String: Any])?["workers"] as? Int == 1)
    #expect(try admin.follow(job) { _ in }.stage == .done)
    let proof = try http.request("GET", "/v1/jobs/\(job)/proof")
    let document = try admin.document(job)
    #expect(proof.status == 200 && Data(proof.body) == document)
    #expect(proof.headers["etag"] == "\"\(Digest(of: proof.body).hex)\"")
    let other = try coordinator.http(
      coordinator.server.createToken(role: .client, lifetime: 60, bearer: "other"))
    #expect(try other.request("GET", "/v1/jobs/\(job)/proof").status == 404)
    let viewer = try coordinator.http(try coordinator.bearer(.viewer))
    #expect(try viewer.request("GET", "/v1/jobs/\(job)/proof").status == 403)
    let actions = try admin.audit(limit: 50).filter { $0.name == "test" && $0.subject == job }
    #expect(actions.map(\.action) == ["document", "submit"])
    // The model stays for the next job.
    #expect(try submit(model).status == 201)
    withExtendedLifetime(worker) {}
  }

  /// Options are kept with their job and shown in every list: they are short, whoever sends them however.
  @Test func longOptionsAreRefused() throws {
    try upload(model)
    let numbers = [Double](repeating: 0.123456789, count: 4096)
    let list = "[\(numbers.map(String.init(describing:)).joined(separator: ","))]"
    let long = ", \"options\": {\"inputs\": {\"fixed\": {\"a\": \(list), \"b\": \(list)}}}"
    let refused = try submit(model, long)
    #expect(refused.status == 422 && refused.object["code"] as? String == "bad_job")
    #expect((refused.object["detail"] as? String ?? "").contains("may have 65536"))
    let one = ", \"options\": {\"inputs\": {\"fixed\": {\"a\": \(list)}}}"
    #expect(try submit(model, one).status == 201)
    let name = String(repeating: "n", count: 1025)
    let named = try submit(
      model, ", \"options\": {\"inputs\": {\"shapes\": {\"\(name)\": [1]}}}")
    #expect(named.status == 422 && !named.text.contains(name))
    var options = SubmitOptions()
    options.inputs = InputChoices(fixed: ["a": numbers, "b": numbers])
    let file = coordinator.folder.url.appendingPathComponent("model")
    try Data(model).write(to: file)
    let fat = options
    #expect(throws: CoordinatorError.self) {
      try admin.submit(model: file, input: file, options: fat)
    }
  }

  @Test func whatWasNotUploadedWithTheTokenIsNotThere() throws {
    let other = try coordinator.http(
      coordinator.server.createToken(role: .client, lifetime: 60, bearer: "other"))
    try upload(model, by: other)
    let digest = Digest(of: model).hex
    #expect(try other.request("GET", "/v1/artifacts/\(digest)").status == 200)
    let hidden = try http.request("GET", "/v1/artifacts/\(digest)")
    let never = try http.request("GET", "/v1/artifacts/\(Digest(of: [1]).hex)")
    #expect(hidden.status == 404 && never.status == 404)
    let refused = try submit(model)
    #expect(refused.status == 422 && refused.object["code"] as? String == "artifact")
    // The bytes are asked for, whether they are here or not.
    #expect(try upload(model).status == 201)
    #expect(try submit(model).status == 201)
  }

  @Test func wrongBytesAreRefusedAndRightOnesGoOnWhereTheyBrokeOff() throws {
    let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let digest = Digest(of: bytes).hex
    var wrong = bytes
    wrong[5] ^= 1
    let refused = try http.request("PUT", "/v1/artifacts/\(digest)", body: wrong)
    #expect(refused.status == 422 && refused.object["code"] as? String == "artifact")
    #expect(try http.request("GET", "/v1/artifacts/\(digest)").status == 404)
    // Half of it, then silence.
    var half: HTTPConnection? = try HTTPConnection(port: coordinator.server.httpPort ?? 0)
    half?.send(
      Array(
        ("PUT /v1/artifacts/\(digest) HTTP/1.1\r\nHost: a\r\n\(http.headers[0])\r\n"
          + "Content-Length: \(bytes.count)\r\n\r\n").utf8) + bytes[..<(2 << 20)])
    half = nil
    let whole = try http.request("PUT", "/v1/artifacts/\(digest)", body: bytes)
    #expect(whole.status == 201, "\(whole.text)")
    #expect(try upload([]).status == 201)
    #expect(try http.request("PUT", "/v1/artifacts/xyz", body: [1]).status == 400)
    let chunked =
      "PUT /v1/artifacts/\(Digest(of: [9]).hex) HTTP/1.1\r\nHost: a\r\n\(http.headers[0])\r\n"
      + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    #expect(try http.exchange(Array(chunked.utf8)).status == 411)
    let viewer = try coordinator.http(try coordinator.bearer(.viewer))
    #expect(try upload(model, by: viewer).status == 403)
  }

  @Test func aJobThatMakesNoSenseIsRefused() throws {
    try upload(model)
    let bad = Array("nonsense".utf8)
    try upload(bad)
    let refused = try submit(bad)
    #expect(refused.status == 422 && refused.object["code"] as? String == "bad_job")
    for more in [
      ", \"option\": {}", ", \"options\": {\"wrokers\": 1}", ", \"options\": 5",
      ", \"options\": {\"workers\": \"two\"}", ", \"options\": {\"priority\": \"highest\"}",
    ] {
      let answer = try submit(model, more)
      #expect(answer.status == 400, "\(more): \(answer.text)")
    }
    #expect(try submit(model, ", \"options\": {\"workers\": 0}").status == 422)
    let fixed = try submit(model, ", \"options\": {\"inputs\": {\"fixed\": {\"x\": []}}}")
    #expect(fixed.status == 422 && fixed.text.contains("input x cannot be fixed"))
    #expect(try submit(model, ", \"options\": null").status == 201)
    #expect(try admin.jobs().count == 1)
  }

  @Test func theSameKeyMakesNoSecondJob() throws {
    try upload(model)
    let first = try submit(model, key: "k1")
    #expect(first.status == 201 && first.headers["idempotent-replayed"] == nil)
    let again = try submit(model, key: "k1")
    #expect(again.status == 200 && again.headers["idempotent-replayed"] == "true")
    #expect(again.headers["location"] == first.headers["location"])
    let other = try submit(model, ", \"name\": \"b\"", key: "k1")
    #expect(other.status == 422 && other.object["code"] as? String == "key_taken")
    #expect(try submit(model, key: "k2").status == 201)
    #expect(try submit(model, key: "").status == 400)
    #expect(try submit(model, key: String(repeating: "a", count: 256)).status == 400)
    // Another token's keys are its own.
    let somebody = try coordinator.http(
      coordinator.server.createToken(role: .client, lifetime: 60, bearer: "other"))
    try upload(model, by: somebody)
    #expect(try submit(model, key: "k1", by: somebody).status == 201)
    #expect(try admin.jobs().count == 3)
    // What was refused may be tried again under its key.
    let bad = Array("nonsense".utf8)
    try upload(bad)
    #expect(try submit(bad, key: "k3").status == 422)
    #expect(try submit(model, key: "k3").status == 201)
  }

  @Test func keysOutlastTheCoordinator() throws {
    let store = try Store(path: coordinator.folder.url.appendingPathComponent("keys").path)
    #expect(
      try store.reserve(key: "k", of: "m", request: [1], job: "a", at: 0) == .job("a"))
    // The coordinator ended before it stored the job: the key still stands for it.
    #expect(
      try store.reserve(key: "k", of: "m", request: [1], job: "b", at: 1) == .job("a"))
    #expect(try store.reserve(key: "k", of: "m", request: [2], job: "b", at: 1) == .taken)
    #expect(
      try store.reserve(key: "k", of: "m", request: [2], job: "c", at: Store.keySeconds + 2)
        == .job("c"))
  }

  @Test func aPlanIsMadeWithoutAJob() throws {
    try upload(model)
    let digest = Digest(of: model).hex
    let plan = try http.request(
      "POST", "/v1/plan", headers: ["Content-Type: application/json"],
      body: Array("{\"model\": \"\(digest)\", \"input\": \"\(digest)\"}".utf8))
    #expect(plan.status == 200 && plan.object["chunks"] as? Int == 4)
    #expect(try admin.jobs().isEmpty)
  }
}
