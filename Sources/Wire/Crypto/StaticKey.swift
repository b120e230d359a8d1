/// A node's X25519 key pair: its identity, held in guarded memory.
package final class StaticKey: Sendable {
  /// Bytes in a private key.
  package static let byteCount = 32

  private let secret: SecretBytes
  /// The public half.
  package let publicKey: PublicKey

  private init(_ secret: SecretBytes) {
    self.secret = secret
    publicKey = Sodium.x25519PublicKey(secret)
  }

  /// A fresh key pair.
  package static func generate() -> StaticKey { StaticKey(.random(byteCount)) }

  /// Nil unless there are exactly 32 bytes.
  package convenience init?(privateBytes: some Collection<UInt8>) {
    guard privateBytes.count == Self.byteCount else { return nil }
    self.init(SecretBytes(privateBytes))
  }

  /// SHA-256 of the public key.
  package var fingerprint: Digest { publicKey.fingerprint }

  /// The shared secret with a peer; nil where the peer's key has small order.
  func agree(with peer: PublicKey) -> SecretBytes? { Sodium.x25519(secret, peer) }

  /// The private half, for the key file only.
  func copiedSecret() -> [UInt8] { secret.copied() }
}

extension StaticKey: CustomStringConvertible, CustomReflectable {
  /// The public fingerprint, never the private half.
  package var description: String { "key \(fingerprint)" }

  /// Hides the private half from `dump` and from test failures.
  package var customMirror: Mirror { Mirror(self, children: ["fingerprint": fingerprint.hex]) }
}
