import Algebra

/// A Varuna proof about instances of one or several circuits, as snarkVM encodes it.
///
/// Circuits are in the order of their ids. Index conventions: `[circuit][instance]` for what belongs to an
/// instance, `[circuit][matrix]` for what belongs to a matrix (A, B, C).
public struct Proof: Equatable, Sendable {
  /// The opening of all claims at one point.
  public struct Opening: Equatable, Sendable {
    /// The commitment to the quotient.
    public var witness: G1Affine
    /// The value of the blinding polynomial at the point, nil where nothing is blinded.
    public var blinding: Fr?

    /// Pairs a witness with its blinding value.
    public init(witness: G1Affine, blinding: Fr?) {
      self.witness = witness
      self.blinding = blinding
    }
  }

  /// Number of instances of each circuit.
  public var batchSizes: [Int]
  /// Witness commitments `[circuit][instance]`.
  public var w: [[G1Affine]]
  /// The mask commitment; nil in a proof that hides nothing (which no verifier accepts).
  public var mask: G1Affine?
  /// The rowcheck quotient.
  public var h0: G1Affine
  /// The remainder of the sumcheck over variables, degree-bounded.
  public var g1: G1Affine
  /// The quotient of the sumcheck over variables.
  public var h1: G1Affine
  /// The remainders of the sumchecks over non-zeros `[circuit][matrix]`, degree-bounded.
  public var g: [[G1Affine]]
  /// The quotient of the sumchecks over non-zeros.
  public var h2: G1Affine
  /// g1(beta).
  public var g1AtBeta: Fr
  /// g(gamma) `[circuit][matrix]`.
  public var gAtGamma: [[Fr]]
  /// sigma = z_M(alpha) `[circuit][instance][matrix]`.
  public var lineSums: [[[Fr]]]
  /// omega = M(alpha, beta)/|K_M| `[circuit][matrix]`.
  public var matrixSums: [[Fr]]
  /// The openings at alpha, beta and gamma.
  public var openings: [Opening]

  /// Assembles a proof from its parts, whose counts must agree with `batchSizes`.
  public init(
    batchSizes: [Int], w: [[G1Affine]], mask: G1Affine?, h0: G1Affine, g1: G1Affine, h1: G1Affine,
    g: [[G1Affine]], h2: G1Affine, g1AtBeta: Fr, gAtGamma: [[Fr]], lineSums: [[[Fr]]],
    matrixSums: [[Fr]], openings: [Opening]
  ) {
    self.batchSizes = batchSizes
    self.w = w
    self.mask = mask
    self.h0 = h0
    self.g1 = g1
    self.h1 = h1
    self.g = g
    self.h2 = h2
    self.g1AtBeta = g1AtBeta
    self.gAtGamma = gAtGamma
    self.lineSums = lineSums
    self.matrixSums = matrixSums
    self.openings = openings
    precondition(isConsistent, "the parts of the proof disagree with its batch sizes")
  }

  /// Size in bytes of a complete proof about `circuits` circuits with `instances` instances in total.
  public static func size(circuits: Int, instances: Int) -> Int {
    469 + 344 * circuits + 144 * instances
  }

  /// Whether every part has as many entries as the batch sizes say.
  var isConsistent: Bool {
    let circuits = batchSizes.count
    return w.map(\.count) == batchSizes && lineSums.map(\.count) == batchSizes
      && lineSums.allSatisfy { $0.allSatisfy { $0.count == 3 } }
      && [g.count, gAtGamma.count, matrixSums.count] == [circuits, circuits, circuits]
      && g.allSatisfy { $0.count == 3 }
      && (gAtGamma + matrixSums).allSatisfy { $0.count == 3 }
  }
}
