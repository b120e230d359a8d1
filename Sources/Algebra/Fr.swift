import CLimbs

/// The scalar field of BLS12-377, the order of its groups; r = x^4 - x^2 + 1 for x = 0x8508c00000000001.
///
/// 4 64-bit limbs, least significant first, in Montgomery form with R = 2^256; always below the modulus.
@frozen
public struct Fr: PrimeField {
  @usableFromInline var limbs: climbs_fr

  @inlinable @inline(__always)
  init(limbs: climbs_fr) { self.limbs = limbs }

  /// The element with these limbs, which must be below the modulus, in Montgomery form.
  @inlinable @inline(__always)
  init(
    _ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64
  ) {
    limbs = climbs_fr(limb: (l0, l1, l2, l3))
  }

  /// The modulus, least significant limb first.
  public static let modulus: [UInt64] = [
    0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556,
  ]
  /// ``modulus`` without an array.
  static var modulusTuple: (UInt64, UInt64, UInt64, UInt64) {
    (0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556)
  }
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

  /// Montgomery multiplication in place.
  @inlinable @inline(__always)
  public static func *= (a: inout Fr, b: Fr) {
    a.limbs = climbs_fr_multiply(a.limbs, b.limbs)
  }

  /// The product.
  @inlinable @inline(__always)
  public static func * (a: Fr, b: Fr) -> Fr {
    Fr(limbs: climbs_fr_multiply(a.limbs, b.limbs))
  }

  /// The square.
  @inlinable @inline(__always)
  public func squared() -> Fr { Fr(limbs: climbs_fr_square(limbs)) }

  /// The multiplicative inverse, nil for 0.
  @inlinable
  public func inverse() -> Fr? { isZero ? nil : Fr(limbs: climbs_fr_inverse(limbs)) }

  /// Adds in place.
  @inlinable @inline(__always)
  public static func += (a: inout Fr, b: Fr) { a.limbs = climbs_fr_add(a.limbs, b.limbs) }

  /// Subtracts in place.
  @inlinable @inline(__always)
  public static func -= (a: inout Fr, b: Fr) {
    a.limbs = climbs_fr_subtract(a.limbs, b.limbs)
  }

  /// Whether the elements are equal; their forms are unique.
  @inlinable
  public static func == (a: Fr, b: Fr) -> Bool { a.limbs.limb == b.limbs.limb }

  /// Feeds the limbs.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes(of: limbs) { hasher.combine(bytes: $0) }
  }

  /// Whether the value is 0.
  @inlinable public var isZero: Bool {
    let l = limbs.limb
    return (l.0 | l.1 | l.2 | l.3) == 0
  }

  /// ``canonicalLimbs`` without an allocation.
  @inlinable public var canonicalTuple: (UInt64, UInt64, UInt64, UInt64) {
    climbs_fr_multiply(limbs, climbs_fr(limb: (1, 0, 0, 0))).limb
  }

  /// The canonical value in [0, p), least significant limb first.
  @inlinable public var canonicalLimbs: [UInt64] {
    let l = canonicalTuple
    return [l.0, l.1, l.2, l.3]
  }

  /// The element for an unsigned word.
  @inlinable
  public init(_ value: UInt64) { self = Fr(value, 0, 0, 0) * Self.rSquared }

  /// The element for a number given by its limbs; reduced if it is not below the modulus.
  @inlinable public init(canonical v: [UInt64]) {
    // The second factor of a product may be any number of so many limbs.
    self = Self.rSquared * Fr(v[0], v[1], v[2], v[3])
  }
}
