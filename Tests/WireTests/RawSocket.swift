import Glibc
import Wire

/// A plain TCP client that sends whatever a test wants, for playing a hostile or broken peer.
final class RawSocket {
  private let descriptor: Int32

  /// Connects to a port of 127.0.0.1.
  init(port: UInt16) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(status == 0, "cannot connect to the test's own listener")
    var limit = timeval(tv_sec: 300, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends everything; false where the peer has hung up.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// Up to 64 KiB; empty where the peer has closed, nil where nothing came for a long time.
  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0 { return errno == ECONNRESET ? [] : nil }
    return Array(buffer.prefix(count))
  }

  /// Ends the sending direction.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Whether the peer closes the connection, whatever it sends before.
  func isClosedByPeer() -> Bool {
    while let bytes = read() {
      if bytes.isEmpty { return true }
    }
    return false
  }

  /// Does the connecting side's handshake and returns the raw ciphers.
  func shakeHands(identity: StaticKey, expecting: PeerExpectation) throws -> EstablishedSession {
    var handshake = ConnectionHandshake(connectingAs: identity, expecting: expecting)
    send(handshake.opening())
    while true {
      guard let bytes = read(), !bytes.isEmpty else {
        throw WireError.handshakeFailed(.hungUp)
      }
      let step = try handshake.receive(bytes[...])
      send(step.send)
      if let session = step.session { return session }
    }
  }
}

/// A port that listens and never accepts, with the shortest possible queue.
final class CrowdedPort {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | listen(descriptor, 0) | getsockname(descriptor, $0, &size)
      }
    }
    guard status == 0 else { throw WireError.closedLocally }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
