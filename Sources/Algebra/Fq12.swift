/// The quadratic extension Fq6[w] / (w^2 - v), in which pairings take their values; w^12 = -5.
@frozen
public struct Fq12: Field {
  /// Coefficient of the power 0.
  public var c0: Fq6
  /// Coefficient of the power 1.
  public var c1: Fq6

  /// c0 + c1 w.
  @inlinable
  public init(_ c0: Fq6, _ c1: Fq6) {
    self.c0 = c0
    self.c1 = c1
  }

  /// The additive identity.
  @inlinable public static var zero: Fq12 { Fq12(.zero, .zero) }
  /// The multiplicative identity.
  @inlinable public static var one: Fq12 { Fq12(.one, .zero) }
  /// Whether the value is 0.
  @inlinable public var isZero: Bool { c0.isZero && c1.isZero }

  /// Adds in place.
  @inlinable
  public static func += (a: inout Fq12, b: Fq12) {
    a.c0 += b.c0
    a.c1 += b.c1
  }

  /// Subtracts in place.
  @inlinable
  public static func -= (a: inout Fq12, b: Fq12) {
    a.c0 -= b.c0
    a.c1 -= b.c1
  }

  /// Karatsuba: three multiplications in Fq6.
  @inlinable
  public static func *= (a: inout Fq12, b: Fq12) {
    let v0 = a.c0 * b.c0
    let v1 = a.c1 * b.c1
    a.c1 = (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1
    a.c0 = v0 + v1.timesV
  }

  /// Complex squaring: two multiplications in Fq6.
  @inlinable
  public func squared() -> Fq12 {
    let product = c0 * c1
    let t = (c0 + c1) * (c0 + c1.timesV) - product - product.timesV
    return Fq12(t, product.doubled())
  }

  /// The square of an element of the cyclotomic subgroup, whose order divides q^4 - q^2 + 1: three squarings in
  /// Fq4 (Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions").
  @inlinable
  func cyclotomicSquared() -> Fq12 {
    /// (a + b s)^2 for s^2 = u.
    func square(_ a: Fq2, _ b: Fq2) -> (Fq2, Fq2) {
      let product = a * b
      return ((a + b) * (a + b.timesU) - product - product.timesU, product.doubled())
    }
    let (t0, t1) = square(c0.c0, c1.c1)
    let (t2, t3) = square(c1.c0, c0.c2)
    let (t4, t5) = square(c0.c1, c1.c2)
    let t6 = t5.timesU
    return Fq12(
      Fq6((t0 - c0.c0).doubled() + t0, (t2 - c0.c1).doubled() + t2, (t4 - c0.c2).doubled() + t4),
      Fq6((t6 + c1.c0).doubled() + t6, (t1 + c1.c1).doubled() + t1, (t3 + c1.c2).doubled() + t3))
  }

  /// The power of an element of the cyclotomic subgroup. variableTime: in the exponent.
  func cyclotomicPower(_ exponent: UInt64) -> Fq12 {
    var result = self
    for bit in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
      result = result.cyclotomicSquared()
      if exponent >> UInt64(bit) & 1 == 1 { result *= self }
    }
    return result
  }

  /// Multiplies by a0 + (b0 + b1 v) w, the shape of a line.
  @inlinable
  mutating func multiply(byLine a0: Fq, _ b0: Fq2, _ b1: Fq2) {
    let low = c0.scaled(by: a0) + c1.multiplied(by: b0, b1).timesV
    c1 = c0.multiplied(by: b0, b1) + c1.scaled(by: a0)
    c0 = low
  }

  /// The q^6 Frobenius; the inverse in the cyclotomic subgroup.
  @inlinable public var conjugate: Fq12 { Fq12(c0, -c1) }

  /// The multiplicative inverse, nil for 0.
  public func inverse() -> Fq12? {
    guard let t = (c0.squared() - c1.squared().timesV).inverse() else { return nil }
    return Fq12(c0 * t, -(c1 * t))
  }

  /// The power to q^n: the coefficient of w^k is multiplied by (w^(q^n - 1))^k, which lies in Fq.
  public func frobenius(_ n: Int) -> Fq12 {
    func scaled(_ a: Fq2, _ k: Int) -> Fq2 {
      let factors = Self.frobeniusFactors
      return Fq2(a.c0 * factors[n * k % 12], a.c1 * factors[n * (k + 6) % 12])
    }
    return Fq12(
      Fq6(scaled(c0.c0, 0), scaled(c0.c1, 2), scaled(c0.c2, 4)),
      Fq6(scaled(c1.c0, 1), scaled(c1.c1, 3), scaled(c1.c2, 5)))
  }

  /// Powers 0 ... 11 of w^(q - 1) = (-5)^((q - 1) / 12), a root of unity of order 12.
  private static let frobeniusFactors: [Fq] = {
    let root = (-Fq(UInt64(5))).pow([
      0x0b16100000000000, 0x01eb9d1b04000000, 0xed3ef2d94f80c600,
      0xecd83cd440146c4b, 0x3b2f95d0090d70c4, 0x0023da3081fb16be,
    ])
    return (0..<12).map { root.pow(UInt64($0)) }
  }()

  /// The twelve coefficients in Fq, in nested order.
  public var coefficients: [Fq] {
    [c0, c1].flatMap { [$0.c0, $0.c1, $0.c2] }.flatMap { [$0.c0, $0.c1] }
  }
}
