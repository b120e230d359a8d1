import HTTP
import Synchronization

/// What is known about HTTP itself: requests that were answered, connections that are open.
final class WebGauges: Sendable {
  /// What was asked and how it was answered.
  let requests = RequestTally()
  private let count = Mutex<(@Sendable () -> Int)?>(nil)

  /// Connections that are open.
  var connections: Int { count.withLock { $0 }?() ?? 0 }

  /// From now on the connections are those of a server.
  func count(connectionsOf server: HTTPServer) {
    count.withLock { $0 = { [weak server] in server?.connections ?? 0 } }
  }
}
