import Glibc

extension Endpoint {
  /// Whether nobody can connect to this host: it stands for all addresses of the machine that listens.
  package var isWildcard: Bool {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return four.s_addr == 0 }
    if inet_pton(AF_INET6, host, &six) == 1 {
      return withUnsafeBytes(of: six) { $0.allSatisfy { $0 == 0 } }
    }
    return false
  }

  /// The address for clients on the machine that listens here.
  package var forThisMachine: Endpoint {
    guard isWildcard else { return self }
    return Endpoint(host: host.contains(":") ? "::1" : "127.0.0.1", port: port)
  }

  /// An address of this machine under which others may reach what listens on all of them: the first that is up and not
  /// a loopback or link-local one, IPv4 before IPv6; nil where there is none.
  package var firstReachable: Endpoint? {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    var found: [(family: Int32, host: String)] = []
    for entry in sequence(first: list, next: { $0?.pointee.ifa_next }) {
      guard let entry, let address = entry.pointee.ifa_addr else { continue }
      let family = Int32(address.pointee.sa_family)
      let flags = entry.pointee.ifa_flags
      guard flags & UInt32(IFF_UP) != 0, flags & UInt32(IFF_LOOPBACK) == 0,
        family == AF_INET || (family == AF_INET6 && host.contains(":"))
      else { continue }
      let size =
        family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(
          address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let name = String(
        decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // A link-local one needs a scope that means nothing elsewhere.
      if name.contains("%") || name.hasPrefix("169.254.") { continue }
      found.append((family, name))
    }
    let best = found.first { $0.family == AF_INET } ?? found.first
    return best.map { Endpoint(host: $0.host, port: port) }
  }
}
