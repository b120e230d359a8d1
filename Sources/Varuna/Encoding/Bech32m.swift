/// Bech32m text (BIP 350) without its length limit; Aleo writes proofs with the prefix "proof".
public enum Bech32m {
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let constant: UInt32 = 0x2BC8_30A3

  /// The text of a byte string.
  public static func encode(prefix: String, _ bytes: [UInt8]) -> String {
    let values = regroup(bytes, from: 8, to: 5, padding: true) ?? []
    let head = expanded(Array(prefix.utf8))
    let check = checksum(head + values + [UInt8](repeating: 0, count: 6)) ^ constant
    let tail = (0..<6).map { UInt8(check >> UInt32(5 * (5 - $0)) & 31) }
    return prefix + "1"
      + String(decoding: (values + tail).map { alphabet[Int($0)] }, as: UTF8.self)
  }

  /// The bytes of a text with this prefix.
  public static func decode(prefix: String, _ text: String) throws(VarunaError) -> [UInt8] {
    func failure(_ reason: String) -> VarunaError { .encoding(what: "bech32m", reason: reason) }
    let characters = Array(text.utf8)
    let head = Array(prefix.utf8) + [UInt8(ascii: "1")]
    guard characters.starts(with: head) else { throw failure("prefix is not \(prefix)") }
    var values: [UInt8] = []
    for character in characters.dropFirst(head.count) {
      guard let value = alphabet.firstIndex(of: character) else {
        throw failure("an unknown character")
      }
      values.append(UInt8(value))
    }
    guard values.count >= 6, checksum(expanded(Array(prefix.utf8)) + values) == constant else {
      throw failure("checksum")
    }
    guard let bytes = regroup(values.dropLast(6), from: 5, to: 8, padding: false) else {
      throw failure("padding")
    }
    return bytes
  }

  private static func expanded(_ prefix: [UInt8]) -> [UInt8] {
    prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
  }

  private static func checksum(_ values: [UInt8]) -> UInt32 {
    let generators: [UInt32] = [
      0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
    ]
    var check: UInt32 = 1
    for value in values {
      let top = check >> 25
      check = (check & 0x1FF_FFFF) << 5 ^ UInt32(value)
      for (i, generator) in generators.enumerated() where top >> UInt32(i) & 1 == 1 {
        check ^= generator
      }
    }
    return check
  }

  /// Regroups bits; without padding, left-over bits must be fewer than `from` and zero, else nil.
  private static func regroup(
    _ data: some Sequence<UInt8>, from: Int, to: Int, padding: Bool
  ) -> [UInt8]? {
    var accumulator: UInt32 = 0
    var bits = 0
    var out: [UInt8] = []
    for value in data {
      accumulator = accumulator << UInt32(from) | UInt32(value)
      bits += from
      while bits >= to {
        bits -= to
        out.append(UInt8(accumulator >> UInt32(bits) & (1 << UInt32(to) - 1)))
      }
      accumulator &= 1 << UInt32(bits) - 1
    }
    if padding {
      if bits > 0 { out.append(UInt8(accumulator << UInt32(to - bits))) }
    } else if bits >= from || accumulator != 0 {
      return nil
    }
    return out
  }
}
