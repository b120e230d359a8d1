import Algebra
import Synchronization

/// The part of the universal parameters that verification needs: about 6 KB.
public struct SRSVerifierParameters: Equatable, Sendable {
  /// Largest degree of the ceremony, D = 2^28 - 1; degree bounds are relative to it.
  public static let maximalDegree = (1 << 28) - 1
  /// The degree bounds for which negative powers exist: 2^k - 2 for k = 1...27.
  public static let degreeBounds = (1...27).map { (1 << $0) - 2 }

  /// Where the parameters come from.
  public let kind: SRSKind
  /// G.
  public let g: G1Affine
  /// gamma G.
  public let gammaG: G1Affine
  /// H.
  public let h: G2Affine
  /// beta H.
  public let betaH: G2Affine
  /// beta^(d - D) H by degree bound d.
  public let negativePowers: [Int: G2Affine]

  /// What pairings need of the points in G2; shared by all copies.
  private let lines = PreparedPoints()

  /// Identifies the set-up (not how many powers of it are at hand): "aleo-" or "dev-" and 32 digits.
  public let id: String

  init(
    kind: SRSKind, gammaG: G1Affine, betaH: G2Affine, negativePowers: [Int: G2Affine]
  ) {
    precondition(negativePowers.keys.sorted() == Self.degreeBounds)
    self.kind = kind
    g = G1Affine.generator
    self.gammaG = gammaG
    h = G2Affine.generator
    self.betaH = betaH
    self.negativePowers = negativePowers
    let encoding = Self.encode(gammaG: gammaG, betaH: betaH, negativePowers: negativePowers)
    id = kind.idPrefix + Hexadecimal.encode(SHA256.digest(encoding).prefix(16))
  }

  /// A point in G2 of a verification.
  enum Point: Hashable {
    /// H.
    case h
    /// beta H.
    case betaH
    /// beta^(d - D) H for the degree bound d.
    case negativePower(bound: Int)
  }

  /// The lines of a point for the Miller loop, computed at first use; nil for a degree bound that does not exist.
  func prepared(_ point: Point) -> G2Prepared? {
    switch point {
    case .h: lines.lines(of: point, h)
    case .betaH: lines.lines(of: point, betaH)
    case .negativePower(let bound): negativePowers[bound].map { lines.lines(of: point, $0) }
    }
  }

  /// Length of `bytes`.
  static let byteCount = 96 + 192 * 28

  /// gamma G, beta H and the negative powers in ascending order of their bounds, uncompressed.
  var bytes: [UInt8] {
    Self.encode(gammaG: gammaG, betaH: betaH, negativePowers: negativePowers)
  }

  private static func encode(
    gammaG: G1Affine, betaH: G2Affine, negativePowers: [Int: G2Affine]
  ) -> [UInt8] {
    var out = gammaG.uncompressed + betaH.uncompressed
    for bound in degreeBounds {
      if let point = negativePowers[bound] { out += point.uncompressed }
    }
    return out
  }

  init(kind: SRSKind, bytes: ArraySlice<UInt8>) throws(VarunaError) {
    guard bytes.count == Self.byteCount else {
      throw .encoding(what: "verifier parameters", reason: "\(bytes.count) bytes")
    }
    var rest = bytes
    func next(_ count: Int) -> [UInt8] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    do {
      let gammaG = try G1Affine(uncompressed: next(96), checkSubgroup: true)
      let betaH = try G2Affine(uncompressed: next(192), checkSubgroup: true)
      var powers: [Int: G2Affine] = [:]
      for bound in Self.degreeBounds {
        powers[bound] = try G2Affine(uncompressed: next(192), checkSubgroup: true)
      }
      self.init(kind: kind, gammaG: gammaG, betaH: betaH, negativePowers: powers)
    } catch {
      throw .encoding(what: "verifier parameters", reason: "\(error)")
    }
  }

  /// The development parameters of a seed; recomputed in milliseconds, so no file is needed.
  public static func development(seed: String) -> SRSVerifierParameters {
    let secret = DevelopmentSecret(seed: seed)
    var powers: [Int: G2Affine] = [:]
    for bound in degreeBounds {
      powers[bound] = (G2(G2Affine.generator) * secret.negativePower(bound: bound)).affine
    }
    return SRSVerifierParameters(
      kind: .development(seed: seed), gammaG: (G1(G1Affine.generator) * secret.gamma).affine,
      betaH: (G2(G2Affine.generator) * secret.beta).affine, negativePowers: powers)
  }
}

/// Lines of points that are paired again and again; what is kept follows from the points, so caches are all equal.
private final class PreparedPoints: Sendable, Equatable {
  private let known = Mutex<[SRSVerifierParameters.Point: G2Prepared]>([:])

  func lines(of point: SRSVerifierParameters.Point, _ value: G2Affine) -> G2Prepared {
    if let lines = known.withLock({ $0[point] }) { return lines }
    let lines = G2Prepared(value)
    known.withLock { $0[point] = lines }
    return lines
  }

  static func == (a: PreparedPoints, b: PreparedPoints) -> Bool { true }
}

/// The secrets of a development set-up, which everybody can compute from its seed.
struct DevelopmentSecret {
  let beta: Fr
  let gamma: Fr

  init(seed: String) {
    let source = ProverSeed(Array("ezkl development parameters/\(seed)/".utf8))
    beta = source.scalar("beta")
    gamma = source.scalar("gamma")
    precondition(!beta.isZero && !gamma.isZero)
  }

  /// beta^exponent
  func power(_ exponent: Int) -> Fr { beta.pow([UInt64(exponent)]) }

  /// beta^(bound - D)
  func negativePower(bound: Int) -> Fr {
    power(SRSVerifierParameters.maximalDegree - bound).inverse() ?? .zero
  }
}
