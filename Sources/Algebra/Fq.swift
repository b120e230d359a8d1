/// The base field of BLS12-377; q = (x - 1)^2 r / 3 + x for x = 0x8508c00000000001.
///
/// 6 named 64-bit limbs, least significant first, in Montgomery form with R = 2^384; always below the modulus.
@frozen
public struct Fq: PrimeField {
  @usableFromInline var l0: UInt64
  @usableFromInline var l1: UInt64
  @usableFromInline var l2: UInt64
  @usableFromInline var l3: UInt64
  @usableFromInline var l4: UInt64
  @usableFromInline var l5: UInt64

  @inlinable @inline(__always)
  init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64) {
    self.l0 = l0
    self.l1 = l1
    self.l2 = l2
    self.l3 = l3
    self.l4 = l4
    self.l5 = l5
  }

  /// The modulus, least significant limb first.
  public static let modulus: [UInt64] = [
    0x8508c00000000001, 0x170b5d4430000000, 0x1ef3622fba094800,
    0x1a22d9f300f5138f, 0xc63b05c06ca1493b, 0x01ae3a4617c510ea,
  ]
  /// Bits of the modulus.
  public static let bitCount = 377
  /// Bytes of the canonical encoding.
  public static let byteCount = 48
  /// The largest s such that 2^s divides the modulus minus 1.
  public static let twoAdicity = 46
  /// The additive identity.
  @inlinable public static var zero: Fq { Fq(0, 0, 0, 0, 0, 0) }
  /// The multiplicative identity.
  @inlinable public static var one: Fq {
    Fq(
      0x02cdffffffffff68, 0x51409f837fffffb1, 0x9f7db3a98a7d3ff2,
      0x7b4e97b76e7c6305, 0x4cf495bf803c84e8, 0x008d6661e2fdf49a)
  }
  @inlinable static var rSquared: Fq {
    Fq(
      0xb786686c9400cd22, 0x0329fcaab00431b1, 0x22a5f11162d6b46d,
      0xbfdf7d03827dc3ac, 0x837e92f041790bf9, 0x006dfccb1e914b88)
  }
  /// A generator of the multiplicative group raised to the odd part of p - 1: order 2^twoAdicity.
  @inlinable public static var twoAdicRoot: Fq {
    Fq(
      0x68f876aa8bb191f2, 0x254e4780a6722e51, 0xa818ea191f8a0eaf,
      0x2c1a6dd31d8d5057, 0xcce5a0cba0df931b, 0x00ba7904c8cf8495)
  }

  /// The product.
  @inlinable @inline(__always)
  public static func * (a: Fq, b: Fq) -> Fq {
    var r = a
    r *= b
    return r
  }

  /// Montgomery multiplication, coarsely integrated operand scanning without carry limb (the modulus leaves
  /// the top bit free; "no-carry" condition of gnark-crypto's field documentation).
  @inlinable @inline(__always)
  public static func *= (a: inout Fq, b: Fq) {
    var t0: UInt64 = 0
    var t1: UInt64 = 0
    var t2: UInt64 = 0
    var t3: UInt64 = 0
    var t4: UInt64 = 0
    var t5: UInt64 = 0
    var c: UInt64 = 0
    var d: UInt64 = 0
    var m: UInt64 = 0
    c = 0
    t0 = multiplyAdd(a.l0, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l0, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l0, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l0, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l0, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l0, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l1, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l1, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l1, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l1, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l1, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l1, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l2, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l2, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l2, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l2, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l2, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l2, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l3, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l3, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l3, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l3, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l3, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l3, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l4, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l4, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l4, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l4, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l4, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l4, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l5, b.l0, t0, &c)
    m = t0 &* 0x8508bfffffffffff
    d = 0
    _ = multiplyAdd(m, 0x8508c00000000001, t0, &d)
    t1 = multiplyAdd(a.l5, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x170b5d4430000000, t1, &d)
    t2 = multiplyAdd(a.l5, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x1ef3622fba094800, t2, &d)
    t3 = multiplyAdd(a.l5, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x1a22d9f300f5138f, t3, &d)
    t4 = multiplyAdd(a.l5, b.l4, t4, &c)
    t3 = multiplyAdd(m, 0xc63b05c06ca1493b, t4, &d)
    t5 = multiplyAdd(a.l5, b.l5, t5, &c)
    t4 = multiplyAdd(m, 0x01ae3a4617c510ea, t5, &d)
    t5 = c &+ d
    a = Fq(t0, t1, t2, t3, t4, t5).reducedOnce()
  }

  /// Subtracts the modulus if the value is not below it; branch-free.
  @inlinable @inline(__always)
  func reducedOnce() -> Fq {
    var b: UInt64 = 0
    let s0 = subtractBorrow(l0, 0x8508c00000000001, &b)
    let s1 = subtractBorrow(l1, 0x170b5d4430000000, &b)
    let s2 = subtractBorrow(l2, 0x1ef3622fba094800, &b)
    let s3 = subtractBorrow(l3, 0x1a22d9f300f5138f, &b)
    let s4 = subtractBorrow(l4, 0xc63b05c06ca1493b, &b)
    let s5 = subtractBorrow(l5, 0x01ae3a4617c510ea, &b)
    let keep = 0 &- b
    return Fq(
      s0 ^ (keep & (s0 ^ l0)),
      s1 ^ (keep & (s1 ^ l1)),
      s2 ^ (keep & (s2 ^ l2)),
      s3 ^ (keep & (s3 ^ l3)),
      s4 ^ (keep & (s4 ^ l4)),
      s5 ^ (keep & (s5 ^ l5)))
  }

  /// Adds in place.
  @inlinable @inline(__always)
  public static func += (a: inout Fq, b: Fq) {
    var c: UInt64 = 0
    let s0 = addCarry(a.l0, b.l0, &c)
    let s1 = addCarry(a.l1, b.l1, &c)
    let s2 = addCarry(a.l2, b.l2, &c)
    let s3 = addCarry(a.l3, b.l3, &c)
    let s4 = addCarry(a.l4, b.l4, &c)
    let s5 = addCarry(a.l5, b.l5, &c)
    a = Fq(s0, s1, s2, s3, s4, s5).reducedOnce()
  }

  /// Subtracts in place.
  @inlinable @inline(__always)
  public static func -= (a: inout Fq, b: Fq) {
    var borrow: UInt64 = 0
    let s0 = subtractBorrow(a.l0, b.l0, &borrow)
    let s1 = subtractBorrow(a.l1, b.l1, &borrow)
    let s2 = subtractBorrow(a.l2, b.l2, &borrow)
    let s3 = subtractBorrow(a.l3, b.l3, &borrow)
    let s4 = subtractBorrow(a.l4, b.l4, &borrow)
    let s5 = subtractBorrow(a.l5, b.l5, &borrow)
    let mask = 0 &- borrow
    var c: UInt64 = 0
    let r0 = addCarry(s0, mask & 0x8508c00000000001, &c)
    let r1 = addCarry(s1, mask & 0x170b5d4430000000, &c)
    let r2 = addCarry(s2, mask & 0x1ef3622fba094800, &c)
    let r3 = addCarry(s3, mask & 0x1a22d9f300f5138f, &c)
    let r4 = addCarry(s4, mask & 0xc63b05c06ca1493b, &c)
    let r5 = addCarry(s5, mask & 0x01ae3a4617c510ea, &c)
    a = Fq(r0, r1, r2, r3, r4, r5)
  }

  /// Whether the value is 0.
  @inlinable public var isZero: Bool { (l0 | l1 | l2 | l3 | l4 | l5) == 0 }

  /// The canonical value in [0, p), least significant limb first.
  @inlinable public var canonicalLimbs: [UInt64] {
    let c = Fq(1, 0, 0, 0, 0, 0) * self
    return [c.l0, c.l1, c.l2, c.l3, c.l4, c.l5]
  }

  /// The element for an unsigned word.
  @inlinable
  public init(_ value: UInt64) { self = Fq(value, 0, 0, 0, 0, 0) * Self.rSquared }

  /// A value from limbs that are below the modulus.
  @inlinable public init(canonical v: [UInt64]) {
    self = Fq(v[0], v[1], v[2], v[3], v[4], v[5]) * Self.rSquared
  }
}
