/// Every bound that protects a node from its peers.
package struct WireLimits: Sendable {
  /// Largest stored payload of a frame, in bytes.
  package var maximumFramePayload = 16 << 20
  /// Largest payload after decompression, in bytes.
  package var maximumDecompressedPayload = 64 << 20
  /// Payloads from this size on are compressed, in bytes, if that makes them smaller.
  package var compressionThreshold = 512
  /// Time from the TCP connection to the admission of the peer.
  package var handshakeDeadline = Duration.seconds(10)
  /// Connections that a listener holds open whose peers have not been admitted.
  package var maximumUnauthenticatedConnections = 512
  /// Time without any message after which a peer counts as gone.
  package var idleTimeout = Duration.seconds(120)
  /// Time for the peer to take the bytes of one message.
  package var sendDeadline = Duration.seconds(60)
  /// Time that a closing side waits for the peer to read its last message.
  package var lingerDeadline = Duration.seconds(2)
  /// Time to open a TCP connection, over all addresses of the host. Short: a lost first packet is sent again after 1 s and
  /// 3 s, then after 7 s; a new attempt is sooner.
  package var connectDeadline = Duration.seconds(5)
  /// Records after which each direction changes its key. Both sides must agree on it.
  package var rekeyInterval: UInt64 = 1 << 16

  /// The limits of the protocol.
  package static let standard = WireLimits()

  /// The limits of the protocol, to be changed.
  package init() {}
}
