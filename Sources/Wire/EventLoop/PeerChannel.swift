import Glibc
import Synchronization

/// Who is told what happens on a channel; all calls come from its loop's thread, in order.
package protocol PeerHandler: AnyObject, Sendable {
  /// A message has arrived. The handler may pause the channel, and then gets no further ones.
  func received(_ message: Message, on channel: PeerChannel)
  /// The peer speaks another version of the messages: it is owed a word.
  func receivedOtherVersion(expected: UInt16, found: UInt16, on channel: PeerChannel)
  /// The channel is closed, by whomever; nothing follows.
  func closed(_ channel: PeerChannel, because error: WireError)
}

/// The accepting side of a connection on an event loop: handshake, messages in, messages and artifacts out.
///
/// The same pure state machines as in `SecureConnection`, without a thread of its own. Everything may be called from any
/// thread and returns at once.
package final class PeerChannel: LoopHandler {
  private enum Phase {
    case handshake(ConnectionHandshake)
    case open(SessionSender, SessionReceiver)
    case closed
  }

  private struct State {
    var phase: Phase
    var queue = ChannelQueue()
    var handler: (any PeerHandler)?
    var slot: ConnectionLimiter.Slot?
    var peer: PublicKey?
    var artifacts: ArtifactStore?
    /// Until when the peer has to be admitted; nil once it is.
    var admission: ContinuousClock.Instant?
    var isPaused = false
    /// No more is taken for sending: the last message is on its way.
    var isEnding = false
    /// Since when the last message has been out.
    var lingersSince: ContinuousClock.Instant?
    var lastReceived = ContinuousClock.now
    var lastProgress = ContinuousClock.now
    var isScheduled = false
    var watched: (reads: Bool, writes: Bool) = (true, false)
    var token: UInt64?

    var isClosed: Bool { if case .closed = phase { true } else { false } }
  }

  /// Numeric address of the peer.
  package let remoteAddress: String
  private let socket: Socket
  private let loop: EventLoop
  private let limits: WireLimits
  private let state: Mutex<State>

  init(
    socket: Socket, address: Endpoint?, loop: EventLoop, identity: StaticKey, limits: WireLimits,
    slot: ConnectionLimiter.Slot, handler: any PeerHandler
  ) {
    self.socket = socket
    self.loop = loop
    self.limits = limits
    remoteAddress = address?.description ?? "unknown"
    var state = State(phase: .handshake(ConnectionHandshake(acceptingAs: identity)))
    state.handler = handler
    state.slot = slot
    state.admission = ContinuousClock.now + limits.handshakeDeadline
    self.state = Mutex(state)
  }

  /// Begins; on the loop's thread.
  func begin(_ loop: EventLoop) {
    guard let token = loop.add(socket.number, self, reads: true) else {
      return close(.connectionLost(reason: SystemError.text()))
    }
    state.withLock { $0.token = token }
  }

  // MARK: For everybody

  /// The peer's static public key; nil before the handshake is over.
  package var peer: PublicKey? { state.withLock { $0.peer } }

  /// Whether the channel has not been closed.
  package var isOpen: Bool {
    state.withLock { !$0.isClosed }
  }

  /// Whether nobody is there any more: the channel was closed, or will be as soon as what the peer sent last has been read.
  package var isAbandoned: Bool { !isOpen || socket.isHungUp }

  /// Bytes on the wire so far, in both directions.
  package var traffic: Traffic { socket.traffic }

  /// Bytes that wait until the peer reads.
  package var backlog: Int { state.withLock { $0.queue.backlog } }

  /// Lifts the limits on a peer that has shown that it belongs here, to those of what it is; from now on `handler` is told.
  ///
  /// The channel should be paused, so that no message comes in between. False where it has been closed: then nobody will
  /// be told anything.
  package func admit(
    as policy: PayloadPolicy, artifacts: ArtifactStore, handler: any PeerHandler
  ) -> Bool {
    state.withLock { state in
      guard case .open(let sender, var receiver) = state.phase, state.handler != nil else {
        return false
      }
      receiver.policy = policy
      state.phase = .open(sender, receiver)
      state.artifacts = artifacts
      state.handler = handler
      state.slot?.release()
      state.slot = nil
      state.admission = nil
      return true
    }
  }

  /// Reads nothing until `resume`: the peer's network does the waiting.
  package func pause() { state.withLock { $0.isPaused = true } }

  /// Goes on reading, what has arrived already first.
  package func resume() {
    let wasPaused = state.withLock { state in
      defer { state.isPaused = false }
      return state.isPaused
    }
    guard wasPaused else { return }
    loop.post { [self] _ in
      deliver()
      flush()
    }
  }

  /// Sends a message; one that would wait behind too many others ends the connection.
  package func post(_ message: Message) {
    do throws(WireError) {
      enqueue(.message(try message.encoded()))
    } catch {
      abort(error)
    }
  }

  /// Sends part of an artifact of the store that `admit` named, or that it is missing.
  package func post(artifact digest: Digest, offset: UInt64, length: UInt64) {
    enqueue(.artifact(digest, offset: offset, length: length))
  }

  /// Sends what waits, then a last message, gives the peer a moment to read it, and closes.
  package func finish(saying message: Message? = nil) {
    if let message { post(message) }
    state.withLock { $0.isEnding = true }
    schedule()
  }

  /// Forgets what waits and closes.
  package func abort(_ error: WireError = .closedLocally) {
    loop.post { [self] _ in close(error) }
  }

  private func enqueue(_ item: ChannelQueue.Item) {
    let fits = state.withLock { state in
      if case .closed = state.phase { return true }
      if state.isEnding { return true }
      if state.queue.isEmpty { state.lastProgress = ContinuousClock.now }
      return state.queue.append(item)
    }
    fits ? schedule() : abort(.timedOut(.send))
  }

  /// Has the loop send what waits, once for all that is posted meanwhile.
  private func schedule() {
    let isNew = state.withLock { state in
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    guard isNew else { return }
    loop.post { [self] _ in
      state.withLock { $0.isScheduled = false }
      flush()
    }
  }

  // MARK: On the loop's thread

  func ready(_ loop: EventLoop, isBroken: Bool) {
    // Nobody reads a paused channel, and the loop would be told again and again.
    if isBroken, state.withLock({ $0.isPaused && !$0.isEnding }) {
      return close(.connectionLost(reason: SystemError.text(socket.pendingError())))
    }
    read()
    flush()
  }

  func tick(_ loop: EventLoop, at now: ContinuousClock.Instant) {
    let error: WireError? = state.withLock { state in
      if let deadline = state.admission, deadline <= now { return .timedOut(.handshake) }
      if let since = state.lingersSince, now - since > limits.lingerDeadline {
        return .closedLocally
      }
      if !state.queue.isEmpty, now - state.lastProgress > limits.sendDeadline {
        return .timedOut(.send)
      }
      return nil
    }
    if let error { close(error) }
  }

  /// Time since anything was received.
  package var silence: Duration { state.withLock { ContinuousClock.now - $0.lastReceived } }

  /// Reads what there is, in bounded portions: other channels have their turn.
  private func read() {
    for _ in 0..<4 {
      // What has arrived goes first: who sends faster than it is handled is read no further, and fills no memory here.
      // Whoever resumes a paused channel meanwhile posts what goes on; it is not for this turn to read.
      guard deliver() else { return }
      do throws(WireError) {
        guard let bytes = try socket.readNow(upTo: 1 << 16) else { return }
        if bytes.isEmpty { return close(endOfStream) }
        try take(bytes)
      } catch {
        return close(error)
      }
    }
    deliver()
  }

  private var endOfStream: WireError {
    state.withLock { state in
      switch state.phase {
      case .handshake: .handshakeFailed(.hungUp)
      case .open(_, let receiver): receiver.isMidFrame ? .truncated(.receive) : .closedByPeer
      case .closed: .closedLocally
      }
    }
  }

  private func take(_ bytes: [UInt8]) throws(WireError) {
    try state.withLock { state throws(WireError) in
      state.lastReceived = ContinuousClock.now
      switch state.phase {
      case .closed: return
      case .open(let sender, var receiver):
        // What comes after the last message is read only so that the peer may read it.
        if state.isEnding { return }
        state.phase = .closed
        try receiver.receive(bytes[...])
        state.phase = .open(sender, receiver)
      case .handshake(var handshake):
        do throws(WireError) {
          let step = try handshake.receive(bytes[...])
          state.queue.seal(step.send)
          state.phase = .handshake(handshake)
          guard let session = step.session else { return }
          state.peer = session.peer
          var receiver = SessionReceiver(
            cipher: session.receive, limits: limits, policy: .stranger)
          try receiver.receive(session.surplus[...])
          state.phase = .open(SessionSender(cipher: session.send, limits: limits), receiver)
        } catch {
          state.queue.seal(handshake.parting(after: error))
          throw error
        }
      }
    }
  }

  /// Passes on the messages that are complete, until the handler pauses.
  ///
  /// Returns whether it ran dry, so that more may be read: false where the channel is paused or closed.
  @discardableResult
  private func deliver() -> Bool {
    while true {
      var handler: (any PeerHandler)?
      do throws(WireError) {
        let (frame, isDry) = try state.withLock { state throws(WireError) -> (Frame?, Bool) in
          // What comes after the last message is for nobody, and read nevertheless.
          if state.isEnding { return (nil, !state.isClosed) }
          guard !state.isPaused else { return (nil, false) }
          guard case .open(let sender, var receiver) = state.phase else {
            return (nil, !state.isClosed)
          }
          handler = state.handler
          state.phase = .closed
          let frame = try receiver.nextFrame()
          state.phase = .open(sender, receiver)
          return (frame, frame == nil)
        }
        guard let frame else { return isDry }
        handler?.received(try Message(decoding: frame), on: self)
      } catch {
        if case .unsupportedProtocol(let expected, let found) = error {
          handler?.receivedOtherVersion(expected: expected, found: found, on: self)
          // What it says next is no more understood than this.
          return state.withLock { $0.isEnding && !$0.isClosed }
        }
        close(error)
        return false
      }
    }
  }

  /// Seals and sends what waits, as far as the operating system takes it.
  private func flush() {
    do throws(WireError) {
      while true {
        try sealWaiting()
        let chunk = state.withLock { $0.queue.sealed[$0.queue.sent...] }
        if chunk.isEmpty { break }
        let count = try socket.writeNow(chunk)
        if count == 0 { break }
        state.withLock { state in
          state.queue.took(count)
          state.lastProgress = ContinuousClock.now
        }
      }
    } catch {
      return close(error)
    }
    state.withLock { state in
      guard let token = state.token else { return }
      if state.isEnding, state.queue.isEmpty, state.lingersSince == nil {
        state.lingersSince = ContinuousClock.now
        socket.finishWriting()
      }
      let wanted = (reads: !state.isPaused || state.isEnding, writes: !state.queue.isEmpty)
      guard wanted != state.watched else { return }
      state.watched = wanted
      loop.watch(socket.number, token, reads: wanted.reads, writes: wanted.writes)
    }
  }

  /// Turns waiting items into sealed bytes while there is room.
  private func sealWaiting() throws(WireError) {
    while true {
      let (item, artifacts) = state.withLock { state -> (ChannelQueue.Item?, ArtifactStore?) in
        guard case .open = state.phase else { return (nil, nil) }
        return (state.queue.next(), state.artifacts)
      }
      switch item {
      case nil: return
      case .message(let frame): try seal(frame)
      case .artifact(let digest, let offset, let length):
        guard let artifacts else { continue }
        let piece = try artifacts.piece(of: digest, offset: offset, length: length)
        try seal(piece.message.encoded())
        if piece.rest > 0 {
          state.withLock {
            $0.queue.putBack(.artifact(digest, offset: piece.next, length: piece.rest))
          }
        }
      }
    }
  }

  private func seal(_ frame: Frame) throws(WireError) {
    try state.withLock { state throws(WireError) in
      guard case .open(var sender, let receiver) = state.phase else { return }
      let bytes = try sender.seal(frame)
      state.phase = .open(sender, receiver)
      state.queue.seal(bytes)
    }
  }

  private func close(_ error: WireError) {
    let handler: (any PeerHandler)? = state.withLock { state in
      // What was sealed to explain an error goes out if it can go at once.
      let last = state.queue.sealed[state.queue.sent...]
      if !last.isEmpty, state.peer == nil { _ = try? socket.writeNow(last) }
      let handler = state.handler
      state.handler = nil
      state.phase = .closed
      state.queue = ChannelQueue()
      state.slot?.release()
      state.slot = nil
      if let token = state.token { loop.forget(socket.number, token) }
      state.token = nil
      return handler
    }
    guard let handler else { return }
    socket.shutDown()
    handler.closed(self, because: error)
  }
}
