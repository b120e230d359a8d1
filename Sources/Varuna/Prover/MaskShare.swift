import Algebra

/// An additive share of the mask polynomial and of the blinding of g_1.
///
/// The mask is (m_0 + .. + m_3 X^3) v_C(X) + n_1 X + .. + n_5 X^5, which sums to zero over C. Normally the
/// coordinator holds the only share; shares of instances may bring their own instead (V3 only).
public struct MaskShare: Equatable, Sendable {
  /// m_0 ... m_3.
  public var quotient: [Fr]
  /// n_1, n_2, ...: at most five, and fewer than |C|.
  public var remainder: [Fr]
  /// Three blinding coefficients of g_1.
  public var g1: [Fr]

  /// Collects the coefficients.
  public init(quotient: [Fr], remainder: [Fr], g1: [Fr]) {
    precondition(quotient.count == 4 && remainder.count <= 5 && g1.count == KZG.blindingCount)
    self.quotient = quotient
    self.remainder = remainder
    self.g1 = g1
  }

  /// Derives the coefficients from a source of scalars by label; |C| is the largest of the batch.
  init(C: Int, _ scalar: (String) -> Fr) {
    self.init(
      quotient: (0..<4).map { scalar("mask/quotient/\($0)") },
      remainder: (1...min(5, C - 1)).map { scalar("mask/remainder/\($0)") },
      g1: (0..<3).map { scalar("g_1/\($0)") })
  }

  /// The coefficients of the mask for a domain C of this size.
  func polynomial(C: Int) -> [Fr] {
    var mask = [Fr](repeating: .zero, count: C + quotient.count)
    for (i, n) in remainder.enumerated() { mask[i + 1] += n }
    for (i, m) in quotient.enumerated() {
      mask[i] -= m
      mask[C + i] += m
    }
    return mask
  }
}
