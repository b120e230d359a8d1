/// A commutative field with in-place arithmetic; the operators forward to the in-place forms.
public protocol Field: Sendable, Hashable {
  static var zero: Self { get }
  static var one: Self { get }
  static func += (a: inout Self, b: Self)
  static func -= (a: inout Self, b: Self)
  static func *= (a: inout Self, b: Self)
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  /// The square.
  func squared() -> Self
  /// Twice the value.
  func doubled() -> Self
  /// The multiplicative inverse, nil for 0.
  func inverse() -> Self?
  /// Whether the value is 0.
  var isZero: Bool { get }
}

extension Field {
  /// The sum.
  @inlinable @inline(__always)
  public static func + (a: Self, b: Self) -> Self {
    var r = a
    r += b
    return r
  }

  /// The difference.
  @inlinable @inline(__always)
  public static func - (a: Self, b: Self) -> Self {
    var r = a
    r -= b
    return r
  }

  /// The product.
  @inlinable @inline(__always)
  public static func * (a: Self, b: Self) -> Self {
    var r = a
    r *= b
    return r
  }

  /// The negated value.
  @inlinable @inline(__always)
  public static prefix func - (a: Self) -> Self { .zero - a }

  /// The square.
  @inlinable @inline(__always)
  public func squared() -> Self { self * self }

  /// Twice the value.
  @inlinable @inline(__always)
  public func doubled() -> Self { self + self }

  /// The power to an exponent given as little-endian limbs, by square and multiply. variableTime: in the exponent.
  @inlinable
  public func pow(_ exponent: [UInt64]) -> Self {
    var result = Self.one
    for limb in exponent.reversed() {
      for bit in stride(from: 63, through: 0, by: -1) {
        result = result.squared()
        if limb >> UInt64(bit) & 1 == 1 { result *= self }
      }
    }
    return result
  }

  /// The power to a small exponent.
  @inlinable
  public func pow(_ exponent: UInt64) -> Self {
    guard exponent > 0 else { return .one }
    var result = self
    for bit in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
      result = result.squared()
      if exponent >> UInt64(bit) & 1 == 1 { result *= self }
    }
    return result
  }
}

/// Inverts every element with one field inversion (Montgomery's trick); zeros stay zero.
@inlinable
public func batchInvert<F: Field>(_ values: inout [F]) {
  values.withUnsafeMutableBufferPointer { batchInvert($0) }
}

/// Inverts every element of a buffer with one field inversion; zeros stay zero.
@inlinable
public func batchInvert<F: Field>(_ values: UnsafeMutableBufferPointer<F>) {
  var prefixes = [F]()
  prefixes.reserveCapacity(values.count)
  var product = F.one
  for value in values {
    prefixes.append(product)
    if !value.isZero { product *= value }
  }
  guard var inverse = product.inverse() else { return }
  for i in values.indices.reversed() where !values[i].isZero {
    let original = values[i]
    values[i] = inverse * prefixes[i]
    inverse *= original
  }
}
