import Algebra

/// The secret that all blinding of one attempt at a batch proof is derived from.
///
/// It stays with the coordinator. Holders of instances get the seeds of their instances, from which nothing
/// follows about the others, the mask or the blinding of g_1. A seed must never serve two transcripts: every
/// new attempt takes a fresh one, or the next ``attempt(_:)``.
public struct GroupSeed: Equatable, Hashable, Sendable {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// Wraps 32 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == InstanceSeed.byteCount, "a seed has 32 bytes")
    self.bytes = bytes
  }

  /// A fresh seed from the system's generator.
  public static func random() -> GroupSeed { GroupSeed(ProverSeed.random().bytes) }

  /// The seed of the n-th attempt, independent of those of all others.
  public func attempt(_ number: Int) -> GroupSeed { GroupSeed(derived("attempt/\(number)")) }

  /// The seed of one instance.
  public func instance(_ index: InstanceIndex) -> InstanceSeed {
    InstanceSeed(derived("instance/\(index.circuit)/\(index.instance)"))
  }

  /// The whole mask and blinding of g_1 for a largest domain |C|.
  func mask(C: Int) -> MaskShare { MaskShare(C: C, ProverSeed(bytes).scalar) }

  /// A factor that no share can foresee, for checking its openings together.
  package func judgement(_ share: ShareID) -> Fr { ProverSeed(bytes).scalar("judgement/\(share)") }

  private func derived(_ label: String) -> [UInt8] {
    Array(SHA512.digest(bytes + Array(label.utf8)).prefix(InstanceSeed.byteCount))
  }
}

extension GroupSeed: CustomStringConvertible {
  /// Hides the secret.
  public var description: String { "GroupSeed" }
}

/// The secret that the blinding of one instance is derived from: SHA-512(seed | label) mod r.
public struct InstanceSeed: Equatable, Hashable, Sendable {
  /// Length of a seed.
  public static let byteCount = 32
  /// 32 bytes.
  public let bytes: [UInt8]

  /// Wraps 32 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a seed has 32 bytes")
    self.bytes = bytes
  }

  /// r_0 and r_1 of the randomizing constraint.
  public var randomizer: (Fr, Fr) {
    let source = ProverSeed(bytes)
    return (source.scalar("r/0"), source.scalar("r/1"))
  }

  /// The three blinding coefficients of the witness commitment.
  public var blinding: [Fr] {
    let source = ProverSeed(bytes)
    return (0..<KZG.blindingCount).map { source.scalar("w/\($0)") }
  }
}

extension InstanceSeed: CustomStringConvertible {
  /// Hides the secret.
  public var description: String { "InstanceSeed" }
}

/// All that a prover samples once the assignments are fixed, spelled out.
package struct ProverRandomness: Sendable {
  /// Three blinding coefficients per witness commitment `[circuit][instance]`.
  package var witness: [[[Fr]]]
  /// The mask and the blinding of g_1.
  package var mask: MaskShare

  /// Collects the parts.
  package init(witness: [[[Fr]]], mask: MaskShare) {
    self.witness = witness
    self.mask = mask
  }

  /// The randomness of an attempt.
  package init(_ seed: GroupSeed, _ statement: Statement) {
    witness = statement.batchSizes.enumerated().map { c, size in
      (0..<size).map { seed.instance(InstanceIndex(circuit: c, instance: $0)).blinding }
    }
    mask = seed.mask(C: statement.C)
  }

  /// Randomness by plain labels `w/circuit/instance/i`, `mask/..`, `g_1/i` under one seed, for tests.
  package init(labelled seed: ProverSeed, _ statement: Statement) {
    witness = statement.batchSizes.enumerated().map { c, size in
      (0..<size).map { j in (0..<3).map { seed.scalar("w/\(c)/\(j)/\($0)") } }
    }
    mask = MaskShare(C: statement.C, seed.scalar)
  }
}
