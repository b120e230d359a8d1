import Glibc
import Synchronization

/// A TCP socket that is read and written by deadline. Thread-safe; closed when nobody holds it any more.
final class Socket: Sendable {
  private let descriptor: Int32
  /// The descriptor's number, for an event loop to watch while this object lives.
  var number: Int32 { descriptor }
  private let sent = Atomic<UInt64>(0)
  private let received = Atomic<UInt64>(0)

  /// Takes over a non-blocking descriptor.
  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Bytes handed to and taken from the operating system.
  var traffic: Traffic {
    Traffic(
      sent: sent.load(ordering: .relaxed), received: received.load(ordering: .relaxed))
  }

  /// Ends the connection in both directions and wakes whoever waits; the descriptor stays reserved.
  func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Tells the peer that nothing more will come.
  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Writes everything before the deadline.
  func write(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(WireError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        send(
          descriptor, buffer.baseAddress! + done, buffer.count - done, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        done += count
        sent.wrappingAdd(UInt64(count), ordering: .relaxed)
      } else if errno == EAGAIN {
        guard try wait(for: Int16(POLLOUT), by: deadline) else { throw .timedOut(.send) }
      } else if errno != EINTR {
        throw .connectionLost(reason: SystemError.text())
      }
    }
  }

  /// Up to `limit` bytes; empty at the end of the stream, nil where the deadline passed.
  func read(upTo limit: Int, by deadline: ContinuousClock.Instant?) throws(WireError) -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialised in
        count = recv(descriptor, buffer.baseAddress, limit, 0)
        initialised = max(count, 0)
      }
      if count >= 0 {
        received.wrappingAdd(UInt64(count), ordering: .relaxed)
        return bytes
      }
      if errno == EAGAIN {
        guard try wait(for: Int16(POLLIN), by: deadline) else { return nil }
      } else if errno == ECONNRESET {
        return []
      } else if errno != EINTR {
        throw .connectionLost(reason: SystemError.text())
      }
    }
  }

  /// Hands over what the operating system takes now, and says how much that was.
  func writeNow(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Int {
    while true {
      let count = bytes.withUnsafeBytes { buffer in
        send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent.wrappingAdd(UInt64(count), ordering: .relaxed)
        return count
      }
      if errno == EAGAIN { return 0 }
      if errno != EINTR { throw .connectionLost(reason: SystemError.text()) }
    }
  }

  /// What has arrived, up to `limit` bytes; empty at the end of the stream, nil where nothing is there.
  func readNow(upTo limit: Int) throws(WireError) -> [UInt8]? {
    while true {
      let (count, bytes) = withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
        // Copied to its size: an array of the limit would stay as large as that.
        let count = recv(descriptor, buffer.baseAddress, limit, 0)
        return (count, count > 0 ? Array(buffer.prefix(count)) : [])
      }
      if count >= 0 {
        received.wrappingAdd(UInt64(count), ordering: .relaxed)
        return bytes
      }
      if errno == EAGAIN { return nil }
      if errno == ECONNRESET { return [] }
      if errno != EINTR { throw .connectionLost(reason: SystemError.text()) }
    }
  }

  /// Waits until the socket is ready or broken; false where the deadline passed.
  func wait(
    for events: Int16, by deadline: ContinuousClock.Instant?
  ) throws(WireError) -> Bool {
    while true {
      var milliseconds: Int32 = -1
      if let deadline {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return false }
        // Rounded up, so that the deadline has passed when poll gives up.
        let (seconds, attoseconds) = left.components
        milliseconds = Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
      }
      var entry = pollfd(fd: descriptor, events: events, revents: 0)
      let ready = poll(&entry, 1, milliseconds)
      if ready > 0 { return true }
      if ready < 0 && errno != EINTR { throw .connectionLost(reason: SystemError.text()) }
    }
  }

  /// The next connection of a listening socket, or nil where there is none after all.
  func acceptOne() throws(WireError) -> Socket? {
    let accepted = accept(descriptor, nil, nil)
    if accepted >= 0 {
      _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
      _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
      let socket = Socket(descriptor: accepted)
      socket.configure()
      return socket
    }
    switch errno {
    case EAGAIN, EINTR, ECONNABORTED: return nil
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      // Out of descriptors: give the connections that are ending a moment.
      usleep(50_000)
      return nil
    default: throw .connectionLost(reason: SystemError.text())
    }
  }

  /// Milliseconds after which data that nobody acknowledges ends the connection.
  private static let unacknowledged: Int32 = 30_000

  /// The next connection of a listening socket, without waiting for anything.
  ///
  /// - Throws: `connectionLost` where there are no descriptors left.
  func acceptNow() throws(WireError) -> Socket? {
    while true {
      let accepted = accept(descriptor, nil, nil)
      if accepted >= 0 {
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        let socket = Socket(descriptor: accepted)
        socket.configure()
        return socket
      }
      switch errno {
      case EAGAIN: return nil
      case EINTR, ECONNABORTED: continue
      default: throw .connectionLost(reason: SystemError.text())
      }
    }
  }

  /// No delay for small messages, and probes and a limit that notice a peer that vanished.
  func configure() {
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Self.unacknowledged)
  }

  /// Sets an option; failure only costs comfort and is ignored.
  func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Whether the peer sends nothing any more, whatever it sent before and nobody has read.
  var isHungUp: Bool {
    // POLLRDHUP, which not every C library shows without being asked.
    let hungUp: Int16 = 0x2000
    var entry = pollfd(fd: descriptor, events: hungUp, revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return false }
    return entry.revents & (hungUp | Int16(POLLHUP) | Int16(POLLERR)) != 0
  }

  /// The pending error of the socket; 0 if there is none.
  func pendingError() -> Int32 {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &size)
    return value
  }

  /// Numeric address of the other side, or of this one.
  func address(remote: Bool) -> Endpoint? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard
          (remote
            ? getpeername(descriptor, address, &size) : getsockname(descriptor, address, &size))
            == 0
        else { return Int32(-1) }
        return getnameinfo(
          address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard status == 0 else { return nil }
    func text(_ characters: [CChar]) -> String {
      String(
        decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return UInt16(text(port)).map { Endpoint(host: text(host), port: $0) }
  }
}

/// Bytes on the wire in both directions, handshake and encryption included.
package struct Traffic: Equatable, Sendable {
  /// Bytes sent by this side.
  package var sent: UInt64
  /// Bytes received by this side.
  package var received: UInt64
}
