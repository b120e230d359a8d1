/// The quadratic extension Fq[u] / (u^2 + 5).
@frozen
public struct Fq2: Field {
  /// Coefficient of the power 0.
  public var c0: Fq
  /// Coefficient of the power 1.
  public var c1: Fq

  /// c0 + c1 u.
  @inlinable
  public init(_ c0: Fq, _ c1: Fq) {
    self.c0 = c0
    self.c1 = c1
  }

  /// The additive identity.
  @inlinable public static var zero: Fq2 { Fq2(.zero, .zero) }
  /// The multiplicative identity.
  @inlinable public static var one: Fq2 { Fq2(.one, .zero) }
  /// Whether the value is 0.
  @inlinable public var isZero: Bool { c0.isZero && c1.isZero }

  /// Adds in place.
  @inlinable
  public static func += (a: inout Fq2, b: Fq2) {
    a.c0 += b.c0
    a.c1 += b.c1
  }

  /// Subtracts in place.
  @inlinable
  public static func -= (a: inout Fq2, b: Fq2) {
    a.c0 -= b.c0
    a.c1 -= b.c1
  }

  /// Karatsuba: three multiplications.
  @inlinable
  public static func *= (a: inout Fq2, b: Fq2) {
    let v0 = a.c0 * b.c0
    let v1 = a.c1 * b.c1
    a.c1 = (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1
    a.c0 = v0 - v1.timesFive
  }

  /// Complex squaring: two multiplications.
  @inlinable
  public func squared() -> Fq2 {
    let product = c0 * c1
    return Fq2(
      (c0 + c1) * (c0 - c1.timesFive) + product.doubled().doubled(), product.doubled())
  }

  /// Multiplies by an element of Fq.
  @inlinable
  public func scaled(by k: Fq) -> Fq2 { Fq2(c0 * k, c1 * k) }

  /// Multiplies by u, the nonresidue of the cubic extension.
  @inlinable public var timesU: Fq2 { Fq2(-c1.timesFive, c0) }

  /// The multiplicative inverse, nil for 0.
  public func inverse() -> Fq2? {
    guard let norm = (c0.squared() + c1.squared().timesFive).inverse() else { return nil }
    return Fq2(c0 * norm, -(c1 * norm))
  }
}

extension Fq {
  @inlinable @inline(__always)
  var timesFive: Fq { self.doubled().doubled() + self }
}
