import Varuna

/// A network whose nodes verify Varuna proofs.
public enum AleoNetwork: String, Codable, Sendable, CaseIterable {
  /// Aleo's main network.
  case mainnet = "aleo-mainnet"
  /// Aleo's test network.
  case testnet = "aleo-testnet"

  /// The first block heights at which the network's nodes want Varuna V2 and V3 (measured with snarkVM 4.12).
  public var firstHeights: (v2: Int, v3: Int) {
    switch self {
    case .mainnet: (6_135_000, 22_437_000)
    case .testnet: (6_625_000, 20_234_000)
    }
  }

  /// The version that the network's nodes verify with at a block height.
  public func varunaVersion(atHeight height: Int) -> VarunaVersion {
    let first = firstHeights
    return height >= first.v3 ? .v3 : height >= first.v2 ? .v2 : .v1
  }
}
