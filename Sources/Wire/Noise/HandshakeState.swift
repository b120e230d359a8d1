/// One side of a Noise handshake: pure, messages in, messages out (Noise revision 34, section 5.3).
package struct HandshakeState {
  /// Which side this is.
  package enum Side: Sendable {
    case initiator, responder
  }

  private let side: Side
  private let staticKey: StaticKey
  private let ephemeral: StaticKey
  private var symmetric: SymmetricState
  private var remaining: ArraySlice<[HandshakePattern.Token]>
  private var isMyTurn: Bool
  /// Set while a message is worked on, so that it stays set when one fails.
  private var isBroken = false
  private var remoteEphemeral: PublicKey?

  /// The peer's static key, as soon as it is known; proven to be the peer's only at the end.
  package private(set) var remoteStatic: PublicKey?

  /// Begins a handshake.
  ///
  /// - Parameters:
  ///   - responderKey: the responder's static key, needed by the initiator of patterns that know it.
  ///   - ephemeral: fresh for every handshake; given only by tests with published vectors.
  package init(
    _ pattern: HandshakePattern, side: Side, staticKey: StaticKey, prologue: [UInt8],
    responderKey: PublicKey? = nil, ephemeral: StaticKey = .generate()
  ) {
    self.side = side
    self.staticKey = staticKey
    self.ephemeral = ephemeral
    remaining = pattern.messages[...]
    isMyTurn = side == .initiator
    symmetric = SymmetricState(protocolName: pattern.protocolName)
    symmetric.mixHash(prologue)
    if pattern.needsResponderKey {
      let known = side == .initiator ? responderKey : staticKey.publicKey
      guard let known else { preconditionFailure("this pattern needs the responder's key") }
      symmetric.mixHash(known.bytes)
      if side == .initiator { remoteStatic = known }
    }
  }

  /// Whether all messages have been exchanged.
  package var isComplete: Bool { remaining.isEmpty && !isBroken }

  /// Whether this side sends the next message.
  package var sendsNext: Bool { isMyTurn && !remaining.isEmpty && !isBroken }

  /// Hash of the whole handshake: the same on both sides, and unique.
  package var transcriptHash: [UInt8] { symmetric.hash }

  /// The next message to send.
  package mutating func write(payload: [UInt8] = []) throws(WireError) -> [UInt8] {
    guard sendsNext, let tokens = remaining.popFirst() else {
      throw .handshakeFailed(.outOfOrder)
    }
    isBroken = true
    var message: [UInt8] = []
    for token in tokens {
      switch token {
      case .e:
        message.append(contentsOf: ephemeral.publicKey.bytes)
        symmetric.mixHash(ephemeral.publicKey.bytes)
      case .s: try symmetric.encryptAndHash(staticKey.publicKey.bytes, into: &message)
      default: try mix(token)
      }
    }
    try symmetric.encryptAndHash(payload, into: &message)
    guard message.count <= CipherState.maximumMessage else {
      throw .handshakeFailed(.wrongLength)
    }
    isMyTurn = false
    isBroken = false
    return message
  }

  /// Takes the peer's next message and returns its payload; after an error the handshake is over.
  package mutating func read(_ message: [UInt8]) throws(WireError) -> [UInt8] {
    guard !isMyTurn, !isBroken, let tokens = remaining.popFirst() else {
      throw .handshakeFailed(.outOfOrder)
    }
    isBroken = true
    guard message.count <= CipherState.maximumMessage else {
      throw .handshakeFailed(.wrongLength)
    }
    var rest = message[...]
    for token in tokens {
      switch token {
      case .e:
        let key = PublicKey(bytes: try Self.take(PublicKey.byteCount, &rest))!
        remoteEphemeral = key
        symmetric.mixHash(key.bytes)
      case .s:
        let part = try Self.take(PublicKey.byteCount + symmetric.overhead, &rest)
        remoteStatic = PublicKey(bytes: try symmetric.decryptAndHash(part))!
      default: try mix(token)
      }
    }
    guard rest.count >= symmetric.overhead else { throw .handshakeFailed(.wrongLength) }
    let payload = try symmetric.decryptAndHash(rest)
    isMyTurn = true
    isBroken = false
    return payload
  }

  /// The ciphers of the finished handshake, for sending and for receiving.
  package func split() throws(WireError) -> (send: CipherState, receive: CipherState) {
    guard isComplete else { throw .handshakeFailed(.outOfOrder) }
    let (first, second) = symmetric.split()
    return side == .initiator ? (first, second) : (second, first)
  }

  /// Mixes in one Diffie-Hellman result; the first letter of a token is the initiator's key.
  private mutating func mix(_ token: HandshakePattern.Token) throws(WireError) {
    let initiatorIsStatic = token == .se || token == .ss
    let responderIsStatic = token == .es || token == .ss
    let (mineIsStatic, theirsIsStatic) =
      side == .initiator
      ? (initiatorIsStatic, responderIsStatic) : (responderIsStatic, initiatorIsStatic)
    let mine = mineIsStatic ? staticKey : ephemeral
    guard let theirs = theirsIsStatic ? remoteStatic : remoteEphemeral else {
      throw .handshakeFailed(.outOfOrder)
    }
    guard let shared = mine.agree(with: theirs) else { throw .handshakeFailed(.lowOrderPoint) }
    symmetric.mixKey(shared)
  }

  private static func take(
    _ count: Int, _ rest: inout ArraySlice<UInt8>
  ) throws(WireError) -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw .handshakeFailed(.wrongLength) }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
