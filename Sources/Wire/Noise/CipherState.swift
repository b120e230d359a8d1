/// A key and a message counter (Noise revision 34, section 5.1).
package struct CipherState: Sendable {
  /// The largest nonce is reserved for rekeying; a message never uses it.
  package static let reservedNonce = UInt64.max
  /// Largest ciphertext of a Noise message, in bytes.
  package static let maximumMessage = 65535
  /// Largest plaintext of a Noise message, in bytes.
  package static let maximumPlaintext = maximumMessage - Sodium.tagBytes

  private var key: SecretBytes?
  /// Number of messages encrypted or decrypted so far.
  package private(set) var nonce: UInt64

  /// `key` nil means that data passes through unencrypted, as in the first handshake message.
  init(key: SecretBytes?, nonce: UInt64 = 0) {
    self.key = key
    self.nonce = nonce
  }

  /// A cipher with 32 bytes of key and a given counter.
  package init(keyBytes: [UInt8], nonce: UInt64) {
    precondition(keyBytes.count == 32)
    self.init(key: SecretBytes(keyBytes), nonce: nonce)
  }

  /// Whether a key has been set.
  var hasKey: Bool { key != nil }

  /// Appends the ciphertext of `plaintext` and counts the message.
  package mutating func encrypt(
    _ plaintext: ArraySlice<UInt8>, associatedData: [UInt8] = [], into output: inout [UInt8]
  ) throws(WireError) {
    guard let key else {
      output.append(contentsOf: plaintext)
      return
    }
    guard nonce != Self.reservedNonce else { throw .nonceExhausted }
    Sodium.seal(
      plaintext, associatedData: associatedData, nonce: Self.nonceBytes(nonce), key: key,
      into: &output)
    nonce += 1
  }

  /// Appends the plaintext of `ciphertext` and counts the message; a forgery changes nothing.
  package mutating func decrypt(
    _ ciphertext: ArraySlice<UInt8>, associatedData: [UInt8] = [], into output: inout [UInt8]
  ) throws(WireError) {
    guard let key else {
      output.append(contentsOf: ciphertext)
      return
    }
    guard nonce != Self.reservedNonce else { throw .nonceExhausted }
    guard
      Sodium.open(
        ciphertext, associatedData: associatedData, nonce: Self.nonceBytes(nonce), key: key,
        into: &output)
    else { throw .decryptionFailed }
    nonce += 1
  }

  /// Replaces the key by the encryption of zeros under the reserved nonce; the counter goes on.
  package mutating func rekey() {
    guard let key else { preconditionFailure("rekey needs a key") }
    var next: [UInt8] = []
    Sodium.seal(
      ArraySlice(repeating: 0, count: 32), associatedData: [],
      nonce: Self.nonceBytes(Self.reservedNonce), key: key, into: &next)
    self.key = SecretBytes(next.prefix(32))
    Sodium.wipe(&next)
  }

  /// ChaChaPoly's nonce: 32 zero bits, then the counter in little-endian order (section 12.3).
  private static func nonceBytes(_ counter: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 12) { buffer, count in
      for i in 0..<4 { buffer.initializeElement(at: i, to: 0) }
      for i in 0..<8 {
        buffer.initializeElement(at: 4 + i, to: UInt8(truncatingIfNeeded: counter >> UInt64(8 * i)))
      }
      count = 12
    }
  }
}
