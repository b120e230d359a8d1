/// Which integer stands for a fraction.
public enum Rounding: String, Hashable, Sendable, Codable, CaseIterable {
  /// The next integer below.
  case floor
  /// The next integer above.
  case ceiling
  /// The next integer towards 0, as integer division of ONNX and C.
  case towardZero
  /// The nearest integer, halves upwards.
  case halfUp
  /// The nearest integer, halves to the even one, as ONNX rounds.
  case halfEven

  /// The integer for n / d.
  ///
  /// - Parameters:
  ///   - numerator: of at most 126 bits.
  ///   - divisor: positive, of at most 65 bits.
  package func quotient(_ numerator: Int128, _ divisor: Int128) -> Int128 {
    precondition(divisor > 0)
    switch self {
    case .floor: return Self.floored(numerator, divisor)
    case .ceiling: return -Self.floored(-numerator, divisor)
    case .towardZero: return numerator / divisor
    case .halfUp: return Self.floored(2 * numerator + divisor, 2 * divisor)
    case .halfEven:
      let doubled = 2 * numerator + divisor
      let nearest = Self.floored(doubled, 2 * divisor)
      return doubled == nearest * 2 * divisor && nearest & 1 == 1 ? nearest - 1 : nearest
    }
  }

  private static func floored(_ numerator: Int128, _ divisor: Int128) -> Int128 {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
