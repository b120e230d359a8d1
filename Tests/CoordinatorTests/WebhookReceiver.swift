import Foundation
import HTTP
import Synchronization

/// A real HTTP server that takes webhooks and answers as it is told.
final class WebhookReceiver: Sendable {
  /// One message.
  struct Message: Sendable {
    let path: [String]
    let headers: [String: String]
    let body: [UInt8]
  }

  private final class Handler: HTTPHandler {
    let messages = Mutex<[Message]>([])
    let answers = Mutex<[HTTPResponse]>([])

    func refuse(_ request: HTTPRequest, because reason: String) -> HTTPResponse {
      HTTPResponse(status: 400)
    }

    func begin(_ request: HTTPRequest) -> HTTPExchange {
      .receive(
        CollectedBody(limit: 1 << 20) {
          HTTPResponse(status: 413)
        } answer: { [self] body in
          messages.withLock {
            $0.append(Message(path: request.path, headers: request.headers, body: body))
          }
          return answers.withLock { $0.isEmpty ? HTTPResponse(status: 204) : $0.removeFirst() }
        })
    }
  }

  private let handler = Handler()
  private let server: HTTPServer

  /// Answers with these, then with 204.
  init(_ answers: [HTTPResponse] = []) throws {
    handler.answers.withLock { $0 = answers }
    server = try HTTPServer(
      HTTPConfiguration(host: "127.0.0.1", port: 0), log: { _ in }, handler: handler)
  }

  deinit { server.stop() }

  func url(_ path: String = "hook") -> String { "http://127.0.0.1:\(server.port)/\(path)" }

  var messages: [Message] { handler.messages.withLock { $0 } }
}
