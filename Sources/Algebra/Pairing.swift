/// The optimal ate pairing of BLS12-377: Miller loop over the seed, exponent (q^12 - 1) / r exactly.
public enum Pairing {
  /// The parameter x of the curve, positive.
  public static let seed: UInt64 = 0x8508_c000_0000_0001

  /// e(p, q).
  public static func pairing(_ p: G1Affine, _ q: G2Affine) -> Fq12 {
    finalExponentiation(millerLoop([(p, G2Prepared(q))]))
  }

  /// Whether the product of the pairings is 1; one chain of squarings and one final exponentiation for all.
  public static func productIsOne(_ pairs: [(G1Affine, G2Prepared)]) -> Bool {
    finalExponentiation(millerLoop(pairs)) == .one
  }

  /// The product of f_{x, q}(p); pairs with an identity contribute 1.
  static func millerLoop(_ pairs: [(G1Affine, G2Prepared)]) -> Fq12 {
    let live = pairs.filter { !$0.0.isIdentity && !$0.1.isIdentity }
    var f = Fq12.one
    for step in 0..<G2Prepared.stepCount {
      f = f.squared()
      for (p, q) in live {
        for line in q.steps[step] {
          // The line through the untwisted points at p: y_p - slope x_p w + (slope x_t - y_t) w^3.
          f.multiply(byLine: p.y, line.slope.scaled(by: -p.x), line.offset)
        }
      }
    }
    return f
  }

  /// f^((q^12 - 1) / r): (q^6 - 1)(q^2 + 1) by Frobenius maps, then the hard part
  ///
  ///     (q^4 - q^2 + 1) / r = (x - 1) (x - 1)/3 (x + q) (x^2 + q^2 - 1) + 1
  ///
  /// by powers to the seed x and its neighbours, which have few bits.
  static func finalExponentiation(_ f: Fq12) -> Fq12 {
    guard let inverse = f.inverse() else { return .zero }
    let easy = f.conjugate * inverse
    let base = easy.frobenius(2) * easy
    let a = base.cyclotomicPower(seed - 1).cyclotomicPower((seed - 1) / 3)
    let b = a.cyclotomicPower(seed) * a.frobenius(1)
    let c = b.cyclotomicPower(seed).cyclotomicPower(seed) * b.frobenius(2) * b.conjugate
    return c * base
  }
}

/// A point of G2 with the lines of its Miller loop, which depend on nothing else.
public struct G2Prepared: Sendable {
  struct Line {
    var slope: Fq2
    /// slope · x_t - y_t.
    var offset: Fq2
  }

  /// Doublings in the Miller loop: bits of the seed after the first.
  static let stepCount = 63

  /// Whether the point is the identity, which pairs to 1.
  let isIdentity: Bool
  /// Per bit of the seed one line (doubling) or two (doubling, addition).
  let steps: [[Line]]

  /// Computes the lines of a point of the subgroup of order r.
  public init(_ point: G2Affine) {
    isIdentity = point.isIdentity
    guard !point.isIdentity else {
      steps = []
      return
    }
    var t = point
    var steps: [[Line]] = []
    for bit in stride(from: Self.stepCount - 1, through: 0, by: -1) {
      var lines = [Self.chord(&t, t)]
      if Pairing.seed >> UInt64(bit) & 1 == 1 { lines.append(Self.chord(&t, point)) }
      steps.append(lines)
    }
    self.steps = steps
  }

  /// The line through t and s (the tangent if they are equal); t becomes their sum.
  private static func chord(_ t: inout G2Affine, _ s: G2Affine) -> Line {
    let slope: Fq2
    if t.x == s.x {
      let square = t.x.squared()
      slope = (square.doubled() + square) * t.y.doubled().inverse()!
    } else {
      slope = (s.y - t.y) * (s.x - t.x).inverse()!
    }
    let line = Line(slope: slope, offset: slope * t.x - t.y)
    let x = slope.squared() - t.x - s.x
    t = G2Affine(x: x, y: slope * (t.x - x) - t.y)
    return line
  }
}
