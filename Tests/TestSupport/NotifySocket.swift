import Foundation
import Glibc
import Testing

/// A socket on which a service manager hears its services, with a path or with a name without a file.
public final class NotifySocket {
  /// What `NOTIFY_SOCKET` is.
  public let name: String
  private let descriptor: Int32

  /// Listens.
  public init(isAbstract: Bool) throws {
    let unique = "ezkl-notify-\(UInt64.random(in: 0 ... .max))"
    name =
      isAbstract
      ? "@" + unique : FileManager.default.temporaryDirectory.appendingPathComponent(unique).path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let descriptor = descriptor
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(length))
      }
    }
    try #require(bound == 0)
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    close(descriptor)
    unlink(name)
  }

  /// The next datagram; empty if none comes within a minute.
  public func next() -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
