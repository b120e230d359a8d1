/// Answers requests; called on the thread of the connection, and by several at a time.
package protocol HTTPHandler: Sendable {
  /// Decides by a request's head what happens to its body.
  func begin(_ request: HTTPRequest) -> HTTPExchange

  /// The answer to a request whose body cannot be told from what follows it; the connection is closed after it.
  func refuse(_ request: HTTPRequest, because reason: String) -> HTTPResponse
}

/// How a request goes on after its head.
package enum HTTPExchange {
  /// The body, if there is one, is of no interest: this is the answer.
  case answer(HTTPResponse)
  /// The body is wanted.
  case receive(any HTTPBodyReceiver)
}

/// Takes the body of one request; used by one thread at a time, and let go where the peer hangs up before the end.
package protocol HTTPBodyReceiver: AnyObject {
  /// Takes the next bytes; false: no more are wanted, and `finish` says why.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool

  /// The answer to the whole.
  func finish() -> HTTPResponse
}

/// A body that is kept in memory, up to a limit.
package final class CollectedBody: HTTPBodyReceiver {
  private let limit: Int
  private let excess: () -> HTTPResponse
  private let answer: ([UInt8]) -> HTTPResponse
  private var bytes: [UInt8] = []
  private var isTooLong = false

  /// Collects at most `limit` bytes for `answer`; of longer ones `excess` says what is answered.
  package init(
    limit: Int, excess: @escaping () -> HTTPResponse,
    answer: @escaping ([UInt8]) -> HTTPResponse
  ) {
    self.limit = limit
    self.excess = excess
    self.answer = answer
  }

  package func receive(_ more: UnsafeRawBufferPointer) -> Bool {
    if more.count > limit - bytes.count { isTooLong = true }
    if isTooLong { return false }
    bytes.append(contentsOf: more)
    return true
  }

  package func finish() -> HTTPResponse { isTooLong ? excess() : answer(bytes) }
}
