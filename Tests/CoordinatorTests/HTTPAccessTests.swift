import Coordinator
import Foundation
import HTTP
import TestSupport
import Testing
import Wire

/// Who gets in over HTTP, and what is said to whom.
@Suite(.serialized) struct HTTPAccessTests {
  let coordinator: TestCoordinator

  init() throws { coordinator = try TestCoordinator(http: true) }

  @Test func probesNeedNoTokenAndAllElseDoes() throws {
    let stranger = try coordinator.http(nil)
    #expect(try stranger.request("GET", "/healthz").text == "ok\n")
    #expect(try stranger.request("GET", "/readyz").status == 200)
    let open = ["/healthz", "/readyz", "/v1/openapi.json"]
    for route in APISurface.routes where !open.contains(route.path) {
      let answer = try stranger.request(route.method, route.path)
      #expect(answer.status == 401, "\(route)")
      #expect(answer.headers["www-authenticate"] == "Bearer realm=\"ezkl\"")
      #expect(answer.object["code"] as? String == "unauthenticated")
    }
  }

  @Test func onlyATokenForHTTPThatIsGoodLetsIn() throws {
    let good = try coordinator.bearer(.viewer)
    #expect(try coordinator.http(good).request("GET", "/metrics").status == 200)
    // Another secret, another form, a join token's secret, a scheme that is none.
    let join = try JoinToken(
      parsing: coordinator.server.createToken(role: .viewer, lifetime: 600))
    let secret = join.secret.bytes.map { String(format: "%02x", $0) }.joined()
    let short = String(good.dropLast())
    let other = short + (good.last == "0" ? "1" : "0")
    for token in [other, short, "ezklh1.\(secret)", "", "a b"] {
      #expect(try coordinator.http(token).request("GET", "/metrics").status == 401)
    }
    let client = try coordinator.http(nil)
    for field in ["Basic \(good)", good, "Bearer \(good), Bearer \(good)"] {
      let answer = try client.request("GET", "/metrics", headers: ["Authorization: \(field)"])
      #expect(answer.status == 401, "\(field)")
    }
  }

  @Test func aTokenForHTTPEnrolsNobody() throws {
    let secret = try #require(
      TokenSecret(bytes: Digest(hex: coordinator.bearer(.operator).dropFirst(7))?.bytes ?? []))
    let join = try JoinToken(parsing: coordinator.server.createToken(role: .client, lifetime: 600))
    let forged = JoinToken(
      address: join.address, coordinator: join.coordinator, secret: secret, role: .client,
      expiry: nil)
    let home = coordinator.folder.url.appendingPathComponent("other")
    #expect(throws: CoordinatorError.self) { try JobClient(home: home, token: forged.text) }
  }

  @Test func aRevokedOrExpiredTokenIsOfNoUseAtOnce() throws {
    let admin = try coordinator.client()
    let token = try coordinator.bearer(.viewer)
    let client = try coordinator.http(token)
    #expect(try client.request("GET", "/metrics").status == 200)
    let id = try #require(try admin.tokens().first { $0.bearer == "test" }?.id)
    try admin.revokeToken(id)
    #expect(try client.request("GET", "/metrics").status == 401)
    let short = try coordinator.server.createToken(role: .viewer, lifetime: 1, bearer: "short")
    try eventually("its end") {
      try coordinator.http(short).request("GET", "/metrics").status == 401
    }
  }

  @Test func wrongTokensKeepNobodyElseOut() throws {
    let wrong = try coordinator.http("ezklh1." + String(repeating: "0", count: 64))
    for _ in 0..<100 { #expect(try wrong.request("GET", "/metrics").status == 401) }
    let good = try coordinator.http(try coordinator.bearer(.viewer))
    #expect(try good.request("GET", "/metrics").status == 200)
    // They leave no line in the audit log, which they could fill.
    #expect(try coordinator.client().audit(limit: 100).allSatisfy { $0.outcome == "done" })
  }

  @Test func whatIsNotThereAndWhatIsThereOtherwise() throws {
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    let nothing = try client.request("GET", "/v1/nothing")
    #expect(nothing.status == 404 && nothing.object["code"] as? String == "no_route")
    #expect(nothing.headers["content-type"] == "application/problem+json")
    let wrong = try client.request("PUT", "/metrics")
    #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, HEAD")
    let head = try client.request("HEAD", "/metrics")
    #expect(head.status == 200 && head.body.isEmpty)
  }

  @Test func browsersAreToldWhatTheyMustNotDo() throws {
    let client = try coordinator.http(nil)
    for target in ["/healthz", "/v1/jobs", "/nothing"] {
      let headers = try client.request("GET", target).headers
      #expect(headers["x-content-type-options"] == "nosniff")
      #expect(headers["x-frame-options"] == "DENY")
      #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
      #expect(headers["cache-control"] == "no-store")
      #expect(headers["access-control-allow-origin"] == nil)
    }
  }

  @Test func beyondThisMachineThereIsTLSOrAWordForIt() throws {
    func start(_ access: HTTPAccess) throws {
      let folder = try TemporaryFolder()
      var configuration = CoordinatorConfiguration(home: folder.url, threads: 1)
      configuration.http = access
      let server = try CoordinatorServer(configuration) {
        (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
      }
      defer { server.stop() }
      try server.start()
    }
    for host in ["0.0.0.0", "::", "10.1.2.3", "example.org", "127.evil.example"] {
      #expect(throws: CoordinatorError.self) { try start(HTTPAccess(host: host, port: 0)) }
    }
    #expect(throws: Never.self) {
      try start(HTTPAccess(host: "0.0.0.0", port: 0, allowsPlain: true))
      try start(HTTPAccess(host: "localhost", port: 0))
    }
    #expect(throws: CoordinatorError.self) {
      try start(
        HTTPAccess(host: "127.0.0.1", port: 0, certificate: URL(fileURLWithPath: "/nothing")))
    }
  }

  @Test func workersGetNoTokenForHTTP() throws {
    #expect(throws: CoordinatorError.self) { try coordinator.bearer(.worker) }
    #expect(throws: CoordinatorError.self) {
      try coordinator.server.createToken(role: .viewer, lifetime: 60, uses: 1, bearer: "a")
    }
  }
}

extension TestCoordinator {
  /// A token for HTTP.
  func bearer(_ role: TokenRole) throws -> String {
    try server.createToken(role: role, lifetime: 600, bearer: "test")
  }

  /// Asks over HTTP with a token.
  func http(_ token: String?) throws -> HTTPClient {
    HTTPClient(
      port: try #require(server.httpPort),
      headers: token.map { ["Authorization: Bearer \($0)"] } ?? [])
  }
}
