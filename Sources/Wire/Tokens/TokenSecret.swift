/// The secret part of a join token: 32 random bytes, never printed, compared in constant time.
package struct TokenSecret: Equatable, Sendable, CustomStringConvertible {
  /// Bytes in a secret.
  package static let byteCount = 32

  private let secret: SecretBytes

  private init(_ secret: SecretBytes) { self.secret = secret }

  /// A fresh secret.
  package static func random() -> TokenSecret { TokenSecret(.random(byteCount)) }

  /// Nil unless there are exactly 32 bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    secret = SecretBytes(bytes)
  }

  /// The secret itself, for the token text and the hello message only.
  package var bytes: [UInt8] { secret.copied() }

  /// What the coordinator stores: SHA-256("ezkl token secret" | secret).
  ///
  /// A plain hash is enough, because the secret has 256 bits of entropy.
  package var hash: Digest {
    var hasher = DigestHasher()
    hasher.update("ezkl token secret".utf8)
    secret.withBytes { hasher.update($0) }
    return hasher.finish()
  }

  /// Public name of the token: the first 16 hexadecimal digits of the hash.
  package var id: String { String(hash.hex.prefix(16)) }

  /// Whether the stored hash belongs to this secret, in constant time.
  package func matches(hash stored: Digest) -> Bool {
    Sodium.constantTimeEqual(hash.bytes, stored.bytes)
  }

  /// Constant-time comparison.
  package static func == (a: TokenSecret, b: TokenSecret) -> Bool { a.secret.equals(b.secret) }

  /// The public name, never the secret.
  package var description: String { "token \(id)" }
}

extension TokenSecret: CustomReflectable {
  /// Hides the secret from `dump` and from test failures.
  package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
