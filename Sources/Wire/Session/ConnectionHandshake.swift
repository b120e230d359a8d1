/// How the connecting side recognises the other one.
package enum PeerExpectation: Equatable, Sendable {
  /// By the hash of its public key, as a token has it; uses XX.
  case fingerprint(Digest)
  /// By its public key, as remembered from an earlier connection; uses IK.
  case publicKey(PublicKey)
}

/// What a finished handshake leaves behind.
package struct EstablishedSession: Sendable {
  /// Encrypts what this side sends.
  package let send: CipherState
  /// Decrypts what this side receives.
  package let receive: CipherState
  /// The peer's static key. A responder of IK may rely on it only after the first record.
  package let peer: PublicKey
  /// The same on both sides, and unique to this connection.
  package let transcriptHash: [UInt8]
  /// Bytes that already belong to the session.
  package let surplus: [UInt8]
}

/// One side of a connection's beginning: bytes in, bytes out; no socket and no clock.
///
/// Preambles first, then the Noise messages, each preceded by its length in two big-endian bytes and all
/// with empty payloads.
package struct ConnectionHandshake {
  /// Longest message of the patterns in use (XX, second message), in bytes.
  package static let maximumMessage = 96

  /// What the caller has to do.
  package struct Step {
    /// Bytes for the peer; may be empty.
    package var send: [UInt8]
    /// The session, once the handshake is over; `send` has to go out first.
    package var session: EstablishedSession?
  }

  private let identity: StaticKey
  private let expectation: PeerExpectation?
  private var noise: HandshakeState?
  private var preambleDone = false
  private var input: [UInt8] = []

  /// The connecting side; `expecting` says which peer it accepts.
  package init(connectingAs identity: StaticKey, expecting: PeerExpectation) {
    self.identity = identity
    expectation = expecting
  }

  /// The accepting side.
  package init(acceptingAs identity: StaticKey) {
    self.identity = identity
    expectation = nil
  }

  /// Bytes that the connecting side sends before it has heard anything; empty on the accepting side.
  package func opening() -> [UInt8] {
    expectation.map { Preamble(pattern: Self.pattern(for: $0)).bytes } ?? []
  }

  /// What to send before closing after an error: a peer of another version is told this side's, by the preamble that
  /// every version can read.
  package func parting(after error: WireError) -> [UInt8] {
    guard expectation == nil, case .unsupportedTransport = error else { return [] }
    return Preamble(pattern: .xx).bytes
  }

  /// Takes bytes from the peer; after an error the connection must be closed.
  package mutating func receive(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Step {
    input.append(contentsOf: bytes)
    var step = Step(send: [])
    if !preambleDone {
      guard input.count >= Preamble.byteCount else { return step }
      let received = Array(input.prefix(Preamble.byteCount))
      input.removeFirst(Preamble.byteCount)
      step.send += try begin(received)
    }
    while step.session == nil {
      if try finish(&step) { break }
      guard let message = try takeMessage() else { break }
      guard try noise!.read(message).isEmpty else { throw .handshakeFailed(.wrongLength) }
      try checkPeer()
      if noise!.sendsNext { step.send += try writeMessage() }
    }
    return step
  }

  private mutating func finish(_ step: inout Step) throws(WireError) -> Bool {
    guard let noise, noise.isComplete, let peer = noise.remoteStatic else { return false }
    let ciphers = try noise.split()
    step.session = EstablishedSession(
      send: ciphers.send, receive: ciphers.receive, peer: peer,
      transcriptHash: noise.transcriptHash, surplus: input)
    input = []
    return true
  }

  /// Reads the peer's preamble, starts Noise and returns what has to be sent next.
  private mutating func begin(_ received: [UInt8]) throws(WireError) -> [UInt8] {
    let theirs = try Preamble(bytes: received)
    preambleDone = true
    guard let expectation else {
      noise = HandshakeState(
        theirs.pattern, side: .responder, staticKey: identity, prologue: received + theirs.bytes)
      return theirs.bytes
    }
    let pattern = Self.pattern(for: expectation)
    guard theirs.pattern == pattern else { throw .handshakeFailed(.unknownPattern) }
    var responderKey: PublicKey?
    if case .publicKey(let key) = expectation { responderKey = key }
    noise = HandshakeState(
      pattern, side: .initiator, staticKey: identity, prologue: theirs.bytes + received,
      responderKey: responderKey)
    return try writeMessage()
  }

  /// Checks the pinned fingerprint before this side reveals its own key.
  private func checkPeer() throws(WireError) {
    guard case .fingerprint(let expected) = expectation, let key = noise?.remoteStatic else {
      return
    }
    guard key.fingerprint == expected else {
      throw .wrongPeerKey(expected: expected, found: key.fingerprint)
    }
  }

  private mutating func writeMessage() throws(WireError) -> [UInt8] {
    let message = try noise!.write()
    return [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
  }

  private mutating func takeMessage() throws(WireError) -> [UInt8]? {
    guard input.count >= 2 else { return nil }
    let length = Int(input[0]) << 8 | Int(input[1])
    guard length <= Self.maximumMessage else { throw .handshakeFailed(.wrongLength) }
    guard input.count >= 2 + length else { return nil }
    defer { input.removeFirst(2 + length) }
    return Array(input[2..<2 + length])
  }

  private static func pattern(for expectation: PeerExpectation) -> HandshakePattern {
    switch expectation {
    case .fingerprint: .xx
    case .publicKey: .ik
    }
  }
}
