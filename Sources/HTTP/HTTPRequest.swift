/// The head of a request: all of it but its body.
package struct HTTPRequest: Sendable {
  /// Such as `GET`.
  package let method: String
  /// The parts of the path between slashes, decoded; `/` alone has none.
  package let path: [String]
  /// The parameters after the question mark, decoded, in order.
  package let query: [(name: String, value: String)]
  /// Header fields by their names in lower case; several of one name are joined by `, `.
  package let headers: [String: String]
  /// Where it came from.
  package let address: String
  /// Whether all escapes of path and query were text; where not, what is not is left out.
  package let isReadable: Bool
  /// Whether it came over a connection of the reserve: all others are taken, and only what is brief should be answered.
  package let isInReserve: Bool
  /// Says who sends the request, once that is known: from then on its connection is one of his. False where he has as many as
  /// he may, so that only a brief answer should be made.
  package let identify: @Sendable (String) -> Bool
  /// Whether anybody waits for the answer; false once the peer has hung up or sends no more, and once the server stops.
  package let isWanted: @Sendable () -> Bool

  /// A request's head.
  package init(
    method: String, path: [String], query: [(name: String, value: String)] = [],
    headers: [String: String] = [:], address: String = "", isReadable: Bool = true,
    isInReserve: Bool = false, identify: @escaping @Sendable (String) -> Bool = { _ in true },
    isWanted: @escaping @Sendable () -> Bool = { true }
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.address = address
    self.isReadable = isReadable
    self.isInReserve = isInReserve
    self.identify = identify
    self.isWanted = isWanted
  }

  /// The length of the body as it was announced; nil where it was not.
  package var contentLength: UInt64? {
    guard let text = headers["content-length"], text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return UInt64(text)
  }

  /// Why nobody can tell where the body ends (RFC 9112, section 6.3); nil where everybody can.
  ///
  /// Two servers that disagree about it take one's request for the other's body, so that such a connection is of no more use.
  package var framingFault: String? {
    if let coding = headers["transfer-encoding"] {
      if headers["content-length"] != nil {
        return "a request has Content-Length or Transfer-Encoding, not both"
      }
      return coding.lowercased() == "chunked"
        ? nil : "the only Transfer-Encoding of a request is 'chunked', once"
    }
    if headers["content-length"] != nil, contentLength == nil {
      return "a request has one Content-Length, a number of bytes"
    }
    return nil
  }

  /// Whether a body follows.
  package var hasBody: Bool {
    headers["transfer-encoding"] != nil || (contentLength ?? 0) > 0
  }

  /// The credentials after `Bearer` (RFC 6750), which is compared without regard to case; nil without any.
  package var bearer: String? {
    guard let field = headers["authorization"] else { return nil }
    let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1].drop { $0 == " " })
  }
}

/// Escapes of paths and queries (RFC 3986, section 2.1), decoded strictly.
enum PercentEncoding {
  /// The text that is meant; nil where an escape is cut short, the bytes are no UTF-8, or one is zero.
  static func decode(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
