/// A short Weierstrass curve y^2 = x^3 + b over a field.
public protocol Curve: Sendable {
  associatedtype Base: Field
  /// The constant term b.
  static var b: Base { get }
  /// Coordinates of the generator of the subgroup of order r.
  static var generator: (x: Base, y: Base) { get }
}

/// A point in affine coordinates, or the identity.
@frozen
public struct AffinePoint<C: Curve>: Hashable, Sendable {
  /// The first coordinate.
  public var x: C.Base
  /// The second coordinate.
  public var y: C.Base
  /// Whether this is the neutral element, whatever the coordinates.
  public var isIdentity: Bool

  /// The point with these coordinates, which must satisfy the curve equation.
  @inlinable
  public init(x: C.Base, y: C.Base) {
    (self.x, self.y, isIdentity) = (x, y, false)
  }

  @inlinable
  init(identity: Void) {
    (x, y, isIdentity) = (.zero, .one, true)
  }

  /// The neutral element.
  @inlinable public static var identity: Self { Self(identity: ()) }

  /// The generator of the subgroup of order r.
  @inlinable public static var generator: Self { Self(x: C.generator.x, y: C.generator.y) }

  /// Whether the coordinates satisfy the curve equation.
  @inlinable public var isOnCurve: Bool {
    isIdentity || y.squared() == x.squared() * x + C.b
  }

  /// The point with y negated.
  @inlinable public static prefix func - (p: Self) -> Self {
    var r = p
    r.y = -r.y
    return p.isIdentity ? p : r
  }

  /// Two identities are equal whatever their coordinates are.
  @inlinable public static func == (a: Self, b: Self) -> Bool {
    a.isIdentity || b.isIdentity ? a.isIdentity == b.isIdentity : a.x == b.x && a.y == b.y
  }

  /// Feeds what equality compares.
  @inlinable public func hash(into hasher: inout Hasher) {
    hasher.combine(isIdentity)
    if !isIdentity { hasher.combine(x) }
  }

  /// The scalar multiple. variableTime: in the scalar.
  public static func * (point: Self, scalar: Fr) -> JacobianPoint<C> {
    JacobianPoint(point) * scalar
  }
}

/// A point in Jacobian coordinates: x = X/Z^2, y = Y/Z^3; the identity has Z = 0.
@frozen
public struct JacobianPoint<C: Curve>: Sendable {
  @usableFromInline var x: C.Base
  @usableFromInline var y: C.Base
  @usableFromInline var z: C.Base

  @inlinable
  init(x: C.Base, y: C.Base, z: C.Base) {
    (self.x, self.y, self.z) = (x, y, z)
  }

  /// The same point in other coordinates.
  @inlinable
  public init(_ point: AffinePoint<C>) {
    self = point.isIdentity ? .identity : Self(x: point.x, y: point.y, z: .one)
  }

  /// The neutral element.
  @inlinable public static var identity: Self { Self(x: .one, y: .one, z: .zero) }

  /// The generator of the subgroup of order r.
  @inlinable public static var generator: Self { Self(.generator) }

  /// Whether this is the neutral element.
  @inlinable public var isIdentity: Bool { z.isZero }

  /// The affine form; one field inversion.
  public var affine: AffinePoint<C> {
    guard let inverse = z.inverse() else { return .identity }
    let square = inverse.squared()
    return AffinePoint(x: x * square, y: y * square * inverse)
  }

  /// The affine forms of many points with one field inversion.
  public static func batchAffine(_ points: [Self]) -> [AffinePoint<C>] {
    var inverses = points.map(\.z)
    batchInvert(&inverses)
    return zip(points, inverses).map { point, inverse in
      if point.isIdentity { return .identity }
      let square = inverse.squared()
      return AffinePoint(x: point.x * square, y: point.y * square * inverse)
    }
  }

  /// Twice the point ("dbl-2009-l" of the Explicit-Formulas Database, a = 0).
  @inlinable
  public func doubled() -> Self {
    if isIdentity { return self }
    let a = x.squared()
    let b = y.squared()
    let c = b.squared()
    let d = ((x + b).squared() - a - c).doubled()
    let e = a.doubled() + a
    let x3 = e.squared() - d.doubled()
    let y3 = e * (d - x3) - c.doubled().doubled().doubled()
    return Self(x: x3, y: y3, z: (y * z).doubled())
  }

  /// Adds an affine point; complete (handles equal, opposite and identity operands).
  @inlinable
  public static func += (p: inout Self, q: AffinePoint<C>) {
    if q.isIdentity { return }
    if p.isIdentity {
      p = Self(q)
      return
    }
    let zz = p.z.squared()
    let h = q.x * zz - p.x
    let r = q.y * zz * p.z - p.y
    if h.isZero {
      p = r.isZero ? p.doubled() : .identity
      return
    }
    let hh = h.squared()
    let hhh = h * hh
    let v = p.x * hh
    let x3 = r.squared() - hhh - v.doubled()
    p.y = r * (v - x3) - p.y * hhh
    p.x = x3
    p.z *= h
  }

  /// Adds another point; complete.
  @inlinable
  public static func += (p: inout Self, q: Self) {
    if q.isIdentity { return }
    if p.isIdentity {
      p = q
      return
    }
    let pzz = p.z.squared()
    let qzz = q.z.squared()
    let u = p.x * qzz
    let s = p.y * q.z * qzz
    let h = q.x * pzz - u
    let r = q.y * p.z * pzz - s
    if h.isZero {
      p = r.isZero ? p.doubled() : .identity
      return
    }
    let hh = h.squared()
    let hhh = h * hh
    let v = u * hh
    let x3 = r.squared() - hhh - v.doubled()
    p.y = r * (v - x3) - s * hhh
    p.x = x3
    p.z = p.z * q.z * h
  }

  /// The sum.
  @inlinable public static func + (p: Self, q: Self) -> Self {
    var r = p
    r += q
    return r
  }

  /// The sum.
  @inlinable public static func + (p: Self, q: AffinePoint<C>) -> Self {
    var r = p
    r += q
    return r
  }

  /// The negated value.
  @inlinable public static prefix func - (p: Self) -> Self { Self(x: p.x, y: -p.y, z: p.z) }

  /// The difference.
  @inlinable public static func - (p: Self, q: Self) -> Self { p + -q }

  /// The scalar multiple. variableTime: in the scalar.
  public static func * (point: Self, scalar: Fr) -> Self {
    point.multiplied(by: scalar.canonicalLimbs)
  }

  /// The multiple by a little-endian integer of any length, double and add. variableTime: in the integer.
  public func multiplied(by integer: [UInt64]) -> Self {
    var result = Self.identity
    for limb in integer.reversed() {
      for bit in stride(from: 63, through: 0, by: -1) {
        result = result.doubled()
        if limb >> UInt64(bit) & 1 == 1 { result += self }
      }
    }
    return result
  }
}

extension JacobianPoint: Equatable {
  /// Equality as points, whatever the coordinates.
  public static func == (p: Self, q: Self) -> Bool {
    if p.isIdentity || q.isIdentity { return p.isIdentity == q.isIdentity }
    let pzz = p.z.squared()
    let qzz = q.z.squared()
    return p.x * qzz == q.x * pzz && p.y * q.z * qzz == q.y * p.z * pzz
  }
}
