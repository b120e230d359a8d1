/// The scalar field of BLS12-377, the order of its groups; r = x^4 - x^2 + 1 for x = 0x8508c00000000001.
///
/// 4 named 64-bit limbs, least significant first, in Montgomery form with R = 2^256; always below the modulus.
@frozen
public struct Fr: PrimeField {
  @usableFromInline var l0: UInt64
  @usableFromInline var l1: UInt64
  @usableFromInline var l2: UInt64
  @usableFromInline var l3: UInt64

  @inlinable @inline(__always)
  init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64) {
    self.l0 = l0
    self.l1 = l1
    self.l2 = l2
    self.l3 = l3
  }

  /// The modulus, least significant limb first.
  public static let modulus: [UInt64] = [
    0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556,
  ]
  /// Bits of the modulus.
  public static let bitCount = 253
  /// Bytes of the canonical encoding.
  public static let byteCount = 32
  /// The largest s such that 2^s divides the modulus minus 1.
  public static let twoAdicity = 47
  /// The additive identity.
  @inlinable public static var zero: Fr { Fr(0, 0, 0, 0) }
  /// The multiplicative identity.
  @inlinable public static var one: Fr {
    Fr(
      0x7d1c7ffffffffff3, 0x7257f50f6ffffff2, 0x16d81575512c0fee, 0x0d4bda322bbb9a9d)
  }
  @inlinable static var rSquared: Fr {
    Fr(
      0x25d577bab861857b, 0xcc2c27b58860591f, 0xa7cc008fe5dc8593, 0x011fdae7eff1c939)
  }
  /// A generator of the multiplicative group raised to the odd part of p - 1: order 2^twoAdicity.
  @inlinable public static var twoAdicRoot: Fr {
    Fr(
      0xaf80da4dda3ad648, 0x5e223adbfc381dac, 0x03ba0666b2f92525, 0x0f906c5b3befb0ce)
  }

  /// The product.
  @inlinable @inline(__always)
  public static func * (a: Fr, b: Fr) -> Fr {
    var r = a
    r *= b
    return r
  }

  /// Montgomery multiplication, coarsely integrated operand scanning without carry limb (the modulus leaves
  /// the top bit free; "no-carry" condition of gnark-crypto's field documentation).
  @inlinable @inline(__always)
  public static func *= (a: inout Fr, b: Fr) {
    var t0: UInt64 = 0
    var t1: UInt64 = 0
    var t2: UInt64 = 0
    var t3: UInt64 = 0
    var c: UInt64 = 0
    var d: UInt64 = 0
    var m: UInt64 = 0
    c = 0
    t0 = multiplyAdd(a.l0, b.l0, t0, &c)
    m = t0 &* 0x0a117fffffffffff
    d = 0
    _ = multiplyAdd(m, 0x0a11800000000001, t0, &d)
    t1 = multiplyAdd(a.l0, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x59aa76fed0000001, t1, &d)
    t2 = multiplyAdd(a.l0, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x60b44d1e5c37b001, t2, &d)
    t3 = multiplyAdd(a.l0, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x12ab655e9a2ca556, t3, &d)
    t3 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l1, b.l0, t0, &c)
    m = t0 &* 0x0a117fffffffffff
    d = 0
    _ = multiplyAdd(m, 0x0a11800000000001, t0, &d)
    t1 = multiplyAdd(a.l1, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x59aa76fed0000001, t1, &d)
    t2 = multiplyAdd(a.l1, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x60b44d1e5c37b001, t2, &d)
    t3 = multiplyAdd(a.l1, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x12ab655e9a2ca556, t3, &d)
    t3 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l2, b.l0, t0, &c)
    m = t0 &* 0x0a117fffffffffff
    d = 0
    _ = multiplyAdd(m, 0x0a11800000000001, t0, &d)
    t1 = multiplyAdd(a.l2, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x59aa76fed0000001, t1, &d)
    t2 = multiplyAdd(a.l2, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x60b44d1e5c37b001, t2, &d)
    t3 = multiplyAdd(a.l2, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x12ab655e9a2ca556, t3, &d)
    t3 = c &+ d
    c = 0
    t0 = multiplyAdd(a.l3, b.l0, t0, &c)
    m = t0 &* 0x0a117fffffffffff
    d = 0
    _ = multiplyAdd(m, 0x0a11800000000001, t0, &d)
    t1 = multiplyAdd(a.l3, b.l1, t1, &c)
    t0 = multiplyAdd(m, 0x59aa76fed0000001, t1, &d)
    t2 = multiplyAdd(a.l3, b.l2, t2, &c)
    t1 = multiplyAdd(m, 0x60b44d1e5c37b001, t2, &d)
    t3 = multiplyAdd(a.l3, b.l3, t3, &c)
    t2 = multiplyAdd(m, 0x12ab655e9a2ca556, t3, &d)
    t3 = c &+ d
    a = Fr(t0, t1, t2, t3).reducedOnce()
  }

  /// Subtracts the modulus if the value is not below it; branch-free.
  @inlinable @inline(__always)
  func reducedOnce() -> Fr {
    var b: UInt64 = 0
    let s0 = subtractBorrow(l0, 0x0a11800000000001, &b)
    let s1 = subtractBorrow(l1, 0x59aa76fed0000001, &b)
    let s2 = subtractBorrow(l2, 0x60b44d1e5c37b001, &b)
    let s3 = subtractBorrow(l3, 0x12ab655e9a2ca556, &b)
    let keep = 0 &- b
    return Fr(
      s0 ^ (keep & (s0 ^ l0)), s1 ^ (keep & (s1 ^ l1)), s2 ^ (keep & (s2 ^ l2)),
      s3 ^ (keep & (s3 ^ l3)))
  }

  /// Adds in place.
  @inlinable @inline(__always)
  public static func += (a: inout Fr, b: Fr) {
    var c: UInt64 = 0
    let s0 = addCarry(a.l0, b.l0, &c)
    let s1 = addCarry(a.l1, b.l1, &c)
    let s2 = addCarry(a.l2, b.l2, &c)
    let s3 = addCarry(a.l3, b.l3, &c)
    a = Fr(s0, s1, s2, s3).reducedOnce()
  }

  /// Subtracts in place.
  @inlinable @inline(__always)
  public static func -= (a: inout Fr, b: Fr) {
    var borrow: UInt64 = 0
    let s0 = subtractBorrow(a.l0, b.l0, &borrow)
    let s1 = subtractBorrow(a.l1, b.l1, &borrow)
    let s2 = subtractBorrow(a.l2, b.l2, &borrow)
    let s3 = subtractBorrow(a.l3, b.l3, &borrow)
    let mask = 0 &- borrow
    var c: UInt64 = 0
    let r0 = addCarry(s0, mask & 0x0a11800000000001, &c)
    let r1 = addCarry(s1, mask & 0x59aa76fed0000001, &c)
    let r2 = addCarry(s2, mask & 0x60b44d1e5c37b001, &c)
    let r3 = addCarry(s3, mask & 0x12ab655e9a2ca556, &c)
    a = Fr(r0, r1, r2, r3)
  }

  /// Whether the value is 0.
  @inlinable public var isZero: Bool { (l0 | l1 | l2 | l3) == 0 }

  /// The canonical value in [0, p), least significant limb first.
  @inlinable public var canonicalLimbs: [UInt64] {
    let c = Fr(1, 0, 0, 0) * self
    return [c.l0, c.l1, c.l2, c.l3]
  }

  /// ``canonicalLimbs`` without an allocation.
  @inlinable public var canonicalTuple: (UInt64, UInt64, UInt64, UInt64) {
    let c = Fr(1, 0, 0, 0) * self
    return (c.l0, c.l1, c.l2, c.l3)
  }

  /// The element for an unsigned word.
  @inlinable
  public init(_ value: UInt64) { self = Fr(value, 0, 0, 0) * Self.rSquared }

  /// A value from limbs that are below the modulus.
  @inlinable public init(canonical v: [UInt64]) {
    self = Fr(v[0], v[1], v[2], v[3]) * Self.rSquared
  }
}
