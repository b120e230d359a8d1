import Foundation
import Glibc

/// Speaks HTTP/1.1 to 127.0.0.1 over plain sockets, one connection per request: what is sent is what was written.
public struct HTTPClient: Sendable {
  /// What came back.
  public struct Answer: Sendable {
    /// Such as 200.
    public let status: Int
    /// By names in lower case.
    public let headers: [String: String]
    /// Without its framing.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    public var object: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }
  }

  /// What is sent along with every request, such as `Authorization: Bearer …`.
  public var headers: [String]
  private let port: Int

  /// Requests go to this port.
  public init(port: Int, headers: [String] = []) {
    self.port = port
    self.headers = headers
  }

  /// Sends a request and reads the answer to its end.
  public func request(
    _ method: String, _ target: String, headers more: [String] = [], body: [UInt8]? = nil
  ) throws -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for line in headers + more { head += "\(line)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    return try exchange(Array((head + "\r\n").utf8) + (body ?? []))
  }

  /// Sends bytes as they are and reads the answer to its end.
  public func exchange(_ bytes: [UInt8]) throws -> Answer {
    let connection = try HTTPConnection(port: port)
    connection.send(bytes)
    var received: [UInt8] = []
    while let more = connection.receive() { received += more }
    return try Self.parse(received)
  }

  /// Opens a connection and sends a request whose answer comes bit by bit.
  public func stream(_ target: String, headers more: [String] = []) throws -> HTTPConnection {
    let connection = try HTTPConnection(port: port)
    let head = "GET \(target) HTTP/1.1\r\nHost: localhost\r\n"
    connection.send(Array((head + (headers + more).map { "\($0)\r\n" }.joined() + "\r\n").utf8))
    return connection
  }

  /// Reads an answer that is there as a whole.
  static func parse(_ bytes: [UInt8]) throws -> Answer {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw POSIXError(.ECONNRESET)
    }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    var body = Array(bytes[end.upperBound...])
    if headers["transfer-encoding"]?.lowercased() == "chunked" { body = dechunked(body) }
    return Answer(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, headers: headers, body: body)
  }

  private static func dechunked(_ bytes: [UInt8]) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstRange(of: Array("\r\n".utf8)),
      let count = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16),
      count > 0
    {
      let data = rest[end.upperBound...].prefix(count)
      body += data
      rest = rest[data.endIndex...].dropFirst(2)
    }
    return body
  }
}

/// One connection to 127.0.0.1; closed with this object.
public final class HTTPConnection {
  private let descriptor: Int32
  private var seen: [UInt8] = []

  /// Connects; what is not answered in ten seconds counts as the end.
  public init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw POSIXError(.ECONNREFUSED) }
  }

  deinit { close(descriptor) }

  /// Sends bytes; a peer that has hung up is no error here, but at the next `receive`.
  public func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The next bytes; nil at the end, or after ten seconds without any.
  public func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(descriptor, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// Everything so far, once it holds this text; nil where the connection ended first.
  public func text(until word: String) -> String? {
    while true {
      let text = String(decoding: seen, as: UTF8.self)
      if text.contains(word) { return text }
      guard let more = receive() else { return nil }
      seen += more
    }
  }
}
