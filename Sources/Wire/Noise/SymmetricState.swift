/// The transcript hash, the chaining key and the current cipher of a handshake (Noise, section 5.2).
struct SymmetricState {
  private var cipher = CipherState(key: nil)
  private var chainingKey: SecretBytes
  /// Hash of everything both sides have seen.
  private(set) var hash: [UInt8]

  /// Starts from the protocol's name, which must have at most 32 bytes or is hashed.
  init(protocolName: String) {
    let name = Array(protocolName.utf8)
    hash =
      name.count <= Digest.byteCount
      ? name + [UInt8](repeating: 0, count: Digest.byteCount - name.count)
      : Digest(of: name).bytes
    chainingKey = SecretBytes(hash)
  }

  /// h = SHA-256(h | data)
  mutating func mixHash(_ data: some Sequence<UInt8>) {
    var hasher = DigestHasher()
    hasher.update(hash)
    hasher.update(data)
    hash = hasher.finish().bytes
  }

  /// (ck, k) = HKDF(ck, input)
  mutating func mixKey(_ input: SecretBytes) {
    let (next, key) = Self.expand(chainingKey, input)
    chainingKey = next
    cipher = CipherState(key: key)
  }

  /// Appends the encryption of `plaintext` with the transcript as associated data, and mixes it in.
  mutating func encryptAndHash(
    _ plaintext: [UInt8], into output: inout [UInt8]
  ) throws(WireError) {
    let start = output.count
    try cipher.encrypt(plaintext[...], associatedData: hash, into: &output)
    mixHash(output[start...])
  }

  /// The decryption of `ciphertext` with the transcript as associated data; mixes it in.
  mutating func decryptAndHash(_ ciphertext: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
    var plaintext: [UInt8] = []
    do {
      try cipher.decrypt(ciphertext, associatedData: hash, into: &plaintext)
    } catch {
      throw .handshakeFailed(.notAuthentic)
    }
    mixHash(ciphertext)
    return plaintext
  }

  /// Bytes by which the current cipher lengthens a message.
  var overhead: Int { cipher.hasKey ? Sodium.tagBytes : 0 }

  /// The two transport ciphers: initiator to responder first.
  func split() -> (CipherState, CipherState) {
    let (first, second) = Self.expand(chainingKey, nil)
    return (CipherState(key: first), CipherState(key: second))
  }

  /// HKDF with two outputs (section 4.3); nil stands for empty input.
  private static func expand(
    _ key: SecretBytes, _ input: SecretBytes?
  ) -> (SecretBytes, SecretBytes) {
    let temporary = Sodium.hmacSHA256(key: key, secret: input, bytes: [])
    let first = Sodium.hmacSHA256(key: temporary, secret: nil, bytes: [1])
    return (first, Sodium.hmacSHA256(key: temporary, secret: first, bytes: [2]))
  }
}
