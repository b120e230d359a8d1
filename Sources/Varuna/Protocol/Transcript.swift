import Algebra

/// The Fiat-Shamir transcript: the one place that knows what is absorbed and squeezed, and when.
///
/// The rounds are called in order, each once. A challenge that lies in an evaluation domain is refused
/// with the `challenge` rejection (which honest transcripts never meet).
public struct Transcript: Sendable {
  /// The protocol version.
  public let version: VarunaVersion
  /// What is proven.
  public let statement: Statement
  /// mu `[circuit][instance]`: circuit weight times instance weight in the rowcheck.
  public private(set) var rowWeights: [[Fr]] = []
  /// nu `[circuit][instance]`: the weights in the lineval check.
  public private(set) var lineWeights: [[Fr]] = []
  /// eta_A, eta_B, eta_C.
  public private(set) var eta: [Fr] = []
  /// The point of the rowcheck.
  public private(set) var alpha = Fr.zero
  /// The point of the lineval check.
  public private(set) var beta = Fr.zero
  /// The factors of the matrix checks `[circuit][matrix]`.
  public private(set) var delta: [[Fr]] = []
  /// The point of the matrix checks.
  public private(set) var gamma = Fr.zero
  /// xi: per point (alpha, beta, gamma) the challenge of each equation.
  public private(set) var openingChallenges: [[Fr]] = []
  /// rho: one factor per point, the first is 1.
  public private(set) var openingRandomizers: [Fr] = []

  private var sponge = TranscriptSponge()
  private var delayedSums: [[Fr]] = []

  /// Starts the transcript of a statement.
  public init(version: VarunaVersion, statement: Statement) {
    self.version = version
    self.statement = statement
    sponge.absorb(bytes: Array(version.protocolName.utf8))
    for inputs in statement.inputs {
      sponge.absorb(bytes: UInt64(inputs.count).littleEndianBytes)
      for x in inputs { sponge.absorb(scalars: x) }
    }
    for key in statement.keys { sponge.absorb(points: key.commitments) }
  }

  /// Absorbs the witness and mask commitments; returns mu `[circuit][instance]`.
  @discardableResult
  public mutating func round1(w: [[G1Affine]], mask: G1Affine) -> [[Fr]] {
    precondition(w.map(\.count) == statement.batchSizes)
    for points in w { sponge.absorb(points: points) }
    sponge.absorb(points: [mask])
    rowWeights = weights()
    return rowWeights
  }

  /// Absorbs the rowcheck quotient; returns alpha.
  @discardableResult
  public mutating func round2(h0: G1Affine) throws(VarunaError) -> Fr {
    sponge.absorb(points: [h0])
    if version == .v1 {
      let squeezed = sponge.squeezeScalars(3)
      alpha = squeezed[0]
      eta = [.one, squeezed[1], squeezed[2]]
    } else {
      alpha = sponge.squeezeScalars(1)[0]
    }
    return try outside(alpha, statement.R)
  }

  /// Takes the sums sigma `[circuit][instance][matrix]`; returns nu `[circuit][instance]` and eta.
  @discardableResult
  public mutating func round3Sums(_ lineSums: [[[Fr]]]) -> (lineWeights: [[Fr]], eta: [Fr]) {
    precondition(lineSums.map(\.count) == statement.batchSizes)
    switch version {
    case .v1:
      delayedSums = Array(lineSums.joined())
      lineWeights = rowWeights
    case .v2, .v3:
      absorb(sums: Array(lineSums.joined()))
      lineWeights = weights()
      eta = version == .v2 ? [.one] + sponge.squeezeScalars(2) : sponge.squeezeScalars(3)
    }
    return (lineWeights, eta)
  }

  /// Absorbs the lineval commitments; returns beta.
  @discardableResult
  public mutating func round3(g1: G1Affine, h1: G1Affine) throws(VarunaError) -> Fr {
    sponge.absorb(points: [g1, h1])
    if version == .v1 { absorb(sums: delayedSums) }
    beta = sponge.squeezeScalars(1)[0]
    return try outside(beta, statement.C)
  }

  /// Absorbs the matrix commitments and the sums omega `[circuit][matrix]`; returns delta likewise.
  @discardableResult
  public mutating func round4(g: [[G1Affine]], matrixSums: [[Fr]]) -> [[Fr]] {
    precondition(g.count == statement.keys.count && matrixSums.count == statement.keys.count)
    for points in g { sponge.absorb(points: points) }
    absorb(sums: matrixSums)
    delta = statement.keys.indices.map { c in
      c == 0 ? [.one] + sponge.squeezeScalars(2) : sponge.squeezeScalars(3)
    }
    return delta
  }

  /// Absorbs the matrix quotient; returns gamma.
  @discardableResult
  public mutating func round5(h2: G1Affine) throws(VarunaError) -> Fr {
    sponge.absorb(points: [h2])
    gamma = sponge.squeezeScalars(1)[0]
    return try outside(gamma, statement.K)
  }

  /// Absorbs the evaluations; returns the challenges of the equations at alpha (1), beta (2) and
  /// gamma (3 per circuit and 1), and sets the randomizers of the points.
  @discardableResult
  public mutating func openings(g1AtBeta: Fr, gAtGamma: [[Fr]]) -> [[Fr]] {
    precondition(gAtGamma.count == statement.keys.count)
    var evaluations = [g1AtBeta]
    for matrix in 0..<3 { evaluations += gAtGamma.map { $0[matrix] } }
    sponge.absorb(scalars: evaluations)
    openingChallenges = []
    openingRandomizers = [.one]
    for count in [1, 2, 3 * statement.keys.count + 1] {
      openingChallenges.append((0..<count).map { _ in sponge.squeezeShort() })
      openingRandomizers.append(sponge.squeezeShort())
    }
    openingRandomizers.removeLast()
    return openingChallenges
  }

  /// One request per circuit; the first instance and the first circuit have weight 1 and cost nothing.
  private mutating func weights() -> [[Fr]] {
    statement.batchSizes.enumerated().map { c, size in
      let squeezed = sponge.squeezeScalars(size - 1 + (c > 0 ? 1 : 0))
      let circuit = c > 0 ? squeezed[size - 1] : Fr.one
      return [circuit] + squeezed[..<(size - 1)].map { circuit * $0 }
    }
  }

  private mutating func absorb(sums: [[Fr]]) {
    for triple in sums { sponge.absorb(scalars: triple) }
  }

  private func outside(_ point: Fr, _ size: Int) throws(VarunaError) -> Fr {
    guard !Equations.vanishing(size, at: point).isZero else {
      throw .statement(.challenge("a challenge lies in an evaluation domain"))
    }
    return point
  }
}
