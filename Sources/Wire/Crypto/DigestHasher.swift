import CSodium

/// SHA-256 over data that arrives in parts (FIPS 180-4).
package struct DigestHasher: Sendable {
  private var state = crypto_hash_sha256_state()

  /// The digest of nothing, so far.
  package init() {
    _ = Sodium.ready
    crypto_hash_sha256_init(&state)
  }

  /// Continues with the given bytes.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { buffer in
      guard let base = buffer.baseAddress else { return }
      crypto_hash_sha256_update(&state, base, UInt64(buffer.count))
    }
    if done == nil {
      let copy = Array(bytes)
      crypto_hash_sha256_update(&state, copy, UInt64(copy.count))
    }
  }

  /// The digest of everything so far; more may follow.
  package func finish() -> Digest {
    var copy = state
    var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
    crypto_hash_sha256_final(&copy, &bytes)
    return Digest(bytes: bytes)!
  }
}
