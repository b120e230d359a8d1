/// A polynomial over Fr by its coefficients, lowest degree first; trailing zeros are allowed.
public struct Polynomial: Equatable, Sendable {
  /// Coefficient i belongs to X^i.
  public var coefficients: [Fr]

  /// The polynomial with these coefficients.
  public init(_ coefficients: [Fr] = []) { self.coefficients = coefficients }

  /// The value at a point, by Horner's rule.
  public func evaluate(at x: Fr) -> Fr {
    var value = Fr.zero
    for coefficient in coefficients.reversed() { value = value * x + coefficient }
    return value
  }

  /// (p - p(z)) / (X - z), by synthetic division.
  public func divided(byLinear z: Fr) -> Polynomial {
    guard coefficients.count > 1 else { return Polynomial() }
    var quotient = [Fr](repeating: .zero, count: coefficients.count - 1)
    var carry = Fr.zero
    for i in stride(from: coefficients.count - 1, through: 1, by: -1) {
      carry = coefficients[i] + z * carry
      quotient[i - 1] = carry
    }
    return Polynomial(quotient)
  }

  /// Quotient and remainder by X^size - 1.
  public func dividedByVanishing(size: Int) -> (quotient: Polynomial, remainder: Polynomial) {
    var remainder = coefficients
    var quotient = [Fr](repeating: .zero, count: max(0, remainder.count - size))
    for i in stride(from: remainder.count - 1, through: size, by: -1) {
      quotient[i - size] = remainder[i]
      remainder[i - size] += remainder[i]
    }
    remainder = Array(remainder.prefix(size))
    return (Polynomial(quotient), Polynomial(remainder))
  }

  /// Adds scale · other.
  public mutating func add(_ other: Polynomial, scaledBy scale: Fr) {
    if other.coefficients.count > coefficients.count {
      coefficients.append(
        contentsOf: repeatElement(.zero, count: other.coefficients.count - coefficients.count))
    }
    for i in other.coefficients.indices { coefficients[i] += scale * other.coefficients[i] }
  }

  /// Adds another polynomial.
  public static func += (a: inout Polynomial, b: Polynomial) { a.add(b, scaledBy: .one) }

  /// Multiplies every coefficient.
  public mutating func scale(by factor: Fr) {
    for i in coefficients.indices { coefficients[i] *= factor }
  }
}
