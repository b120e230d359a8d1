import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

/// A server on the loopback address, asked over plain sockets.
@Suite struct HTTPServerTests {
  /// Answers with what it was asked.
  struct Echo: HTTPHandler {
    var limit = 1000
    /// How many requests found out that nobody waited for them.
    let unwanted = Unwanted()

    final class Unwanted: Sendable {
      private let value = Mutex((begun: 0, ended: 0))
      var begun: Int { value.withLock { $0.begun } }
      var ended: Int { value.withLock { $0.ended } }
      func begin() { value.withLock { $0.begun += 1 } }
      func end() { value.withLock { $0.ended += 1 } }
    }

    func refuse(_ request: HTTPRequest, because reason: String) -> HTTPResponse {
      HTTPResponse(status: 400, type: "text/plain", text: reason)
    }

    func begin(_ request: HTTPRequest) -> HTTPExchange {
      guard request.isReadable else {
        return .answer(HTTPResponse(status: 400, type: "text/plain", text: "unreadable"))
      }
      let hasPlace = request.bearer.map { request.identify($0) } ?? !request.isInReserve
      if !hasPlace, request.path.first != "probe" {
        return .answer(HTTPResponse(status: 503, type: "text/plain", text: "no place"))
      }
      switch request.path.first {
      case "wait":
        unwanted.begin()
        while request.isWanted() { Thread.sleep(forTimeInterval: 0.01) }
        unwanted.end()
        return .answer(HTTPResponse(status: 200))
      case "early": return .answer(HTTPResponse(status: 401, type: "text/plain", text: "no"))
      case "ticks": return .answer(HTTPResponse(status: 200, body: .stream(Ticks())))
      case "body":
        return .receive(
          CollectedBody(limit: limit) {
            HTTPResponse(status: 413, type: "text/plain", text: "too long")
          } answer: {
            HTTPResponse(status: 200, body: .bytes($0.reversed()))
          })
      case "split":
        return .answer(HTTPResponse(status: 200, headers: [("X-Bad", "a\r\nX-Other: b")]))
      default:
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return .answer(
          HTTPResponse(
            type: "text/plain",
            text: "\(request.method) \(request.path) \(query) \(request.bearer ?? "-")"))
      }
    }
  }

  /// Three words, then silence until it is cancelled.
  final class Ticks: HTTPStream {
    private let state = Mutex((count: 0, isCancelled: false))

    func next() -> [UInt8]? {
      while true {
        let (count, isCancelled) = state.withLock { state in
          state.count += 1
          return state
        }
        if isCancelled { return nil }
        if count <= 3 { return Array("tick \(count)\n".utf8) }
        Thread.sleep(forTimeInterval: 0.01)
      }
    }

    func cancel() { state.withLock { $0.isCancelled = true } }
  }

  private func server(
    _ handler: Echo = Echo(), _ change: (inout HTTPConfiguration) -> Void = { _ in }
  ) throws -> HTTPServer {
    var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
    change(&configuration)
    return try HTTPServer(configuration, log: { _ in }, handler: handler)
  }

  @Test func requestsAreTakenApart() throws {
    let server = try server()
    let client = HTTPClient(port: Int(server.port))
    let answer = try client.request(
      "GET", "/a%20b//c%2Fd?x=1&y=%C3%A9&z", headers: ["Authorization: bEARER  abc"])
    #expect(answer.status == 200)
    #expect(answer.text == "GET [\"a b\", \"c/d\"] x=1&y=é&z= abc")
  }

  @Test(arguments: ["/%", "/%2", "/%zz", "/%ff", "/%00", "/a%c3", "/?a=%ff"])
  func escapesThatAreNoTextAreRefused(target: String) throws {
    let server = try server()
    #expect(try HTTPClient(port: Int(server.port)).request("GET", target).status == 400)
  }

