import Algebra

/// KZG commitments over BLS12-377 with hiding and degree bounds.
///
/// With the secrets beta, gamma of the universal parameters, D = 2^28 - 1, a polynomial p and a blinding
/// polynomial t of 3 coefficients (or none):
///
///     commit(p, t)           = p(beta) G + t(beta) gamma G
///     commitBounded(p, d, t) = beta^(D - d) (p(beta) G + t(beta) gamma G)      deg p <= d, d = 2^k - 2
///     open(p, t, z)          = commit((p - p(z))/(X - z), (t - t(z))/(X - z)),  and t(z)
public enum KZG {
  /// Number of coefficients of a blinding polynomial: one opening reveals one value.
  public static let blindingCount = 3

  /// Commits to a polynomial given by its coefficients, lowest degree first.
  public static func commit(
    _ srs: SRS, _ coefficients: [Fr], blinding: [Fr] = [], threads: Int = 1
  ) throws(VarunaError) -> G1 {
    try commit(srs, coefficients[...], blinding: blinding, threads: threads)
  }

  /// Commits to a polynomial given by a part of an array, lowest degree first.
  public static func commit(
    _ srs: SRS, _ coefficients: ArraySlice<Fr>, blinding: [Fr] = [], threads: Int = 1
  ) throws(VarunaError) -> G1 {
    let used = significantCount(coefficients)
    let bases = try srs.powers(used)
    let point = MSM.g1(bases, coefficients.prefix(used), threads: threads)
    return blinding.isEmpty ? point : point + blindingTerm(srs.gammaPowers, blinding)
  }

  /// Commits to a polynomial of degree at most `bound` (of the form 2^k - 2) so that the verifier can
  /// check the bound.
  public static func commitBounded(
    _ srs: SRS, _ coefficients: [Fr], bound: Int, blinding: [Fr] = [], threads: Int = 1
  ) throws(VarunaError) -> G1 {
    try commitBounded(
      srs, coefficients[...], bound: bound, blinding: blinding, threads: threads)
  }

  /// Commits with a degree bound to a polynomial given by a part of an array, lowest degree first.
  public static func commitBounded(
    _ srs: SRS, _ coefficients: ArraySlice<Fr>, bound: Int, blinding: [Fr] = [], threads: Int = 1
  ) throws(VarunaError) -> G1 {
    let used = significantCount(coefficients)
    guard used <= bound + 1 else { throw .degreeTooLarge(degree: used - 1, bound: bound) }
    let bases = try srs.shiftedPowers(bound: bound, count: used)
    let point = MSM.g1(bases, coefficients.prefix(used), threads: threads)
    guard !blinding.isEmpty else { return point }
    return point + blindingTerm(try srs.shiftedGammaPowers(bound: bound), blinding)
  }

  /// Opens a polynomial at z: the commitment to the quotient, and the value of the blinding polynomial.
  public static func open(
    _ srs: SRS, _ coefficients: [Fr], at z: Fr, blinding: [Fr] = [], threads: Int = 1
  ) throws(VarunaError) -> (witness: G1, blindingValue: Fr) {
    let quotient = Polynomial(coefficients).divided(byLinear: z).coefficients
    let masking = Polynomial(blinding)
    let blindingQuotient = masking.divided(byLinear: z).coefficients
    let witness = try commit(srs, quotient, blinding: blindingQuotient, threads: threads)
    return (witness, masking.evaluate(at: z))
  }

  /// t(gamma powers) for a blinding polynomial t.
  static func blindingTerm(_ bases: [G1Affine], _ blinding: [Fr]) -> G1 {
    precondition(blinding.count <= bases.count)
    return MSM.g1(bases[...], blinding[...], threads: 1)
  }

  private static func significantCount(_ coefficients: ArraySlice<Fr>) -> Int {
    coefficients.lastIndex { !$0.isZero }.map { $0 + 1 - coefficients.startIndex } ?? 0
  }
}
