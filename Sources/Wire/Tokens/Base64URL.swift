/// The URL-safe base64 alphabet without padding (RFC 4648, section 5), strict in both directions.
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The text form of the bytes.
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var window: UInt32 = 0
    var bits = 0
    for byte in bytes {
      window = window << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(window >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(window << UInt32(6 - bits) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil on foreign characters, impossible lengths and unused bits that are not zero.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var window: UInt32 = 0
    var bits = 0
    for character in text.utf8 {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      window = window << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(bits)))
      }
    }
    guard bits < 6, window & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return bytes
  }
}
