import Glibc
import Synchronization

/// Whether the peer of a request still waits for its answer; asked from any thread while the request lasts.
///
/// Nobody reads the socket while a handler works, so that an end shows in the kernel's state of it alone. Who ends only its own
/// direction counts as gone, too: nothing tells it from one that left.
final class PeerWatch: Sendable {
  private let socket: Atomic<Int32>
  /// `POLLRDHUP` of Linux, which Glibc's module does not have: the peer sends no more.
  private static let hungUp: Int32 = 0x2000

  /// Watches a socket that is somebody else's.
  init(_ socket: Int32) { self.socket = Atomic(socket) }

  /// The request is over: from now on the number may be another socket's.
  func end() { socket.store(-1, ordering: .releasing) }

  /// False once the peer has hung up, or the request is over.
  var isThere: Bool {
    let number = socket.load(ordering: .acquiring)
    guard number >= 0 else { return false }
    var entry = pollfd(fd: number, events: Int16(Self.hungUp), revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return true }
    return Int32(entry.revents) & (Self.hungUp | POLLHUP | POLLERR | POLLNVAL) == 0
  }
}
