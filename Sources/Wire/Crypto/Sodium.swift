import CSodium

/// The one place that calls libsodium: X25519, ChaCha20-Poly1305, SHA-256, HMAC and randomness.
///
/// Every entry point first makes sure that the library is initialised. No C type leaves this file's callers.
package enum Sodium {
  /// Initialises the library once; stops the program if the system has no usable randomness.
  static let ready: Void = {
    precondition(sodium_init() >= 0, "libsodium could not be initialised")
  }()

  /// The library's version.
  package static var version: String { String(cString: sodium_version_string()) }

  /// The SHA-256 digest of the bytes.
  package static func sha256(_ bytes: [UInt8]) -> Digest {
    var hasher = DigestHasher()
    hasher.update(bytes)
    return hasher.finish()
  }

  /// `count` bytes from the system's generator.
  package static func randomBytes(_ count: Int) -> [UInt8] {
    _ = ready
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
      if let base = buffer.baseAddress { randombytes_buf(base, count) }
      initialised = count
    }
  }

  /// Equality whose duration depends on the lengths only.
  package static func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    _ = ready
    return a.count == b.count && (a.isEmpty || sodium_memcmp(a, b, a.count) == 0)
  }

  /// Overwrites the bytes with zeros in a way that the compiler keeps.
  static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
      if let base = buffer.baseAddress { sodium_memzero(base, buffer.count) }
    }
  }

  /// HMAC-SHA-256 of `secret` followed by `bytes` (RFC 2104).
  static func hmacSHA256(key: SecretBytes, secret: SecretBytes?, bytes: [UInt8]) -> SecretBytes {
    _ = ready
    var state = crypto_auth_hmacsha256_state()
    key.withBytes { _ = crypto_auth_hmacsha256_init(&state, $0.baseAddress!, $0.count) }
    secret?.withBytes {
      _ = crypto_auth_hmacsha256_update(&state, $0.baseAddress!, UInt64($0.count))
    }
    if !bytes.isEmpty { crypto_auth_hmacsha256_update(&state, bytes, UInt64(bytes.count)) }
    let mac = SecretBytes(count: Int(crypto_auth_hmacsha256_BYTES)) {
      _ = crypto_auth_hmacsha256_final(&state, $0.baseAddress!)
    }
    withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress!, $0.count) }
    return mac
  }

  /// HMAC-SHA-256 of `bytes` (RFC 2104) under a key of any length that is in ordinary memory.
  package static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    _ = ready
    var state = crypto_auth_hmacsha256_state()
    crypto_auth_hmacsha256_init(&state, key, key.count)
    crypto_auth_hmacsha256_update(&state, bytes, UInt64(bytes.count))
    var mac = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
    crypto_auth_hmacsha256_final(&state, &mac)
    withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress!, $0.count) }
    return mac
  }

  /// The X25519 public key of a private key (RFC 7748).
  static func x25519PublicKey(_ privateKey: SecretBytes) -> PublicKey {
    _ = ready
    var point = [UInt8](repeating: 0, count: PublicKey.byteCount)
    privateKey.withBytes { _ = crypto_scalarmult_curve25519_base(&point, $0.baseAddress!) }
    return PublicKey(bytes: point)!
  }

  /// The X25519 shared secret, or nil where it is all zero because the point has small order.
  static func x25519(_ privateKey: SecretBytes, _ publicKey: PublicKey) -> SecretBytes? {
    _ = ready
    var status: Int32 = -1
    let shared = SecretBytes(count: PublicKey.byteCount) { out in
      privateKey.withBytes { secret in
        status = crypto_scalarmult_curve25519(
          out.baseAddress!, secret.baseAddress!, publicKey.bytes)
      }
    }
    return status == 0 ? shared : nil
  }

  /// Bytes that ChaCha20-Poly1305 adds to a message.
  static let tagBytes = Int(crypto_aead_chacha20poly1305_ietf_ABYTES)

  /// ChaCha20-Poly1305 encryption (RFC 8439), appended to `output` with its 16-byte tag.
  static func seal(
    _ plaintext: ArraySlice<UInt8>, associatedData: [UInt8], nonce: [UInt8], key: SecretBytes,
    into output: inout [UInt8]
  ) {
    _ = ready
    assert(nonce.count == Int(crypto_aead_chacha20poly1305_ietf_NPUBBYTES))
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: plaintext.count + tagBytes))
    output.withUnsafeMutableBufferPointer { out in
      plaintext.withUnsafeBufferPointer { message in
        key.withBytes { key in
          _ = crypto_aead_chacha20poly1305_ietf_encrypt(
            out.baseAddress! + start, nil, message.baseAddress, UInt64(message.count),
            associatedData, UInt64(associatedData.count), nil, nonce, key.baseAddress!)
        }
      }
    }
  }

  /// ChaCha20-Poly1305 decryption, appended to `output`; false, and nothing appended, if not authentic.
  static func open(
    _ ciphertext: ArraySlice<UInt8>, associatedData: [UInt8], nonce: [UInt8], key: SecretBytes,
    into output: inout [UInt8]
  ) -> Bool {
    _ = ready
    assert(nonce.count == Int(crypto_aead_chacha20poly1305_ietf_NPUBBYTES))
    guard ciphertext.count >= tagBytes else { return false }
    let start = output.count
    // One spare byte: the destination must have an address even where the plaintext is empty.
    output.append(contentsOf: repeatElement(0, count: ciphertext.count - tagBytes + 1))
    let status = output.withUnsafeMutableBufferPointer { out in
      ciphertext.withUnsafeBufferPointer { message in
        key.withBytes { key in
          crypto_aead_chacha20poly1305_ietf_decrypt(
            out.baseAddress! + start, nil, nil, message.baseAddress!, UInt64(message.count),
            associatedData, UInt64(associatedData.count), nonce, key.baseAddress!)
        }
      }
    }
    output.removeLast(status == 0 ? 1 : output.count - start)
    return status == 0
  }
}
