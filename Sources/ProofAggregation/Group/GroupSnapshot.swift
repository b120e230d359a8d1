import Varuna

/// All that is needed to go on with a group after a restart: who holds what, the seed, the replies so far.
///
/// Contains the seed: as secret as the witnesses. The challenges follow from the replies.
public struct GroupSnapshot: Equatable, Sendable, Codable {
  /// A recorded reply.
  public struct Reply: Equatable, Sendable, Codable {
    /// Who answered.
    public var share: ShareID
    /// What was answered.
    public var step: ShareStep
    /// The encoded reply in hexadecimal.
    public var bytes: String
  }

  /// Number of the protocol version.
  public var version: VarunaVersion
  /// SHA-256 of keys and public inputs, so that a snapshot meets no other statement.
  public var statement: String
  /// The instances of each share.
  public var holders: [[InstanceIndex]]
  /// The group's seed in hexadecimal.
  public var seed: String
  /// The replies in the order of their steps.
  public var replies: [Reply]
}

/// Why a group cannot be restored from a snapshot.
public enum GroupSnapshotError: Error, Equatable, Sendable {
  /// The snapshot is of another statement or protocol version.
  case otherStatement
  /// A seed or reply that is not what a group prover writes.
  case malformed
  /// A reply that does not fit the rest.
  case fault(ShareFault)
}

extension GroupSnapshot {
  /// The digest of a statement: keys, batch sizes and public inputs.
  static func digest(_ statement: Statement) -> String {
    var hash = SHA256.Incremental()
    for (key, inputs) in zip(statement.keys, statement.inputs) {
      hash.update(key.bytes)
      hash.update(withUnsafeBytes(of: UInt64(inputs.count).littleEndian) { Array($0) })
      for x in inputs { for value in x { hash.update(value.canonicalBytes) } }
    }
    return Hexadecimal.encode(hash.finalize())
  }
}
