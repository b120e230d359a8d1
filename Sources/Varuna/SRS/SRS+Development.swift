import Algebra

extension SRS {
  /// Generates development parameters from a public seed; proofs under them are not sound.
  ///
  /// They suffice for domains R, C and K of up to `degree` elements, which is rounded up to a power of
  /// two. Takes some seconds for degree 2^16.
  public static func development(seed: String, degree: Int, threads: Int = 1) -> SRS {
    precondition(degree >= 1 && degree <= 1 << 24)
    let size = Domain.size(atLeast: degree)
    let secret = DevelopmentSecret(seed: seed)
    let maximal = SRSVerifierParameters.maximalDegree
    let shiftedCount = max(size, 2)
    let table = FixedBaseTable(G1Affine.generator)
    func powers(from exponent: Int, count: Int, times factor: Fr = .one) -> [G1Affine] {
      var scalars: [Fr] = []
      scalars.reserveCapacity(count)
      var current = secret.power(exponent) * factor
      for _ in 0..<count {
        scalars.append(current)
        current *= secret.beta
      }
      return table.multiply(scalars, threads: threads)
    }
    // The mask has |C| + 4 coefficients.
    let low = powers(from: 0, count: size + 8)
    let high = powers(from: maximal + 1 - shiftedCount, count: shiftedCount)
    var shiftedGamma: [Int: [G1Affine]] = [:]
    for bound in SRSVerifierParameters.degreeBounds {
      shiftedGamma[bound] = powers(
        from: maximal - bound, count: KZG.blindingCount, times: secret.gamma)
    }
    return SRS(
      verifier: .development(seed: seed), lowPowers: low, highPowers: high,
      gammaPowers: powers(from: 0, count: KZG.blindingCount, times: secret.gamma),
      shiftedGamma: shiftedGamma)
  }
}
