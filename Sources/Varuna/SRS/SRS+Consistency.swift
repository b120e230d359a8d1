import Algebra

extension SRS {
  /// Spot check by pairings that powers, shifted powers and gamma powers belong to one secret.
  ///
  /// Checks the ends and the seams of files; checksums vouch for the rest.
  func checkConsistency(file: String) throws(VarunaError) {
    let betaH = G2Prepared(verifier.betaH)
    let h = G2Prepared(verifier.h)
    func isNext(_ a: G1Affine, _ b: G1Affine) -> Bool {
      !a.isIdentity && Pairing.productIsOne([(a, betaH), (-b, h)])
    }
    func places(_ count: Int) -> Set<Int> {
      Set([0, count / 2 - 1, count - 2].filter { $0 >= 0 && $0 + 1 < count })
    }
    let chains = [lowPowers, highPowers, gammaPowers]
    guard lowPowers.first == verifier.g, gammaPowers.first == verifier.gammaG,
      chains.allSatisfy({ chain in
        places(chain.count).allSatisfy { isNext(chain[$0], chain[$0 + 1]) }
      })
    else {
      throw .srsFileMismatch(
        file: file, expected: "consecutive powers of one secret", found: "others")
    }
    for bound in SRSVerifierParameters.degreeBounds where bound < shiftedCount {
      guard let negative = verifier.negativePowers[bound], let gamma = shiftedGamma[bound]?.first
      else { continue }
      let prepared = G2Prepared(negative)
      let first = highPowers[shiftedCount - 1 - bound]
      guard Pairing.productIsOne([(first, prepared), (-verifier.g, h)]),
        Pairing.productIsOne([(gamma, prepared), (-verifier.gammaG, h)])
      else {
        throw .srsFileMismatch(
          file: file, expected: "shifted powers for degree bound \(bound)", found: "others")
      }
    }
  }
}
