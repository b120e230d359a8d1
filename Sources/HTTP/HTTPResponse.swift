/// What is answered.
package struct HTTPResponse: Sendable {
  /// Where the bytes come from.
  package enum Body: Sendable {
    case bytes([UInt8])
    /// A file that is sent as it is when it is sent.
    case file(path: String)
    /// Bytes that are not there yet; their number is not known.
    case stream(any HTTPStream)
  }

  package var status: Int
  package var headers: [(name: String, value: String)]
  package var body: Body

  /// An answer; the library adds its length and the date.
  package init(
    status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([])
  ) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Text, as UTF-8.
  package init(status: Int = 200, type: String, text: String) {
    self.init(
      status: status, headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
  }
}

/// Bytes that come as they happen.
package protocol HTTPStream: AnyObject, Sendable {
  /// The next bytes, at least one; waits for them. Nil: there will be no more.
  func next() -> [UInt8]?

  /// Nobody wants more: `next` returns at once, from now on nil. May be called from any thread and more than once.
  func cancel()
}
