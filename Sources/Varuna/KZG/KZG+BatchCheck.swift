import Algebra

extension KZG {
  /// One claim: constant + sum of factor * (committed polynomial) has `value` at the point of its group.
  ///
  /// A degree-bounded polynomial is claimed alone, with factor 1 and no constant.
  public struct Equation: Sendable {
    /// The claimed value.
    public var value: Fr
    /// The constant on the left-hand side.
    public var constant: Fr
    /// Factors and commitments.
    public var terms: [(factor: Fr, commitment: G1Affine)]
    /// The degree bound of the commitment, if it has one.
    public var bound: Int?

    /// Assembles a claim.
    public init(
      value: Fr = .zero, constant: Fr = .zero, terms: [(Fr, G1Affine)], bound: Int? = nil
    ) {
      self.value = value
      self.constant = constant
      self.terms = terms.map { (factor: $0.0, commitment: $0.1) }
      self.bound = bound
    }
  }

  /// All claims about one point with their common opening.
  public struct OpeningGroup: Sendable {
    /// The point.
    public var point: Fr
    /// The claims.
    public var equations: [Equation]
    /// One factor per claim.
    public var challenges: [Fr]
    /// The opening of the combined claims.
    public var opening: Proof.Opening

    /// Assembles a group; there are as many challenges as claims.
    public init(
      point: Fr, equations: [Equation], challenges: [Fr], opening: Proof.Opening
    ) {
      precondition(equations.count == challenges.count)
      self.point = point
      self.equations = equations
      self.challenges = challenges
      self.opening = opening
    }
  }

  /// Checks all groups with one product of pairings, each group multiplied by its randomizer.
  ///
  ///     prod_d e(S_d, beta^(d-D) H) * e(S_none - A, H) * e(-W, beta H) = 1
  ///     S_d = sum rho xi factor commitment      over claims with degree bound d (S_none: without)
  ///     A   = sum rho xi (value - constant) G + rho blinding gamma G - rho z witness
  ///     W   = sum rho witness
  ///
  /// False also for a degree bound that the parameters do not have.
  public static func batchCheck(
    _ parameters: SRSVerifierParameters, _ groups: [OpeningGroup], randomizers: [Fr]
  ) -> Bool {
    precondition(groups.count == randomizers.count)
    var unbounded = Combination()
    var bounded: [Int: Combination] = [:]
    var witnesses = Combination()
    var base = Fr.zero
    var gammaBase = Fr.zero
    for (group, rho) in zip(groups, randomizers) {
      for (equation, xi) in zip(group.equations, group.challenges) {
        let factor = rho * xi
        base += factor * (equation.value - equation.constant)
        for term in equation.terms {
          if let bound = equation.bound {
            bounded[bound, default: Combination()].add(factor * term.factor, term.commitment)
          } else {
            unbounded.add(factor * term.factor, term.commitment)
          }
        }
      }
      if let blinding = group.opening.blinding { gammaBase += rho * blinding }
      unbounded.add(rho * group.point, group.opening.witness)
      witnesses.add(rho, group.opening.witness)
    }
    unbounded.add(-base, parameters.g)
    unbounded.add(-gammaBase, parameters.gammaG)
    var points = [unbounded.sum, -witnesses.sum]
    var others = [parameters.prepared(.h), parameters.prepared(.betaH)]
    for (bound, combination) in bounded {
      points.append(combination.sum)
      others.append(parameters.prepared(.negativePower(bound: bound)))
    }
    let prepared = others.compactMap(\.self)
    guard prepared.count == points.count else { return false }
    return Pairing.productIsOne(Array(zip(G1.batchAffine(points), prepared)))
  }

  /// A linear combination of points that is evaluated at once.
  private struct Combination {
    var scalars: [Fr] = []
    var points: [G1Affine] = []

    mutating func add(_ scalar: Fr, _ point: G1Affine) {
      scalars.append(scalar)
      points.append(point)
    }

    var sum: G1 { MSM.g1(points[...], scalars[...], threads: 1) }
  }
}
