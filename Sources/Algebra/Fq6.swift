/// The cubic extension Fq2[v] / (v^3 - u).
@frozen
public struct Fq6: Field {
  /// Coefficient of the power 0.
  public var c0: Fq2
  /// Coefficient of the power 1.
  public var c1: Fq2
  /// Coefficient of the power 2.
  public var c2: Fq2

  /// c0 + c1 v + c2 v^2.
  @inlinable
  public init(_ c0: Fq2, _ c1: Fq2, _ c2: Fq2) {
    self.c0 = c0
    self.c1 = c1
    self.c2 = c2
  }

  /// The additive identity.
  @inlinable public static var zero: Fq6 { Fq6(.zero, .zero, .zero) }
  /// The multiplicative identity.
  @inlinable public static var one: Fq6 { Fq6(.one, .zero, .zero) }
  /// Whether the value is 0.
  @inlinable public var isZero: Bool { c0.isZero && c1.isZero && c2.isZero }

  /// Adds in place.
  @inlinable
  public static func += (a: inout Fq6, b: Fq6) {
    a.c0 += b.c0
    a.c1 += b.c1
    a.c2 += b.c2
  }

  /// Subtracts in place.
  @inlinable
  public static func -= (a: inout Fq6, b: Fq6) {
    a.c0 -= b.c0
    a.c1 -= b.c1
    a.c2 -= b.c2
  }

  /// Karatsuba: six multiplications in Fq2.
  @inlinable
  public static func *= (a: inout Fq6, b: Fq6) {
    let v0 = a.c0 * b.c0
    let v1 = a.c1 * b.c1
    let v2 = a.c2 * b.c2
    let t0 = (a.c1 + a.c2) * (b.c1 + b.c2) - v1 - v2
    let t1 = (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1
    let t2 = (a.c0 + a.c2) * (b.c0 + b.c2) - v0 - v2
    a = Fq6(v0 + t0.timesU, t1 + v2.timesU, t2 + v1)
  }

  /// Multiplies by b0 + b1 v: five multiplications in Fq2.
  @inlinable
  func multiplied(by b0: Fq2, _ b1: Fq2) -> Fq6 {
    let v0 = c0 * b0
    let v1 = c1 * b1
    let t1 = (c0 + c1) * (b0 + b1) - v0 - v1
    return Fq6(v0 + (c2 * b1).timesU, t1, c2 * b0 + v1)
  }

  /// Multiplies by an element of Fq.
  @inlinable
  func scaled(by k: Fq) -> Fq6 { Fq6(c0.scaled(by: k), c1.scaled(by: k), c2.scaled(by: k)) }

  /// Multiplies by v, the nonresidue of the quadratic extension on top.
  @inlinable public var timesV: Fq6 { Fq6(c2.timesU, c0, c1) }

  /// The multiplicative inverse, nil for 0.
  public func inverse() -> Fq6? {
    let t0 = c0.squared() - (c1 * c2).timesU
    let t1 = c2.squared().timesU - c0 * c1
    let t2 = c1.squared() - c0 * c2
    guard let norm = (c0 * t0 + (c2 * t1 + c1 * t2).timesU).inverse() else { return nil }
    return Fq6(t0 * norm, t1 * norm, t2 * norm)
  }
}
