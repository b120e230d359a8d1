import Algebra
import TestSupport
import Testing

@Suite("Laws of fields and groups")
struct LawTests {
  @Test(arguments: [1, 2] as [UInt64])
  func scalarField(seed: UInt64) {
    FieldLaws.check(FieldLaws.samples(Fr.self, seed: seed), seed: seed)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func baseField(seed: UInt64) {
    FieldLaws.check(FieldLaws.samples(Fq.self, seed: seed), seed: seed)
  }

  @Test func quadraticExtension() {
    FieldLaws.check(tower(seed: 3, \.quadratic), seed: 3)
    let u = Fq2(.zero, .one)
    #expect(u.squared() == -Fq2(Fq(5), .zero))
  }

  @Test func cubicExtension() {
    FieldLaws.check(tower(seed: 4, \.cubic), seed: 4)
    let v = Fq6(.zero, .one, .zero)
    #expect(v.squared() * v == Fq6(Fq2(.zero, .one), .zero, .zero))
    #expect(v * v == v.timesV)
  }

  @Test func dodecicExtension() {
    FieldLaws.check(tower(seed: 5, \.dodecic), seed: 5)
    let w = Fq12(.zero, .one)
    #expect(w.pow(12) == -Fq12(Fq6(Fq2(Fq(5), .zero), .zero, .zero), .zero))
  }

  @Test func frobeniusIsThePower() {
    let a = tower(seed: 6, \.dodecic)[4]
    #expect(a.frobenius(1) == a.pow(Fq.modulus))
    #expect(a.frobenius(2) == a.pow(Fq.modulus).pow(Fq.modulus))
  }

  /// Random points of the curve, nearly all outside the subgroup, and what is left of them times the cofactor.
  @Test func membershipOfTheFirstGroupIsTheOrder() {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<12 {
      let x = Fq.random(using: &generator)
      guard let y = (x.squared() * x + G1Curve.b).squareRoot() else { continue }
      let point = G1Affine(x: x, y: y)
      #expect(point.isInSubgroup == G1(point).multiplied(by: Fr.modulus).isIdentity)
      let cleared = G1(point).multiplied(by: [0, 0x170b_5d44_3000_0000]).affine
      #expect(!cleared.isIdentity && cleared.isInSubgroup)
    }
    #expect(!G1Affine(x: .zero, y: .one).isInSubgroup, "a point of order 3")
    #expect(G1Affine.identity.isInSubgroup)
  }

  @Test func firstGroup() { GroupLaws.check(GroupLaws.samples(G1Curve.self, seed: 7), seed: 7) }

  @Test func secondGroup() { GroupLaws.check(GroupLaws.samples(G2Curve.self, seed: 8), seed: 8) }

  /// Zero, one, an element of the field below and random elements, at one level of the tower.
  private func tower<F: Field>(seed: UInt64, _ level: (TowerSource) -> F) -> [F] {
    var sources = [TowerSource(seed: seed), TowerSource(seed: seed + 100)]
    sources.append(TowerSource(sparse: seed))
    return [.zero, .one, -.one] + sources.map(level)
  }
}

/// One element at every level of the tower.
private struct TowerSource {
  let quadratic: Fq2
  let cubic: Fq6
  let dodecic: Fq12

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var c: [Fq2] = []
    for _ in 0..<6 {
      c.append(Fq2(Fq.random(using: &generator), Fq.random(using: &generator)))
    }
    quadratic = c[0]
    cubic = Fq6(c[0], c[1], c[2])
    dodecic = Fq12(cubic, Fq6(c[3], c[4], c[5]))
  }

  init(sparse seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let a = Fq.random(using: &generator)
    quadratic = Fq2(.zero, a)
    cubic = Fq6(.zero, .zero, quadratic)
    dodecic = Fq12(.zero, cubic)
  }
}
