import Foundation
import HTTP
import Synchronization
import Testing

/// Requests to a real server.
@Suite struct WebPosterTests {
  /// Answers with the status that the path names, and remembers what it was sent.
  private final class Receiver: HTTPHandler {
    let bodies = Mutex<[(type: String?, text: String)]>([])

    func refuse(_ request: HTTPRequest, because reason: String) -> HTTPResponse {
      HTTPResponse(status: 400)
    }

    func begin(_ request: HTTPRequest) -> HTTPExchange {
      .receive(
        CollectedBody(limit: 1 << 20) {
          HTTPResponse(status: 413)
        } answer: { [self] bytes in
          let type = request.headers["content-type"]
          bodies.withLock { $0.append((type, String(decoding: bytes, as: UTF8.self))) }
          if request.path == ["long"] {
            return HTTPResponse(
              status: 200, body: .bytes([UInt8](repeating: 1, count: 8 * WebPoster.longestReply)))
          }
          return HTTPResponse(
            status: request.path.first.flatMap { Int($0) } ?? 200,
            headers: [("Location", "/200")])
        })
    }
  }

  private let receiver = Receiver()

  private func server(_ tls: HTTPConfiguration.TLS? = nil) throws -> HTTPServer {
    var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
    configuration.tls = tls
    return try HTTPServer(configuration, log: { _ in }, handler: receiver)
  }

  @Test func theAnswersStatusIsAllThatComesBack() throws {
    let server = try server()
    defer { server.stop() }
    let poster = WebPoster(allowsPrivate: true)
    func post(_ path: String) -> WebPoster.Outcome {
      poster.post(
        Array("{}".utf8), to: "http://127.0.0.1:\(server.port)/\(path)",
        headers: [("Content-Type", "application/json")])
    }
    for status in [200, 204, 404, 410, 500] { #expect(post("\(status)") == .answered(status)) }
    #expect(receiver.bodies.withLock { $0.allSatisfy { $0 == ("application/json", "{}") } })
    // One request: the redirect is not followed.
    let before = receiver.bodies.withLock { $0.count }
    #expect(post("302") == .answered(302))
    #expect(receiver.bodies.withLock { $0.count } == before + 1)
    #expect(post("long") == .answered(200))
    let injected = poster.post(
      [], to: "http://127.0.0.1:\(server.port)/", headers: [("A", "b\r\nC: d")])
    #expect(injected == .failed("a header holds what no header can"))
  }

  @Test func privateAddressesAreRefusedWhateverTheirName() throws {
    let server = try server()
    defer { server.stop() }
    let poster = WebPoster(allowsPrivate: false)
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
      let outcome = poster.post([], to: "http://\(host):\(server.port)/", headers: [])
      #expect(outcome == .refused, "\(host)")
    }
    for url in ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense://x"] {
      guard case .failed = poster.post([], to: url, headers: []) else {
        Issue.record("\(url) was asked for")
        continue
      }
    }
    #expect(receiver.bodies.withLock { $0.isEmpty })
  }

  @Test func nobodyThereIsAFailureAndWhoIsNotWantedIsGivenUp() throws {
    let server = try server()
    let port = server.port
    server.stop()
    let poster = WebPoster(allowsPrivate: true)
    guard case .failed(let reason) = poster.post([], to: "http://127.0.0.1:\(port)/", headers: [])
    else {
      Issue.record("nobody listens there")
      return
    }
    #expect(!reason.isEmpty)
    let again = try self.server()
    defer { again.stop() }
    let outcome = poster.post([], to: "http://127.0.0.1:\(again.port)/", headers: []) { false }
    guard case .failed = outcome else {
      Issue.record("it was not given up")
      return
    }
  }

  private static let openssl = "/usr/bin/openssl"

  /// A certificate for localhost and its key, made for this test.
  private func certificate() throws -> (path: String, tls: HTTPConfiguration.TLS) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ezkl-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (cert, key) = (folder.appendingPathComponent("c"), folder.appendingPathComponent("k"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.openssl)
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
      key.path, "-out", cert.path,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (
      cert.path,
      HTTPConfiguration.TLS(
        certificate: try String(contentsOf: cert, encoding: .utf8),
        key: try String(contentsOf: key, encoding: .utf8))
    )
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
  func theOtherEndOfTLSMustBeWhoItIsSaidToBe() throws {
    let (path, tls) = try certificate()
    let server = try server(tls)
    defer {
      server.stop()
      try? FileManager.default.removeItem(
        at: URL(fileURLWithPath: path).deletingLastPathComponent())
    }
    func post(_ host: String, _ authorities: String?) -> WebPoster.Outcome {
      WebPoster(allowsPrivate: true, authorities: authorities).post(
        [], to: "https://\(host):\(server.port)/204", headers: [])
    }
    #expect(post("localhost", path) == .answered(204))
    // An authority that nobody trusts, and a name that the certificate has not.
    for (host, authorities) in [("localhost", nil), ("127.0.0.1", path)] as [(String, String?)] {
      guard case .failed(let reason) = post(host, authorities) else {
        Issue.record("\(host) was believed")
        continue
      }
      #expect(reason.lowercased().contains("ssl") || reason.contains("certificate"), "\(reason)")
    }
    #expect(receiver.bodies.withLock { $0.count } == 1)
  }
}
