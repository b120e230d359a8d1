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

  /// The power to q^2: the coefficient of w^k is multiplied by (w^(q^2 - 1))^k, which lies in Fq.
  public var frobeniusSquared: Fq12 {
    func scaled(_ a: Fq2, _ k: Int) -> Fq2 {
      let factors = Self.frobeniusFactors
      return Fq2(a.c0 * factors[k], a.c1 * factors[k + 6])
    }
    return Fq12(
      Fq6(scaled(c0.c0, 0), scaled(c0.c1, 2), scaled(c0.c2, 4)),
      Fq6(scaled(c1.c0, 1), scaled(c1.c1, 3), scaled(c1.c2, 5)))
  }

  /// Powers 0 ... 11 of (-5)^((q - 1) / 6).
  private static let frobeniusFactors: [Fq] = [
    .one,
    Fq(
      0x5892506da58478da, 0x133366940ac2a74b, 0x9b64a150cdf726cf,
      0x5cc426090a9c587e, 0x5cf848adfdcd640c, 0x004702bf3ac02380),
    Fq(
      0xdacd106da5847973, 0xd8fe2454bac2a79a, 0x1ada4fd6fd832edc,
      0xfb9868449d150908, 0xd63eb8aeea32285e, 0x0167d6a36f873fd0),
    Fq(
      0x823ac00000000099, 0xc5cabdc0b000004f, 0x7f75ae862f8c080d,
      0x9ed4423b9278b089, 0x79467000ec64c452, 0x0120d3e434c71c50),
    Fq(
      0x2c766f925a7b8727, 0x03d7f6b0253d58b5, 0x838ec0deec122131,
      0xbd5eb3e9f658bb10, 0x6942bd126ed3e52e, 0x01673786dd04ed6a),
    Fq(
      0xaa3baf925a7b868e, 0x3e0d38ef753d5865, 0x04191258bc861923,
      0x1e8a71ae63e00a87, 0xeffc4d11826f20dc, 0x004663a2a83dd119),
    Fq(
      0x02cdffffffffff68, 0x51409f837fffffb1, 0x9f7db3a98a7d3ff2,
      0x7b4e97b76e7c6305, 0x4cf495bf803c84e8, 0x008d6661e2fdf49a),
    Fq(
      0x5892506da58478da, 0x133366940ac2a74b, 0x9b64a150cdf726cf,
      0x5cc426090a9c587e, 0x5cf848adfdcd640c, 0x004702bf3ac02380),
    Fq(
      0xdacd106da5847973, 0xd8fe2454bac2a79a, 0x1ada4fd6fd832edc,
      0xfb9868449d150908, 0xd63eb8aeea32285e, 0x0167d6a36f873fd0),
    Fq(
      0x823ac00000000099, 0xc5cabdc0b000004f, 0x7f75ae862f8c080d,
      0x9ed4423b9278b089, 0x79467000ec64c452, 0x0120d3e434c71c50),
    Fq(
      0x2c766f925a7b8727, 0x03d7f6b0253d58b5, 0x838ec0deec122131,
      0xbd5eb3e9f658bb10, 0x6942bd126ed3e52e, 0x01673786dd04ed6a),
    Fq(
      0xaa3baf925a7b868e, 0x3e0d38ef753d5865, 0x04191258bc861923,
      0x1e8a71ae63e00a87, 0xeffc4d11826f20dc, 0x004663a2a83dd119),
  ]

  /// The twelve coefficients in Fq, in nested order.
  public var coefficients: [Fq] {
    [c0, c1].flatMap { [$0.c0, $0.c1, $0.c2] }.flatMap { [$0.c0, $0.c1] }
  }
}
