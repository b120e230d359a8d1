import Glibc

/// Which part of the Internet an address belongs to. Pure.
package enum AddressScope {
  /// Whether bytes in network order, 4 or 16, are an address that the Internet routes to one host: no loopback, no private or shared
  /// network, no link, no multicast, nothing reserved. Addresses that hold one of IPv4 are what that is.
  package static func isGlobal(_ address: [UInt8]) -> Bool {
    switch address.count {
    case 4: isGlobalV4(address)
    case 16: isGlobalV6(address)
    default: false
    }
  }

  /// Whether a socket's address is one.
  package static func isGlobal(_ address: UnsafePointer<sockaddr>) -> Bool {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
        isGlobal(withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) })
      }
    case AF_INET6:
      UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        isGlobal(withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) })
      }
    default: false
    }
  }

  /// Networks of RFC 6890 and multicast, with the lengths of their prefixes.
  private static let special: [(network: [UInt8], bits: Int)] = [
    ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16), ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24), ([192, 168, 0, 0], 16), ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24), ([224, 0, 0, 0], 4), ([240, 0, 0, 0], 4),
  ]

  private static func isGlobalV4(_ address: [UInt8]) -> Bool {
    !special.contains { begins(address, with: $0.network, bits: $0.bits) }
  }

  private static func isGlobalV6(_ address: [UInt8]) -> Bool {
    // NAT64 and 6to4 reach the address of IPv4 that they hold.
    if begins(address, with: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], bits: 96) {
      return isGlobalV4(Array(address[12...]))
    }
    if begins(address, with: [0x20, 0x02], bits: 16) { return isGlobalV4(Array(address[2..<6])) }
    if begins(address, with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96) {
      return isGlobalV4(Array(address[12...]))
    }
    // All else that is routed lies in 2000::/3, but for what IETF keeps (Teredo, benchmarks, ORCHID) and documentation.
    return begins(address, with: [0x20], bits: 3)
      && !begins(address, with: [0x20, 0x01, 0], bits: 23)
      && !begins(address, with: [0x20, 0x01, 0x0d, 0xb8], bits: 32)
      && !begins(address, with: [0x3f, 0xff, 0], bits: 20)
  }

  private static func begins(_ address: [UInt8], with network: [UInt8], bits: Int) -> Bool {
    let whole = bits / 8
    guard address[..<whole] == network[..<whole] else { return false }
    let rest = bits % 8
    return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0
  }
}
