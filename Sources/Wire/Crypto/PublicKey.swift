/// A node's X25519 public key: its identity on the network.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  /// Bytes in a public key.
  package static let byteCount = 32

  private let storage: Bytes32

  /// Nil unless there are exactly 32 bytes. Points of small order are refused later, when used.
  package init?(bytes: some Collection<UInt8>) {
    guard let storage = Bytes32(bytes) else { return nil }
    self.storage = storage
  }

  /// Nil unless the text is 64 hexadecimal digits.
  package init?(hex: some StringProtocol) {
    guard hex.utf8.count == 2 * Self.byteCount, let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { storage.bytes }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { Hex.encode(bytes) }

  /// SHA-256 of the 32 bytes: what tokens pin and people compare.
  package var fingerprint: Digest { Sodium.sha256(bytes) }

  /// The hexadecimal form.
  package var description: String { hex }
}
