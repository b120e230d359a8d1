import Algebra
import TestSupport
import Testing
import Varuna

@Suite("Commitments")
struct KZGTests {
  /// Checks one opening against a verifier.
  private func accepts(
    _ parameters: SRSVerifierParameters, _ commitment: G1Affine, at z: Fr, value: Fr, bound: Int?,
    _ opening: Proof.Opening
  ) -> Bool {
    let equation = KZG.Equation(value: value, terms: [(.one, commitment)], bound: bound)
    let group = KZG.OpeningGroup(
      point: z, equations: [equation], challenges: [.one], opening: opening)
    return KZG.batchCheck(parameters, [group], randomizers: [.one])
  }

  private func commit(
    _ srs: SRS, _ p: [Fr], bound: Int?, blinding: [Fr]
  ) throws -> G1Affine {
    if let bound {
      return try KZG.commitBounded(srs, p, bound: bound, blinding: blinding, threads: 2).affine
    }
    return try KZG.commit(srs, p, blinding: blinding, threads: 2).affine
  }

  @Test(.needsCeremony) func openingsFollowTheVectors() throws {
    let srs = try SRS(directory: try #require(ceremonyFolder), degree: 15, threads: 2)
    for part in try Vector.load("kzg")["cases"].array {
      let p = part["polynomial"].frs
      let blinding = part["blinding"].frs
      let z = part["point"].fr
      let bound = part["degree_bound"].isNull ? nil : part["degree_bound"].int
      let commitment = try commit(srs, p, bound: bound, blinding: blinding)
      #expect(commitment.compressed == part["commitment"].bytes)
      let (witness, value) = try KZG.open(srs, p, at: z, blinding: blinding)
      #expect(witness.affine.compressed == part["witness"].bytes)
      if !blinding.isEmpty { #expect(value == part["blinding_value"].fr) }
    }
  }

  @Test(arguments: [nil, 14, 62], [[], [Fr(3), Fr(5), Fr(7)]])
  func wrongClaimsAreRejected(bound: Int?, blinding: [Fr]) throws {
    let srs = SRSTests.small
    var generator = SeededGenerator(seed: 17)
    let p = (0..<15).map { _ in Fr.random(using: &generator) }
    let z = Fr.random(using: &generator)
    let value = Polynomial(p).evaluate(at: z)
    let commitment = try commit(srs, p, bound: bound, blinding: blinding)
    let (witness, blindingValue) = try KZG.open(srs, p, at: z, blinding: blinding)
    let opening = Proof.Opening(
      witness: witness.affine, blinding: blinding.isEmpty ? nil : blindingValue)
    func check(
      value: Fr, bound: Int?, z: Fr, _ opening: Proof.Opening
    ) -> Bool {
      accepts(srs.verifier, commitment, at: z, value: value, bound: bound, opening)
    }
    #expect(check(value: value, bound: bound, z: z, opening))
    #expect(!check(value: value + .one, bound: bound, z: z, opening))
    #expect(!check(value: value, bound: bound, z: z + .one, opening))
    #expect(!check(value: value, bound: 30, z: z, opening))
    #expect(!check(value: value, bound: 7, z: z, opening))
    var other = opening
    other.blinding = (opening.blinding ?? .zero) + .one
    #expect(!check(value: value, bound: bound, z: z, other))
    other = opening
    other.witness = -opening.witness
    #expect(!check(value: value, bound: bound, z: z, other))
  }

  @Test func degreesAboveTheBoundAreRefused() {
    #expect(throws: VarunaError.degreeTooLarge(degree: 3, bound: 2)) {
      try KZG.commitBounded(SRSTests.small, [.one, .one, .one, .one], bound: 2)
    }
  }

  @Test func commitmentsAreLinearAndIgnoreTrailingZeros() throws {
    let srs = SRSTests.small
    let a = [Fr(2), Fr(3), Fr(5)]
    let b = [Fr(7), Fr(11)]
    let sum = [Fr(9), Fr(14), Fr(5)]
    let commitA = try KZG.commit(srs, a)
    let commitB = try KZG.commit(srs, b)
    #expect(try KZG.commit(srs, sum).affine == (commitA + commitB).affine)
    let zeros = [Fr](repeating: .zero, count: 1000)
    #expect(try KZG.commit(srs, a + zeros).affine == commitA.affine)
    #expect(try KZG.commit(srs, []).affine.isIdentity)
  }

  /// Several claims at two points, one of them a combination with a constant.
  @Test func batchesOfClaimsAreChecked() throws {
    let srs = SRSTests.small
    let p = [Fr(2), Fr(3), Fr(5), Fr(8)]
    let q = [Fr(1), Fr(4)]
    let z = [Fr(19), Fr(23)]
    let commitP = try KZG.commit(srs, p).affine
    let commitQ = try KZG.commitBounded(srs, q, bound: 2).affine
    let xi = [Fr(101), Fr(103)]
    func groups(_ shift: Fr) throws -> [KZG.OpeningGroup] {
      try z.map { z in
        // 9 + 2 p = v and q = u, opened together.
        let v = Fr(9) + Fr(2) * Polynomial(p).evaluate(at: z) + shift
        let u = Polynomial(q).evaluate(at: z)
        var combined = Polynomial([])
        combined.add(Polynomial(p), scaledBy: Fr(2) * xi[0])
        combined.add(Polynomial(q), scaledBy: xi[1])
        let witness = try KZG.open(srs, combined.coefficients, at: z).witness.affine
        return KZG.OpeningGroup(
          point: z,
          equations: [
            KZG.Equation(value: v, constant: Fr(9), terms: [(Fr(2), commitP)]),
            KZG.Equation(value: u, terms: [(.one, commitQ)], bound: 2),
          ], challenges: xi, opening: Proof.Opening(witness: witness, blinding: nil))
      }
    }
    let rho = [Fr.one, Fr(31)]
    #expect(KZG.batchCheck(srs.verifier, try groups(.zero), randomizers: rho))
    #expect(!KZG.batchCheck(srs.verifier, try groups(.one), randomizers: rho))
  }
}
