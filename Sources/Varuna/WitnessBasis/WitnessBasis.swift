import Algebra

/// What commits to witness polynomials by the values of the witness: the commitments of the unit vectors.
///
/// The witness polynomial w = (z - x)/v_X is linear in the assignment z, so its commitment is the sum of z_i E_i, E_i
/// being the commitment of the w of unit vector i (Varuna specification, chapter 12). The transform that gives the
/// coefficients of w disappears, and the scalars are the values themselves: in real circuits nearly all of them are bits
/// or small numbers, whereas coefficients are always full-size. The commitment is the same point.
///
/// E depends on |C|, |X| and the powers only. With zhat_t = 1/n sum of z_i g^(-it) for n = |C|, m = |X|, the coefficient
/// j of w is the sum of zhat_(j + km) over k >= 1, hence E_i = 1/n sum of g^(-it) Q_t over t, where Q_t = P_(t - m) +
/// Q_(t - m), and Q_t = 0 for t < m: n additions and one transform of points. The points here are n E_i; commitments are
/// divided by n at the end, once.
public struct WitnessBasis: Sendable {
  /// The domains that a basis belongs to.
  public struct Domains: Hashable, Sendable {
    /// |C|.
    public let variables: Int
    /// |X|.
    public let publicVariables: Int

    /// The domains of a circuit.
    public init(_ shape: CircuitShape) { self.init(variables: shape.C, publicVariables: shape.X) }

    /// Powers of two, |X| below |C|.
    package init(variables: Int, publicVariables: Int) {
      precondition(publicVariables >= 1 && publicVariables < variables)
      (self.variables, self.publicVariables) = (variables, publicVariables)
    }

    /// Bytes of memory that a basis takes.
    public var bytes: Int { variables * MemoryLayout<G1Affine>.stride }
  }

  /// |C| and |X|.
  public let domains: Domains
  /// Which powers it is of: ``SRS/id``.
  public let parameters: String
  /// n E_i by number of the variable, |C| of them.
  package let points: [G1Affine]

  /// Makes the basis, which takes as long as committing to dozens of full-size witnesses.
  public init(_ domains: Domains, _ srs: SRS, threads: Int) throws(VarunaError) {
    let (n, m) = (domains.variables, domains.publicVariables)
    let powers = try srs.powers(n - m)
    var sums = [G1](repeating: .identity, count: n)
    for t in m..<n { sums[t] = sums[t - m] + powers[t - m] }
    let places = PointTransform.unscaledInverse(
      G1.batchAffine(sums), on: Domain(size: n), threads: threads)
    self.init(
      domains, parameters: srs.id,
      points: (0..<n).map { places[IndexedCircuit.position(of: $0, X: m, C: n)] })
  }

  /// A basis of points that are known; the tests make wrong ones.
  package init(_ domains: Domains, parameters: String, points: [G1Affine]) {
    precondition(points.count == domains.variables)
    (self.domains, self.parameters, self.points) = (domains, parameters, points)
  }

  /// The commitment to the witness polynomial of an assignment, which may leave variables out at the end.
  func commit(_ assignment: [Fr], threads: Int) -> G1 {
    MSM.g1(points[...], assignment[...], threads: threads)
      * Domain(size: domains.variables).sizeInverse
  }

  /// Whether the points are what they should be, by one random combination of all of them against the powers.
  ///
  /// A basis with any wrong point of the subgroup passes with probability 1/r.
  func isConsistent(with srs: SRS, threads: Int) throws(VarunaError) -> Bool {
    var random = SystemRandomNumberGenerator()
    let z = points.indices.map { _ in Fr.random(using: &random) }
    let (n, m) = (domains.variables, domains.publicVariables)
    var w = [Fr](repeating: .zero, count: n)
    for (i, value) in z.enumerated() { w[IndexedCircuit.position(of: i, X: m, C: n)] = value }
    Domain(size: n).ifftInPlace(&w, threads: threads)
    InstanceShare.divideByPublicPart(&w, X: m)
    return commit(z, threads: threads) == (try KZG.commit(srs, w, threads: threads))
  }
}