  @Test func bodiesArriveWholeAndWithinTheirLimit() throws {
    let server = try server()
    let client = HTTPClient(port: Int(server.port))
    #expect(try client.request("POST", "/body", body: Array("abc".utf8)).text == "cba")
    #expect(try client.request("POST", "/body", body: []).body.isEmpty)
    let longest = [UInt8](repeating: 7, count: 1000)
    #expect(try client.request("PUT", "/body", body: longest).body == longest)
    #expect(try client.request("PUT", "/body", body: longest + [7]).status == 413)
    let chunked =
      "POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
      + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    #expect(try client.exchange(Array(chunked.utf8)).text == "cba")
  }

  @Test func whatIsNotWantedIsNotRead() throws {
    let server = try server()
    let connection = try HTTPConnection(port: Int(server.port))
    // A gigabyte is announced and none of it sent: the answer does not wait for it.
    connection.send(
      Array("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n".utf8))
    #expect(connection.text(until: "no")?.hasPrefix("HTTP/1.1 401") == true)
  }

  @Test func aSenderOfTooMuchIsCutOff() throws {
    let server = try server()
    let connection = try HTTPConnection(port: Int(server.port))
    connection.send(
      Array("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n".utf8))
    for _ in 0..<64 { connection.send([UInt8](repeating: 0, count: 1 << 16)) }
    #expect(connection.text(until: "200 OK") == nil)
  }

  @Test func aValueNeverBecomesAnotherHeader() throws {
    let server = try server()
    let connection = try HTTPClient(port: Int(server.port)).stream("/split")
    #expect(connection.text(until: "X-Other") == nil)
  }

