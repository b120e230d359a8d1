/// Everything that can go wrong on the wire, with what was expected and what was found.
///
/// Texts never contain keys, token secrets or message contents, so they may be logged and shown.
package enum WireError: Error, Equatable, Sendable {
  // Addresses and sockets.
  /// A text that is not HOST:PORT.
  case invalidAddress(text: String, reason: String)
  /// The host name has no address.
  case cannotResolve(host: String, reason: String)
  /// No address of the host accepted a connection.
  case cannotConnect(endpoint: String, reason: String)
  /// The listening socket could not be opened.
  case cannotListen(endpoint: String, reason: String)
  /// A deadline passed; `phase` says which.
  case timedOut(WirePhase)
  /// The other side ended the connection between two messages.
  case closedByPeer
  /// The other side ended the connection in the middle of something.
  case truncated(WirePhase)
  /// This side closed the connection.
  case closedLocally
  /// The operating system reported an error on an open connection.
  case connectionLost(reason: String)

  // Handshake.
  /// The peer does not speak this protocol at all.
  case notThisProtocol
  /// The peer speaks another version of the transport.
  case unsupportedTransport(expected: UInt8, found: UInt8)
  /// The Noise handshake failed.
  case handshakeFailed(HandshakeFault)
  /// The peer authenticated with a key other than the pinned one; both given as fingerprints.
  case wrongPeerKey(expected: Digest, found: Digest)

  // Session.
  /// A record was altered, replayed, reordered or dropped.
  case decryptionFailed
  /// A cipher key was used for the largest possible number of messages.
  case nonceExhausted
  /// A record on the wire is too short to carry an authentication tag or holds no data.
  case malformedRecord(length: Int)
  /// A frame announces a payload above the limit.
  case frameTooLarge(found: Int, limit: Int)
  /// A frame carries flags or a header that this version does not know.
  case malformedFrame(reason: String)
  /// A compressed payload announces a size above the limit.
  case decompressedTooLarge(found: UInt64, limit: Int)
  /// A compressed payload does not decompress to the size it announces.
  case corruptCompression

  // Messages.
  /// A frame type that this version does not know.
  case unknownMessage(type: UInt8)
  /// A message that this peer has no business to send.
  case messageNotAllowed(name: String)
  /// A message whose bytes do not follow its layout.
  case malformedMessage(name: String, reason: String)
  /// A field of a message to be sent is longer than the protocol allows.
  case fieldTooLong(field: String, found: Int, limit: Int)
  /// The peer's hello carries another protocol version.
  case unsupportedProtocol(expected: UInt16, found: UInt16)

  // Keys and tokens.
  /// The private key file cannot be used.
  case keyFile(path: String, reason: String)
  /// The token text cannot be used.
  case invalidToken(TokenFault)

  // Artifacts.
  /// The bytes received under a digest hash to something else.
  case digestMismatch(expected: Digest, found: Digest)
  /// An artifact is larger than the store accepts.
  case artifactTooLarge(found: UInt64, limit: UInt64)
  /// A piece does not continue what was received so far.
  case unexpectedPiece(digest: Digest, expectedOffset: UInt64, foundOffset: UInt64)
  /// A piece contradicts the announced total size.
  case inconsistentPiece(digest: Digest, reason: String)
  /// The store does not hold this artifact.
  case artifactMissing(Digest)
  /// The disk (or the store's budget) has no room; sizes in bytes.
  case storageFull(path: String, needed: UInt64, available: UInt64)
  /// This process, or the machine, has as many files and sockets open as it may.
  case outOfDescriptors(path: String, operation: String)
  /// The file system refused an operation.
  case storage(path: String, operation: String, reason: String)
}

/// The part of a connection's life in which something happened.
package enum WirePhase: String, Equatable, Sendable {
  /// Opening the TCP connection.
  case connect
  /// From accepting the TCP connection until the peer is admitted.
  case handshake
  /// Waiting for the next message.
  case receive
  /// Handing bytes to a peer that does not read them.
  case send
}

/// Why a Noise handshake failed.
package enum HandshakeFault: String, Equatable, Sendable {
  /// A handshake message has the wrong length.
  case wrongLength = "a handshake message has the wrong length"
  /// A handshake message does not decrypt under the keys agreed so far.
  case notAuthentic = "a handshake message is not authentic"
  /// A Diffie-Hellman result is all zero: the peer sent a point of small order.
  case lowOrderPoint = "the peer sent a key of small order"
  /// The peer asked for a handshake pattern that is not supported.
  case unknownPattern = "the peer asked for an unknown handshake pattern"
  /// The handshake was driven out of order by its caller.
  case outOfOrder = "the handshake messages are out of order"
  /// The peer hung up during the handshake.
  case hungUp = "the peer closed the connection during the handshake"
}

/// Why a token text cannot be used.
package enum TokenFault: String, Equatable, Sendable {
  /// It does not start with the prefix of tokens.
  case notAToken = "it does not start with \"ezkl1.\""
  /// It contains characters outside the base64url alphabet.
  case badCharacters = "it contains characters that no token has"
  /// The checksum does not match: a typing or copying error.
  case checksum = "its checksum does not match (was it copied completely?)"
  /// The checksum matches but the contents do not follow the layout.
  case malformed = "its contents are malformed"
}
