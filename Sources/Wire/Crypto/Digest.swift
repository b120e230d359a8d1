/// A SHA-256 digest: the name of an artifact, of a program, of a public key.
package struct Digest: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  /// Bytes in a digest.
  package static let byteCount = 32

  private let storage: Bytes32

  /// Nil unless there are exactly 32 bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard let storage = Bytes32(bytes) else { return nil }
    self.storage = storage
  }

  /// Nil unless the text is 64 hexadecimal digits.
  package init?(hex: some StringProtocol) {
    guard hex.utf8.count == 2 * Self.byteCount, let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The digest of the given bytes.
  package init(of bytes: [UInt8]) {
    self = Sodium.sha256(bytes)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { storage.bytes }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { Hex.encode(bytes) }

  /// The hexadecimal form.
  package var description: String { hex }

  /// Bytewise order.
  package static func < (a: Digest, b: Digest) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }

  /// Reads the hexadecimal form.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = Digest(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a digest has 64 hexadecimal digits")
    }
    self = digest
  }

  /// Writes the hexadecimal form.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
