/// A host and a TCP port.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address without brackets.
  package let host: String
  /// A TCP port; 0 lets the system choose when listening.
  package let port: UInt16

  /// Collects the fields.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads HOST:PORT or [IPV6]:PORT; the port may be 0.
  package init(parsing text: String) throws(WireError) {
    func invalid(_ reason: String) -> WireError { .invalidAddress(text: text, reason: reason) }
    let host: Substring
    let rest: Substring
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { throw invalid("\"]\" is missing") }
      host = text[text.index(after: text.startIndex)..<bracket]
      rest = text[text.index(after: bracket)...]
      guard host.contains(":") else { throw invalid("brackets are for IPv6 addresses") }
    } else {
      guard let colon = text.lastIndex(of: ":") else {
        throw invalid("the port is missing, expected HOST:PORT")
      }
      host = text[..<colon]
      rest = text[colon...]
      guard !host.contains(":") else {
        throw invalid("write IPv6 addresses in brackets, as in [::1]:9000")
      }
    }
    guard !host.isEmpty else { throw invalid("the host is missing, expected HOST:PORT") }
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
      throw invalid("the host contains characters that no host name has")
    }
    guard rest.hasPrefix(":") else { throw invalid("the port is missing, expected HOST:PORT") }
    let digits = rest.dropFirst()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(digits)
    else { throw invalid("the port must be a number from 0 to 65535") }
    self.init(host: String(host), port: port)
  }

  /// HOST:PORT, with brackets around IPv6 addresses.
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
