import Glibc

extension Socket {
  /// Milliseconds that one address has for itself before the next one is tried beside it.
  private static let headStart = 250.0

  /// Opens a connection to whichever address of the host accepts one first, before the deadline.
  ///
  /// Addresses are tried one after the other, families in turn, each a quarter of a second after the one before or as
  /// soon as that has failed, and go on side by side (RFC 8305): a dead first address costs a moment, not the deadline.
  static func connect(
    to endpoint: Endpoint, by deadline: ContinuousClock.Instant
  ) throws(WireError) -> Socket {
    let addresses = try Addresses(of: endpoint, passive: false)
    var waiting = addresses.alternating[...]
    var pending: [(socket: Socket, descriptor: Int32)] = []
    var failure = WireError.cannotConnect(endpoint: "\(endpoint)", reason: "no address")
    var next = ContinuousClock.now
    while true {
      let now = ContinuousClock.now
      guard now < deadline else { throw .timedOut(.connect) }
      if now >= next || pending.isEmpty, let entry = waiting.popFirst() {
        next = now + .milliseconds(headStart)
        guard let (socket, descriptor) = open(entry) else { continue }
        if Glibc.connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
          socket.configure()
          return socket
        }
        if errno == EINPROGRESS {
          pending.append((socket, descriptor))
        } else {
          failure = .cannotConnect(endpoint: "\(endpoint)", reason: SystemError.text())
        }
        continue
      }
      if pending.isEmpty { throw failure }
      for index in try ready(
        pending.map(\.descriptor), by: waiting.isEmpty ? deadline : min(next, deadline))
      {
        let socket = pending[index].socket
        let error = socket.pendingError()
        if error == 0 {
          socket.configure()
          return socket
        }
        failure = .cannotConnect(endpoint: "\(endpoint)", reason: SystemError.text(error))
        pending.remove(at: index)
      }
    }
  }

  /// The places, last first, of the descriptors that can be written to or are broken; none where the moment has come.
  private static func ready(
    _ descriptors: [Int32], by moment: ContinuousClock.Instant
  ) throws(WireError) -> [Int] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
    let milliseconds = (moment - ContinuousClock.now) / .milliseconds(1)
    let count = poll(&entries, nfds_t(entries.count), Int32(max(0, milliseconds.rounded(.up))))
    if count < 0 && errno != EINTR { throw .connectionLost(reason: SystemError.text()) }
    return count > 0 ? entries.indices.reversed().filter { entries[$0].revents != 0 } : []
  }

  /// Listens on the first address of the host that can be bound.
  static func listen(on endpoint: Endpoint) throws(WireError) -> Socket {
    let addresses = try Addresses(of: endpoint, passive: true)
    var failure = WireError.cannotListen(endpoint: "\(endpoint)", reason: "no address")
    for entry in addresses.entries {
      guard let (socket, descriptor) = open(entry) else { continue }
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
      guard bind(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0,
        Glibc.listen(descriptor, 1024) == 0
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

  /// The same with the families in turn, beginning with the resolver's favourite.
  var alternating: [UnsafeMutablePointer<addrinfo>] {
    let all = Array(entries)
    guard let first = all.first?.pointee.ai_family else { return [] }
    var preferred = all.filter { $0.pointee.ai_family == first }[...]
    var others = all.filter { $0.pointee.ai_family != first }[...]
    var merged: [UnsafeMutablePointer<addrinfo>] = []
    while let one = preferred.popFirst() ?? others.popFirst() {
      merged.append(one)
      if let other = others.popFirst() { merged.append(other) }
    }
    return merged
  }
}
