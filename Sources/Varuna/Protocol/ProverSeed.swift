import Algebra

/// The secret that all of a prover's blinding is derived from: SHA-512(seed | label) mod r.
///
/// Labels are `w/circuit/instance/i`, `mask/quotient/i`, `mask/remainder/i` and `g_1/i` with decimal indices. A
/// seed must never be used under two different transcripts.
public struct ProverSeed: Sendable {
  /// The seed; at least 32 bytes of entropy except in tests.
  public let bytes: [UInt8]

  /// Wraps the bytes of a seed.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A fresh seed of 32 bytes from the system's generator.
  public static func random() -> ProverSeed {
    var generator = SystemRandomNumberGenerator()
    return ProverSeed((0..<4).flatMap { _ in generator.next().littleEndianBytes })
  }

  /// The scalar with this label.
  public func scalar(_ label: String) -> Fr {
    Fr(reducing: SHA512.digest(bytes + Array(label.utf8)))
  }
}
