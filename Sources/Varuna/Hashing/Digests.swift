import CBlake2
import CSodium

/// SHA-256, from libsodium.
package enum SHA256 {
  /// The 32-byte digest of a byte string.
  package static func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var hash = SHA256.Incremental()
    hash.update(bytes)
    return hash.finalize()
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package static func hex(_ bytes: some Collection<UInt8>) -> String {
    Hexadecimal.encode(digest(bytes))
  }

  /// A digest of data that arrives in pieces.
  package struct Incremental {
    private var state = crypto_hash_sha256_state()

    package init() {
      crypto_hash_sha256_init(&state)
    }

    /// Appends bytes to the hashed string.
    package mutating func update(_ bytes: some Collection<UInt8>) {
      let done: Void? = bytes.withContiguousStorageIfAvailable { buffer in
        _ = crypto_hash_sha256_update(&state, buffer.baseAddress, UInt64(buffer.count))
      }
      if done == nil {
        Array(bytes).withUnsafeBufferPointer { buffer in
          _ = crypto_hash_sha256_update(&state, buffer.baseAddress, UInt64(buffer.count))
        }
      }
    }

    /// The digest of everything so far; the state is used up.
    package mutating func finalize() -> [UInt8] {
      var output = [UInt8](repeating: 0, count: 32)
      crypto_hash_sha256_final(&state, &output)
      return output
    }
  }
}

/// SHA-512, from libsodium.
package enum SHA512 {
  /// The 64-byte digest of a byte string.
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: 64)
    crypto_hash_sha512(&output, bytes, UInt64(bytes.count))
    return output
  }
}

/// Blake2s-256 without key, from libb2, for data that arrives in pieces.
struct Blake2s {
  private var state = blake2s_state()

  init() {
    blake2s_init(&state, 32)
  }

  mutating func update(_ bytes: [UInt8]) {
    blake2s_update(&state, bytes, bytes.count)
  }

  mutating func finalize() -> [UInt8] {
    var output = [UInt8](repeating: 0, count: 32)
    blake2s_final(&state, &output, 32)
    return output
  }
}

/// Lower-case hexadecimal text.
package enum Hexadecimal {
  /// Two digits per byte.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text, nil if it has an odd length or other characters than hexadecimal digits.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 2)
    for i in stride(from: 0, to: characters.count, by: 2) {
      guard let high = value(characters[i]), let low = value(characters[i + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
