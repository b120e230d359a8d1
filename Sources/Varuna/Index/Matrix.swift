/// The three matrices of a constraint system Az o Bz = Cz.
public enum Matrix: Int, CaseIterable, Sendable, Codable {
  /// The left factors.
  case a
  /// The right factors.
  case b
  /// The products.
  case c
}