  @Test func streamsAreSentAsTheyComeAndEndWithTheServer() throws {
    let server = try server()
    let connection = try HTTPClient(port: Int(server.port)).stream("/ticks")
    #expect(connection.text(until: "tick 3") != nil)
    #expect(server.connections == 1)
    server.stop()
    #expect(connection.text(until: "never") == nil)
    #expect(server.connections == 0)
    #expect(throws: (any Error).self) {
      try HTTPClient(port: Int(server.port)).request("GET", "/")
    }
  }

  @Test func aPeerThatHungUpIsNoticedWhileItsRequestIsAnswered() throws {
    let echo = Echo()
    let server = try server(echo)
    var connection: HTTPConnection? = try HTTPClient(port: Int(server.port)).stream("/wait")
    try eventually("the request") { echo.unwanted.begun == 1 }
    #expect(echo.unwanted.ended == 0)
    withExtendedLifetime(connection) {}
    connection = nil
    try eventually("the end of the request") { echo.unwanted.ended == 1 }
    try eventually("the end of the connection") { server.connections == 0 }
  }

  /// One server's body is another one's next request: nothing that follows is answered.
  @Test(arguments: [
    "Content-Length: 3\r\nTransfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 4",
    "Content-Length: 3\r\nContent-Length: 3",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked", "Content-Length: +3",
  ])
  func anAmbiguousBodyEndsTheConnection(fields: String) throws {
    let server = try server()
    let connection = try HTTPConnection(port: Int(server.port))
    connection.send(
      Array(
        ("POST /body HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\n"
          + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n").utf8))
    #expect(connection.text(until: "\r\n\r\n")?.hasPrefix("HTTP/1.1 400") == true)
    #expect(connection.text(until: "next") == nil)
  }

  @Test func connectionsAreBoundedAndProbesHaveAReserve() throws {
    let server = try server { ($0.connections, $0.reserve, $0.reserveTimeoutSeconds) = (2, 2, 1) }
    let client = HTTPClient(port: Int(server.port))
    let held = try (0..<2).map { _ in try client.stream("/ticks") }
    for connection in held { #expect(connection.text(until: "tick 3") != nil) }
    #expect(try client.request("GET", "/").status == 503)
    // Also one that asks to stay is let go.
    let probe = try client.stream("/probe")
    #expect(probe.text(until: "GET") != nil)
    #expect(probe.text(until: "never") == nil)
    // Those that say nothing do not have the reserve for long.
    let silent = try (0..<2).map { _ in try HTTPConnection(port: Int(server.port)) }
    for connection in silent { #expect(connection.receive() == nil) }
    try eventually("a place") { (try? client.request("GET", "/probe").status) == 200 }
    withExtendedLifetime(held) {}
  }

  @Test func oneAddressHasAReserveOfItsOwn() throws {
    let server = try server { ($0.connectionsPerAddress, $0.reserve) = (1, 4) }
    let client = HTTPClient(port: Int(server.port))
    let held = try client.stream("/ticks")
    #expect(held.text(until: "tick 3") != nil)
    #expect(try client.request("GET", "/").status == 503)
    #expect(try client.request("GET", "/probe").status == 200)
    withExtendedLifetime(held) {}
  }

  @Test func strangersThatSendNoHeadMakeWay() throws {
    let server = try server { ($0.strangers, $0.connectionsPerAddress) = (4, 2) }
    let client = HTTPClient(port: Int(server.port))
    let held = try (0..<2).map { _ in try HTTPConnection(port: Int(server.port)) }
    for connection in held { connection.send(Array("GET / HTTP/1.1\r\nHost: a\r\nX-A: ".utf8)) }
    try eventually("the connections") { server.connections == 2 }
    // They have a moment for their heads, as everybody has.
    #expect(try client.request("GET", "/").status == 503)
    try eventually("a place") { (try? client.request("GET", "/").status) == 200 }
    // The first of them is gone.
    #expect(held[0].receive() == nil)
    withExtendedLifetime(held) {}
  }

  @Test func theKnownHavePlacesOfTheirOwn() throws {
    let server = try server {
      ($0.connectionsPerAddress, $0.connectionsPerOwner, $0.reserve) = (1, 2, 4)
    }
    let client = HTTPClient(port: Int(server.port))
    let stranger = try client.stream("/ticks")
    #expect(stranger.text(until: "tick 3") != nil)
    // Strangers of this address have no place any more.
    #expect(try client.request("GET", "/").status == 503)
    let held = try (0..<2).map { _ in
      try client.stream("/ticks", headers: ["Authorization: Bearer one"])
    }
    for connection in held { #expect(connection.text(until: "tick 3") != nil) }
    #expect(
      try client.request("GET", "/", headers: ["Authorization: Bearer one"]).status == 503)
    #expect(
      try client.request("GET", "/", headers: ["Authorization: Bearer other"]).status == 200)
    withExtendedLifetime((stranger, held)) {}
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: a\r\nX-A: ",
    "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n",
  ])
  func headsAndBodiesHaveToArriveInTime(beginning: String) throws {
    let server = try server { ($0.headSeconds, $0.bodySeconds) = (1, 1) }
    let connection = try HTTPConnection(port: Int(server.port))
    connection.send(Array(beginning.utf8))
    try eventually("the connection") { server.connections == 1 }
    // It is never silent.
    try eventually("its end") {
      connection.send([UInt8(ascii: "a")])
      return server.connections == 0
    }
  }

  @Test func longHeadsAreRefused() throws {
    let server = try server { $0.headerBytes = 4096 }
    let client = HTTPClient(port: Int(server.port))
    let answer = try client.request(
      "GET", "/", headers: ["X-Long: " + String(repeating: "a", count: 8000)])
    #expect((400..<500).contains(answer.status))
    #expect(try client.request("GET", "/").status == 200)
  }

  @Test func aPortInUseAndAHostThatIsNoneAreNamed() throws {
    let server = try server()
    #expect(
      throws: HTTPError.cannotListen(
        host: "127.0.0.1", port: server.port, reason: "Address already in use")
    ) { try self.server { $0.port = server.port } }
    #expect(throws: HTTPError.self) { try self.server { $0.host = "no such host" } }
  }

  @Test func tlsWithoutAKeyIsRefused() throws {
    #expect(throws: HTTPError.self) {
      try self.server { $0.tls = HTTPConfiguration.TLS(certificate: "no", key: "no") }
    }
  }
}
