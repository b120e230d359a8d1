import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A small HTTP/1.1 server on the loopback address that serves byte strings, with or without ranges.
public final class LocalServer: Sendable {
  /// How the server treats requests.
  public enum Behaviour: Sendable {
    /// Honours `Range`.
    case ranges
    /// Ignores `Range` and always answers 200 with the whole file.
    case whole
    /// Honours `Range` but closes the connection after this many bytes of a body.
    case cutting(after: Int)
  }

  /// The port it listens on, at 127.0.0.1.
  public let port: Int
  private let descriptor: Int32
  private let files: [String: [UInt8]]
  private let behaviour: Behaviour
  private let log = Mutex<[String]>([])

  /// The request line and range header of each request so far.
  public var requests: [String] { log.withLock { $0 } }

  /// Serves each file under its name until `stop`.
  public init(files: [String: [UInt8]], behaviour: Behaviour) throws {
    self.files = files
    self.behaviour = behaviour
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptor = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard listener >= 0, bound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        serve(connection)
        close(connection)
      }
      // Not before: another socket might get the number while this thread still accepts on it.
      close(listener)
    }
  }

  /// Stops listening.
  public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func serve(_ connection: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0, request.count < 1 << 16 else { return }
      request += buffer[..<count]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range:") }
    log.withLock { $0.append(lines[0] + (range.map { " " + $0.lowercased() } ?? "")) }
    let path = lines[0].split(separator: " ").dropFirst().first ?? "/"
    guard let body = files[String(path.dropFirst())] else {
      send(
        connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [])
      return
    }
    var start = 0
    var limit = Int.max
    switch behaviour {
    case .whole: break
    case .cutting(let after):
      limit = after
      fallthrough
    case .ranges:
      let digits = range?.components(separatedBy: "bytes=").last?.prefix { $0.isNumber }
      start = min(digits.flatMap { Int($0) } ?? 0, body.count)
    }
    let status = start > 0 ? "206 Partial Content" : "200 OK"
    let header =
      "HTTP/1.1 \(status)\r\nContent-Length: \(body.count - start)\r\nConnection: close\r\n\r\n"
    send(connection, header, Array(body[start...].prefix(limit)))
  }

  private func send(_ connection: Int32, _ header: String, _ body: [UInt8]) {
    let bytes = Array(header.utf8) + body
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(
          connection, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
