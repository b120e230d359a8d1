import Glibc

/// A socket that listens, closed with this object unless it was handed on.
final class ListeningSocket {
  private(set) var descriptor: Int32

  /// Listens on the first address of a host that can be bound.
  init(host: String, port: UInt16) throws(HTTPError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else {
      throw .cannotListen(host: host, port: port, reason: String(cString: gai_strerror(status)))
    }
    defer { freeaddrinfo(list) }
    var reason = "no address"
    for entry in sequence(first: list, next: { $0?.pointee.ai_next }) {
      guard let address = entry?.pointee else { break }
      descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { continue }
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
      watchPeers()
      if bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 256) == 0 {
        return
      }
      reason = String(cString: strerror(errno))
      close(descriptor)
    }
    descriptor = -1
    throw .cannotListen(host: host, port: port, reason: reason)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Has the kernel ask silent peers whether they are there: what is accepted inherits it. A peer whose network went would
  /// count as waiting for ever.
  private func watchPeers() {
    for (level, name, value) in [
      (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 20),
      (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
    ] as [(Int32, Int32, Int32)] {
      var value = value
      setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// The descriptor, from now on somebody else's to close.
  func handOn() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  /// The port in use.
  var port: UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let found = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length) == 0
      }
    }
    guard found else { return 0 }
    // The port stands at the same place in addresses of both families.
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }
}
