/// The version of the protocol. V1 and V2 are unsound and exist to check old proofs; use V3.
///
/// In V1 and V2 the factor eta_A is known before the mask is fixed, and nothing forces the mask to sum
/// to zero, so false statements can be proven. The version is never negotiated.
public enum VarunaVersion: Int, Codable, Sendable, CaseIterable {
  /// Unsound.
  case v1 = 1
  /// Unsound.
  case v2
  /// The version that Aleo accepts from consensus V21 on.
  case v3

  /// The name that the transcript starts with.
  var protocolName: String { self == .v3 ? "VARUNA-2026-V3" : "VARUNA-2023" }
}
