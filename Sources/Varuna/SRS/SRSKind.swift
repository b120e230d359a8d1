/// Where universal parameters come from, and hence what a proof under them is worth.
public enum SRSKind: Equatable, Hashable, Sendable, Codable {
  /// Aleo's ceremony: nobody knows the secret.
  case mainnet
  /// Generated from a public seed: everybody knows the secret, so proofs are not sound.
  case development(seed: String)

  /// Whether proofs under these parameters prove anything.
  public var isSound: Bool { self == .mainnet }

  /// What ids of such parameters start with.
  var idPrefix: String { isSound ? "aleo-" : "dev-" }
}

extension SRSKind: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .mainnet: "Aleo mainnet ceremony"
    case .development(let seed): "development parameters (not sound), seed \"\(seed)\""
    }
  }
}
