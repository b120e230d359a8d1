import Glibc

extension Socket {
  /// Opens a connection to the first address of the host that accepts one before the deadline.
  static func connect(
    to endpoint: Endpoint, by deadline: ContinuousClock.Instant
  ) throws(WireError) -> Socket {
    let addresses = try Addresses(of: endpoint, passive: false)
    var failure = WireError.cannotConnect(endpoint: "\(endpoint)", reason: "no address")
    for entry in addresses.entries {
      guard let (socket, descriptor) = open(entry) else { continue }
      if Glibc.connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) != 0 {
        guard errno == EINPROGRESS else {
          failure = .cannotConnect(endpoint: "\(endpoint)", reason: SystemError.text())
          continue
        }
        guard try socket.wait(for: Int16(POLLOUT), by: deadline) else {
          throw .timedOut(.connect)
        }
        let error = socket.pendingError()
        guard error == 0 else {
          failure = .cannotConnect(endpoint: "\(endpoint)", reason: SystemError.text(error))
          continue
        }
      }
      socket.configure()
      return socket
    }
    throw failure
  }

  /// Listens on the first address of the host that can be bound.
  static func listen(on endpoint: Endpoint) throws(WireError) -> Socket {
    let addresses = try Addresses(of: endpoint, passive: true)
    var failure = WireError.cannotListen(endpoint: "\(endpoint)", reason: "no address")
    for entry in addresses.entries {
      guard let (socket, descriptor) = open(entry) else { continue }
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
      guard bind(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0,
        Glibc.listen(descriptor, 128) == 0
      else {
        failure = .cannotListen(endpoint: "\(endpoint)", reason: SystemError.text())
        continue
      }
      return socket
    }
    throw failure
  }

  private static func open(_ entry: UnsafeMutablePointer<addrinfo>) -> (Socket, Int32)? {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(entry.pointee.ai_family, entry.pointee.ai_socktype | flags, 0)
    return descriptor >= 0 ? (Socket(descriptor: descriptor), descriptor) : nil
  }
}

/// The addresses of a host, freed with this object.
private final class Addresses {
  private let list: UnsafeMutablePointer<addrinfo>?

  init(of endpoint: Endpoint, passive: Bool) throws(WireError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list)
    guard status == 0 else {
      throw .cannotResolve(host: endpoint.host, reason: String(cString: gai_strerror(status)))
    }
    self.list = list
  }

  deinit { if let list { freeaddrinfo(list) } }

  var entries: UnfoldSequence<UnsafeMutablePointer<addrinfo>, UnsafeMutablePointer<addrinfo>?> {
    sequence(state: list) { next in
      defer { next = next?.pointee.ai_next }
      return next
    }
  }
}
