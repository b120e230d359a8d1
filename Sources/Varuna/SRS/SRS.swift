import Algebra

/// Universal parameters for proving: powers of a secret in G1, and what verification needs.
///
/// Holds beta^i G for i = 0 ..< powerCount, the `shiftedCount` largest powers beta^i G up to i = D = 2^28 - 1,
/// and the few multiples of gamma G that hiding takes.
public final class SRS: Sendable {
  /// What verification needs.
  public let verifier: SRSVerifierParameters
  /// beta^i G.
  let lowPowers: [G1Affine]
  /// beta^(D + 1 - shiftedCount + i) G.
  let highPowers: [G1Affine]
  /// gamma beta^i G, i = 0, 1, 2.
  public let gammaPowers: [G1Affine]
  /// gamma beta^(D - bound + i) G, i = 0, 1, 2, by degree bound.
  let shiftedGamma: [Int: [G1Affine]]

  init(
    verifier: SRSVerifierParameters, lowPowers: [G1Affine], highPowers: [G1Affine],
    gammaPowers: [G1Affine], shiftedGamma: [Int: [G1Affine]]
  ) {
    precondition(gammaPowers.count == KZG.blindingCount)
    self.verifier = verifier
    self.lowPowers = lowPowers
    self.highPowers = highPowers
    self.gammaPowers = gammaPowers
    self.shiftedGamma = shiftedGamma
  }

  /// Where the parameters come from.
  public var kind: SRSKind { verifier.kind }
  /// Identifies the set-up, independent of how many powers are held: "aleo-…" or "dev-…".
  public var id: String { verifier.id }
  /// Number of powers beta^i G from i = 0 on.
  public var powerCount: Int { lowPowers.count }
  /// Number of powers beta^i G up to i = D.
  public var shiftedCount: Int { highPowers.count }

  /// beta^0 G ..< beta^count G.
  public func powers(_ count: Int) throws(VarunaError) -> ArraySlice<G1Affine> {
    guard count <= powerCount else {
      throw .srsTooSmall(needed: count, available: powerCount, what: "a commitment")
    }
    return lowPowers[..<count]
  }

  /// beta^(D - bound + i) G for i = 0 ..< count: bases for a polynomial of degree at most `bound`.
  public func shiftedPowers(bound: Int, count: Int) throws(VarunaError) -> ArraySlice<G1Affine> {
    precondition(count <= bound + 1)
    guard bound + 1 <= shiftedCount else {
      throw .srsTooSmall(
        needed: bound + 1, available: shiftedCount, what: "a commitment with degree bound \(bound)")
    }
    let start = shiftedCount - 1 - bound
    return highPowers[start..<start + count]
  }

  /// gamma beta^(D - bound + i) G for i = 0, 1, 2; the bound is of the form 2^k - 2.
  public func shiftedGammaPowers(bound: Int) throws(VarunaError) -> [G1Affine] {
    guard let powers = shiftedGamma[bound] else {
      throw .srsTooSmall(
        needed: bound, available: SRSVerifierParameters.degreeBounds.last ?? 0,
        what: "hiding with degree bound \(bound)")
    }
    return powers
  }
}

/// The largest domains that a set of universal parameters suffices for.
public struct SRSLimits: Equatable, Sendable, Codable {
  /// Largest |R|.
  public var constraints: Int
  /// Largest |C|.
  public var variables: Int
  /// Largest |K| of any matrix.
  public var nonzeros: Int

  /// The limits that numbers of unshifted and shifted powers impose.
  ///
  /// A proof commits to polynomials of at most |C| + 4 (mask), |R| - 1, |K| coefficients unshifted, |C| - 1 and
  /// |K| - 1 shifted.
  public init(powers: Int, shifted: Int) {
    func largest(_ fits: (Int) -> Bool) -> Int {
      (0...27).map { 1 << $0 }.last(where: fits) ?? 0
    }
    constraints = largest { $0 - 1 <= powers }
    variables = largest { $0 + 4 <= powers && $0 - 1 <= shifted }
    nonzeros = largest { $0 <= powers && $0 - 1 <= shifted }
  }

  /// Throws `srsTooSmall` naming the first domain that exceeds these limits.
  public func check(R: Int, C: Int, K: Int) throws(VarunaError) {
    if R > constraints {
      throw .srsTooSmall(needed: R, available: constraints, what: "the domain of constraints")
    }
    if C > variables {
      throw .srsTooSmall(needed: C, available: variables, what: "the domain of variables")
    }
    if K > nonzeros {
      throw .srsTooSmall(needed: K, available: nonzeros, what: "the domain of non-zeros")
    }
  }
}

extension SRS {
  /// The largest domains that these parameters suffice for.
  public var limits: SRSLimits { SRSLimits(powers: powerCount, shifted: shiftedCount) }

  /// Throws `srsTooSmall` if the powers do not suffice for a circuit of this shape.
  public func check(_ shape: CircuitShape) throws(VarunaError) {
    try limits.check(R: shape.R, C: shape.C, K: shape.K.max() ?? 0)
  }
}
