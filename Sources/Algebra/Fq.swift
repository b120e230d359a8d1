import CLimbs

/// The base field of BLS12-377; q = (x - 1)^2 r / 3 + x for x = 0x8508c00000000001.
///
/// 6 64-bit limbs, least significant first, in Montgomery form with R = 2^384; always below the modulus.
@frozen
public struct Fq: PrimeField {
  @usableFromInline var limbs: climbs_fq

  @inlinable @inline(__always)
  init(limbs: climbs_fq) { self.limbs = limbs }

  /// The element with these limbs, which must be below the modulus, in Montgomery form.
  @inlinable @inline(__always)
  init(
    _ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64
  ) {
    limbs = climbs_fq(limb: (l0, l1, l2, l3, l4, l5))
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

  /// Montgomery multiplication in place.
  @inlinable @inline(__always)
  public static func *= (a: inout Fq, b: Fq) {
    a.limbs = climbs_fq_multiply(a.limbs, b.limbs)
  }

  /// The product.
  @inlinable @inline(__always)
  public static func * (a: Fq, b: Fq) -> Fq {
    Fq(limbs: climbs_fq_multiply(a.limbs, b.limbs))
  }

  /// The square.
  @inlinable @inline(__always)
  public func squared() -> Fq { Fq(limbs: climbs_fq_square(limbs)) }

  /// The multiplicative inverse, nil for 0.
  @inlinable
  public func inverse() -> Fq? { isZero ? nil : Fq(limbs: climbs_fq_inverse(limbs)) }

  /// Adds in place.
  @inlinable @inline(__always)
  public static func += (a: inout Fq, b: Fq) { a.limbs = climbs_fq_add(a.limbs, b.limbs) }

  /// Subtracts in place.
  @inlinable @inline(__always)
  public static func -= (a: inout Fq, b: Fq) {
    a.limbs = climbs_fq_subtract(a.limbs, b.limbs)
  }

  /// Whether the elements are equal; their forms are unique.
  @inlinable
  public static func == (a: Fq, b: Fq) -> Bool { a.limbs.limb == b.limbs.limb }

  /// Feeds the limbs.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes(of: limbs) { hasher.combine(bytes: $0) }
  }

  /// Whether the value is 0.
  @inlinable public var isZero: Bool {
    let l = limbs.limb
    return (l.0 | l.1 | l.2 | l.3 | l.4 | l.5) == 0
  }

  /// The canonical value in [0, p), least significant limb first.
  @inlinable public var canonicalLimbs: [UInt64] {
    let l = climbs_fq_multiply(limbs, climbs_fq(limb: (1, 0, 0, 0, 0, 0))).limb
    return [l.0, l.1, l.2, l.3, l.4, l.5]
  }

  /// The element for an unsigned word.
  @inlinable
  public init(_ value: UInt64) { self = Fq(value, 0, 0, 0, 0, 0) * Self.rSquared }

  /// The element for a number given by its limbs; reduced if it is not below the modulus.
  @inlinable public init(canonical v: [UInt64]) {
    // The second factor of a product may be any number of so many limbs.
    self = Self.rSquared * Fq(v[0], v[1], v[2], v[3], v[4], v[5])
  }
}
