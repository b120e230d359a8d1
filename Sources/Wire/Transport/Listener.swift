import Glibc
import Synchronization

/// Accepts TCP connections and turns them into secure ones.
///
/// One thread calls `accept` in a loop and hands each connection to a thread of its own, which does the
/// handshake. Connections above the limit of unauthenticated ones are closed at once.
package final class Listener: Sendable {
  /// The address in use, with the port that the system chose where 0 was asked for.
  package let endpoint: Endpoint
  private let socket: Socket
  private let identity: StaticKey
  private let limits: WireLimits
  private let limiter: ConnectionLimiter
  private let isClosed = Atomic(false)
  private let turnedAway = Atomic<Int>(0)

  /// Listens on HOST:PORT with the given identity.
  package init(
    on endpoint: Endpoint, identity: StaticKey, limits: WireLimits = .standard
  ) throws(WireError) {
    socket = try Socket.listen(on: endpoint)
    let port = socket.address(remote: false)?.port ?? endpoint.port
    self.endpoint = Endpoint(host: endpoint.host, port: port)
    self.identity = identity
    self.limits = limits
    limiter = ConnectionLimiter(limit: limits.maximumUnauthenticatedConnections)
  }

  /// Connections closed at once because too many unauthenticated ones were open.
  package var turnedAwayCount: Int { turnedAway.load(ordering: .relaxed) }

  /// Waits for the next connection; throws `closedLocally` after `close`.
  package func accept() throws(WireError) -> PendingConnection {
    while true {
      _ = try socket.wait(for: Int16(POLLIN), by: nil)
      guard !isClosed.load(ordering: .acquiring) else { throw .closedLocally }
      guard let accepted = try socket.acceptOne() else { continue }
      guard let slot = limiter.acquire() else {
        turnedAway.wrappingAdd(1, ordering: .relaxed)
        accepted.shutDown()
        continue
      }
      return PendingConnection(
        socket: accepted, slot: slot, identity: identity, limits: limits,
        deadline: ContinuousClock.now + limits.handshakeDeadline)
    }
  }

  /// Stops listening and wakes the thread in `accept`.
  package func close() {
    isClosed.store(true, ordering: .releasing)
    socket.shutDown()
  }
}

/// A TCP connection that has been accepted and not authenticated.
package final class PendingConnection: Sendable {
  private let socket: Socket
  private let slot: ConnectionLimiter.Slot
  private let identity: StaticKey
  private let limits: WireLimits
  private let deadline: ContinuousClock.Instant

  init(
    socket: Socket, slot: ConnectionLimiter.Slot, identity: StaticKey, limits: WireLimits,
    deadline: ContinuousClock.Instant
  ) {
    self.socket = socket
    self.slot = slot
    self.identity = identity
    self.limits = limits
    self.deadline = deadline
  }

  /// Numeric address of the peer.
  package var remoteAddress: String { socket.address(remote: true)?.description ?? "unknown" }

  /// Does the accepting side of the handshake, within the deadline that started with `accept`.
  ///
  /// The connection that comes out is limited to small messages and to the same deadline until `admit`.
  package func handshake() throws(WireError) -> SecureConnection {
    let session = try SecureConnection.shakeHands(
      ConnectionHandshake(acceptingAs: identity), on: socket, by: deadline)
    return try SecureConnection(
      socket: socket, session: session, limits: limits,
      admission: SecureConnection.Admission(slot: slot, deadline: deadline))
  }
}
