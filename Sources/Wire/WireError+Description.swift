extension WireError: CustomStringConvertible {
  /// One line for a terminal or a log.
  package var description: String {
    switch self {
    case .invalidAddress(let text, let reason): "\"\(text)\" is not an address: \(reason)"
    case .cannotResolve(let host, let reason): "cannot resolve \"\(host)\": \(reason)"
    case .cannotConnect(let endpoint, let reason): "cannot connect to \(endpoint): \(reason)"
    case .cannotListen(let endpoint, let reason): "cannot listen on \(endpoint): \(reason)"
    case .timedOut(.connect): "timed out while connecting"
    case .timedOut(.handshake): "the peer did not finish the handshake in time"
    case .timedOut(.receive): "timed out while waiting for a message"
    case .timedOut(.send): "timed out while sending: the peer does not read"
    case .closedByPeer: "the peer closed the connection"
    case .truncated(let phase):
      "the connection ended in the middle of a message (\(phase.rawValue))"
    case .closedLocally: "the connection is closed"
    case .connectionLost(let reason): "the connection was lost: \(reason)"
    case .notThisProtocol: "the peer does not speak the ezkl protocol"
    case .unsupportedTransport(let expected, let found):
      "the peer speaks transport version \(found), this program version \(expected); use the same release on both sides"
    case .handshakeFailed(let fault): "the handshake failed: \(fault.rawValue)"
    case .wrongPeerKey(let expected, let found):
      "the peer's key has fingerprint \(found.hex), expected \(expected.hex)"
    case .decryptionFailed: "a record was altered, replayed or reordered on its way"
    case .nonceExhausted: "the session's key is used up"
    case .malformedRecord(let length): "a record of \(length) bytes is malformed"
    case .frameTooLarge(let found, let limit):
      "a frame of \(found) bytes is larger than the limit of \(limit)"
    case .malformedFrame(let reason): "malformed frame: \(reason)"
    case .decompressedTooLarge(let found, let limit):
      "a payload would decompress to \(found) bytes, above the limit of \(limit)"
    case .corruptCompression: "a compressed payload is corrupt"
    case .unknownMessage(let type): "unknown message type \(type)"
    case .messageNotAllowed(let name):
      "the peer sent a message that is not for it to send (\(name))"
    case .malformedMessage(let name, let reason): "malformed \(name) message: \(reason)"
    case .fieldTooLong(let field, let found, let limit):
      "\(field) has \(found) bytes, the limit is \(limit)"
    case .unsupportedProtocol(let expected, let found):
      "the peer speaks protocol version \(found), this program version \(expected); use the same release on both sides"
    case .keyFile(let path, let reason): "key file \(path): \(reason)"
    case .invalidToken(let fault): "the token is not valid: \(fault.rawValue)"
    case .digestMismatch(let expected, let found):
      "the data received for \(expected.hex) has digest \(found.hex)"
    case .artifactTooLarge(let found, let limit):
      "an artifact of \(found) bytes is larger than the limit of \(limit)"
    case .unexpectedPiece(let digest, let expected, let found):
      "artifact \(digest.hex): a piece at offset \(found) instead of \(expected)"
    case .inconsistentPiece(let digest, let reason): "artifact \(digest.hex): \(reason)"
    case .artifactMissing(let digest): "artifact \(digest.hex) is not there"
    case .storageFull(let path, let needed, let available):
      "no room in \(path): \(needed) bytes needed, \(available) available"
    case .outOfDescriptors(let path, let operation):
      "cannot \(operation) \(path): too many files are open"
    case .storage(let path, let operation, let reason): "cannot \(operation) \(path): \(reason)"
    }
  }
}
