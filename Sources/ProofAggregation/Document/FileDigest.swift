import Varuna

/// A SHA-256, written as 64 hexadecimal digits.
public struct FileDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Precondition: 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 32)
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    guard let bytes = Hexadecimal.decode(hex), bytes.count == 32 else { return nil }
    self.init(bytes: bytes)
  }

  /// The digest of some bytes.
  public init(of bytes: some Collection<UInt8>) { self.init(bytes: SHA256.digest(bytes)) }

  /// 64 hexadecimal digits.
  public var hex: String { Hexadecimal.encode(bytes) }
  /// 64 hexadecimal digits.
  public var description: String { hex }

  /// Decodes a string of 64 hexadecimal digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = Self(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not 64 hexadecimal digits")
    }
    self = digest
  }

  /// Encodes the digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
