import Synchronization

/// An authenticated, encrypted connection that carries messages.
///
/// Any number of threads may send; one thread at a time receives. `close` may be called from any thread
/// and wakes both. After any error but `timedOut(.receive)` and the errors of a single message's contents
/// the connection is closed.
package final class SecureConnection: Sendable {
  /// What the accepting side still holds against its peer.
  struct Admission: Sendable {
    var slot: ConnectionLimiter.Slot
    var deadline: ContinuousClock.Instant
  }

  /// The peer's static public key: who it is.
  package let peer: PublicKey
  /// Numeric address of the peer.
  package let remoteAddress: String
  /// The same on both sides, and unique to this connection.
  package let transcriptHash: [UInt8]

  private let socket: Socket
  private let limits: WireLimits
  private let sender: Mutex<SessionSender>
  private let receiver: Mutex<SessionReceiver>
  private let admission: Mutex<Admission?>
  private let isClosed = Atomic(false)

  init(
    socket: Socket, session: EstablishedSession, limits: WireLimits, admission: Admission?
  ) throws(WireError) {
    self.socket = socket
    self.limits = limits
    peer = session.peer
    remoteAddress = socket.address(remote: true)?.description ?? "unknown"
    transcriptHash = session.transcriptHash
    sender = Mutex(SessionSender(cipher: session.send, limits: limits))
    var receiver = SessionReceiver(
      cipher: session.receive, limits: limits, policy: admission == nil ? .any : .stranger)
    try receiver.receive(session.surplus[...])
    self.receiver = Mutex(receiver)
    self.admission = Mutex(admission)
  }

  deinit { socket.shutDown() }

  /// Connects to a coordinator that must have the expected key.
  package static func connect(
    to endpoint: Endpoint, identity: StaticKey, expecting: PeerExpectation,
    limits: WireLimits = .standard
  ) throws(WireError) -> SecureConnection {
    let socket = try Socket.connect(
      to: endpoint, by: ContinuousClock.now + limits.connectDeadline)
    let session = try shakeHands(
      ConnectionHandshake(connectingAs: identity, expecting: expecting), on: socket,
      by: ContinuousClock.now + limits.handshakeDeadline)
    return try SecureConnection(socket: socket, session: session, limits: limits, admission: nil)
  }

  /// Drives a handshake to its end.
  static func shakeHands(
    _ start: ConnectionHandshake, on socket: Socket, by deadline: ContinuousClock.Instant
  ) throws(WireError) -> EstablishedSession {
    var handshake = start
    do throws(WireError) {
      try socket.write(handshake.opening(), by: deadline)
      while true {
        guard let bytes = try socket.read(upTo: 4096, by: deadline) else {
          throw WireError.timedOut(.handshake)
        }
        guard !bytes.isEmpty else { throw WireError.handshakeFailed(.hungUp) }
        let step = try handshake.receive(bytes[...])
        try socket.write(step.send, by: deadline)
        if let session = step.session { return session }
      }
    } catch {
      try? socket.write(handshake.parting(after: error), by: deadline)
      socket.shutDown()
      throw error == .timedOut(.send) ? .timedOut(.handshake) : error
    }
  }

  /// Bytes on the wire so far, in both directions.
  package var traffic: Traffic { socket.traffic }

  /// Lifts the limits on a peer that has shown that it belongs here, to those of what it is.
  ///
  /// To be called by the thread that receives, between two messages.
  package func admit(as policy: PayloadPolicy = .any) {
    receiver.withLock { $0.policy = policy }
    admission.withLock { admission in
      admission?.slot.release()
      admission = nil
    }
  }

  /// Sends a message; returns when the operating system has taken all of it.
  package func send(_ message: Message) throws(WireError) {
    let frame = try message.encoded()
    try sender.withLock { sender throws(WireError) in
      guard !isClosed.load(ordering: .acquiring) else { throw .closedLocally }
      do throws(WireError) {
        let records = try sender.seal(frame)
        try socket.write(records, by: ContinuousClock.now + limits.sendDeadline)
      } catch {
        // Nothing has been sent where the frame was too large; otherwise the stream is broken.
        if case .frameTooLarge = error { throw error }
        throw fail(error)
      }
    }
  }

  /// Waits for the next message as long as the idle timeout allows.
  package func receive() throws(WireError) -> Message {
    try receive(timeout: limits.idleTimeout)
  }

  /// Waits for the next message; `timedOut(.receive)` leaves the connection usable.
  ///
  /// A peer that has not been admitted yet also runs into the deadline of the handshake.
  package func receive(timeout: Duration) throws(WireError) -> Message {
    let limit = ContinuousClock.now + timeout
    let frame = try receiver.withLock { receiver throws(WireError) in
      while true {
        do throws(WireError) {
          guard !isClosed.load(ordering: .acquiring) else { throw .closedLocally }
          let cutoff = admission.withLock { $0?.deadline }
          if let cutoff, cutoff <= ContinuousClock.now { throw .timedOut(.handshake) }
          if let frame = try receiver.nextFrame() { return frame }
          if let bytes = try socket.read(upTo: 1 << 16, by: min(limit, cutoff ?? limit)) {
            guard !bytes.isEmpty else {
              throw receiver.isMidFrame ? .truncated(.receive) : .closedByPeer
            }
            try receiver.receive(bytes[...])
          } else if ContinuousClock.now >= limit {
            throw .timedOut(.receive)
          }
        } catch {
          if error == .timedOut(.receive) { throw error }
          throw fail(error)
        }
      }
    }
    do throws(WireError) {
      return try Message(decoding: frame)
    } catch {
      // A peer of another version is owed an explanation; anything else is a broken peer.
      if case .unsupportedProtocol = error { throw error }
      throw fail(error)
    }
  }

  /// Closes the connection; whoever waits in `send` or `receive` gets `closedLocally`.
  package func close() {
    isClosed.store(true, ordering: .releasing)
    socket.shutDown()
    admission.withLock { $0?.slot.release() }
  }

  /// Sends a last message, gives the peer a moment to read it, and closes.
  ///
  /// Closing at once could discard the message on the peer's side, if it has sent something that was never
  /// read here. Errors do not matter any more and are ignored.
  package func close(saying message: Message) {
    try? send(message)
    isClosed.store(true, ordering: .releasing)
    socket.finishWriting()
    let deadline = ContinuousClock.now + limits.lingerDeadline
    var left = limits.maximumFramePayload
    while left > 0, let bytes = try? socket.read(upTo: 1 << 16, by: deadline), !bytes.isEmpty {
      left -= bytes.count
      if deadline <= ContinuousClock.now { break }
    }
    close()
  }

  /// Whether the connection has been closed by this side, on purpose or after an error.
  package var isOpen: Bool { !isClosed.load(ordering: .acquiring) }

  /// Closes after an error, and tells a close on purpose from everything else.
  private func fail(_ error: WireError) -> WireError {
    let wasClosed = isClosed.load(ordering: .acquiring)
    close()
    return wasClosed ? .closedLocally : error
  }
}
