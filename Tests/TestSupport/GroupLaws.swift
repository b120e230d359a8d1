import Algebra
import Testing

/// The laws of the group of points of a curve.
public enum GroupLaws {
  /// The identity, the generator, its negative and small and random multiples.
  public static func samples<C: Curve>(_ curve: C.Type, seed: UInt64) -> [JacobianPoint<C>] {
    var generator = SeededGenerator(seed: seed)
    let g = JacobianPoint<C>.generator
    return [.identity, g, -g, g.doubled(), g.doubled() + g]
      + (0..<2).map { _ in g * Fr.random(using: &generator) }
  }

  /// Checks the group laws, the agreement of coordinates and the action of scalars.
  public static func check<C: Curve>(_ samples: [JacobianPoint<C>], seed: UInt64) {
    let note = Comment(rawValue: "\(C.self), seed \(seed)")
    let affine = JacobianPoint.batchAffine(samples)
    for (p, pAffine) in zip(samples, affine) {
      #expect(pAffine == p.affine && JacobianPoint(pAffine) == p && pAffine.isOnCurve, note)
      #expect(p + JacobianPoint.identity == p && (p - p).isIdentity && p.doubled() == p + p, note)
      #expect((-p).affine == -pAffine && p.isIdentity == pAffine.isIdentity, note)
      #expect(p * Fr.zero == .identity && p * Fr.one == p && p * -Fr.one == -p, note)
      #expect(p.multiplied(by: Fr.modulus).isIdentity, note)
      #expect(p * Fr(5) == p.doubled().doubled() + p, note)
      for (q, qAffine) in zip(samples, affine) {
        #expect(p + q == q + p && p + qAffine == p + q && (p + q).affine.isOnCurve, note)
        #expect((p == q) == (pAffine == qAffine), note)
        let s = p.doubled() + q
        #expect((p + q) + s == p + (q + s), note)
      }
    }
  }
}
