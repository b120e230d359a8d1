/// The first eight bytes of each direction: what follows is this protocol, in this version.
///
/// Both preambles, the initiator's first, are the prologue of the Noise handshake, so that nobody can
/// change them on the way.
package struct Preamble: Equatable, Sendable {
  /// Version of preamble, handshake, records and frames.
  package static let transportVersion: UInt8 = 1
  /// Bytes in a preamble.
  package static let byteCount = 8
  private static let magic = Array("EZKL".utf8)

  /// The pattern of the handshake that follows.
  package var pattern: HandshakePattern

  /// Announces a pattern.
  package init(pattern: HandshakePattern) { self.pattern = pattern }

  /// Magic (4), version (1), pattern (1), zero (2).
  package var bytes: [UInt8] {
    Self.magic + [Self.transportVersion, pattern.rawValue, 0, 0]
  }

  /// Reads exactly eight bytes.
  package init(bytes: [UInt8]) throws(WireError) {
    guard bytes.count == Self.byteCount, Array(bytes.prefix(4)) == Self.magic else {
      throw .notThisProtocol
    }
    guard bytes[4] == Self.transportVersion else {
      throw .unsupportedTransport(expected: Self.transportVersion, found: bytes[4])
    }
    guard let pattern = HandshakePattern(rawValue: bytes[5]), bytes[6] == 0, bytes[7] == 0 else {
      throw .handshakeFailed(.unknownPattern)
    }
    self.pattern = pattern
  }
}
