import Aleo
import Console
import Coordinator

extension CommandOption {
  /// Where the proofs are to be verified.
  static let target: [CommandOption] = [
    value("target", "NET", "aleo-mainnet, aleo-testnet or none: keep its limits (default: none)"),
    value("height", "H", "the target's block height (default: after its last change of Varuna)"),
    flag("allow-unsound-version", "prove in Varuna V2 where the height wants it"),
  ]
}

extension Arguments {
  /// Reads the target, and the Varuna version that it wants at the given height.
  func chooseTarget(_ options: inout SubmitOptions) throws {
    let networks = AleoNetwork.allCases.map(\.rawValue)
    options.target = try choice("target", of: networks + ["none"]).flatMap(AleoNetwork.init)
    guard let height = try int("height", in: 0...Int(UInt32.max)) else { return }
    guard let network = options.target else { throw UsageError.missingOption("--target NET") }
    let version = network.varunaVersion(atHeight: height)
    guard version != .v3 else { return }
    guard has("allow-unsound-version") else {
      throw CommandFailure(
        .badInput,
        "\(network.rawValue) verifies Varuna V\(version.rawValue) at height \(height), and V1 and V2 "
          + "are unsound: false statements have proofs that they accept",
        hint: "V3 is verified from height \(Human.grouped(network.firstHeights.v3)) on; "
          + "--allow-unsound-version proves all the same")
    }
    options.varunaVersion = version.rawValue
  }
}
