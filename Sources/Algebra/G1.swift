/// The curve y^2 = x^3 + 1 over Fq, whose subgroup of order r is G1 of BLS12-377.
///
/// Its cofactor is (x - 1)^2 / 3. The generator is the one of Aleo's ceremony.
public enum G1Curve: Curve {
  /// The constant term of the curve equation.
  @inlinable public static var b: Fq { .one }

  /// Coordinates of the generator of the subgroup of order r.
  @inlinable public static var generator: (x: Fq, y: Fq) {
    (
      x: Fq(
        0x1042a645ec301b95, 0x5a990780c1060f28, 0x684a8ab3a9007a5b,
        0x1c35a184257ba63f, 0xb2b2abd2fea8e32e, 0x017df3a223fb2017),
      y: Fq(
        0xbc5a1ae8e2801ab9, 0xd4f3c861cbfe13b0, 0xecdd5ffc4e949f13,
        0x8f87199b7503667d, 0x0f0b1b837dc4fe1c, 0x004bcc7e053eaabe)
    )
  }
}

/// A point of G1 in affine coordinates.
public typealias G1Affine = AffinePoint<G1Curve>
/// A point of G1 in Jacobian coordinates.
public typealias G1 = JacobianPoint<G1Curve>

/// Why bytes are not the encoding of anything.
public enum AlgebraError: Error, Equatable, CustomStringConvertible {
  case wrongLength(expected: Int, found: Int)
  case malformedIdentity
  case nonCanonicalCoordinate
  case notOnCurve
  case notInSubgroup

  /// The text form.
  public var description: String {
    switch self {
    case .wrongLength(let expected, let found): "a point of \(found) bytes instead of \(expected)"
    case .malformedIdentity: "a malformed identity"
    case .nonCanonicalCoordinate: "a coordinate that is not below the modulus"
    case .notOnCurve: "a point that is not on the curve"
    case .notInSubgroup: "a point outside the subgroup of prime order"
    }
  }
}

extension AffinePoint<G1Curve> {
  /// Bytes of the compressed encoding.
  public static let compressedByteCount = 48
  /// Bytes of the uncompressed encoding.
  public static let uncompressedByteCount = 96

  private static let identityFlag: UInt8 = 0x40
  private static let largerRootFlag: UInt8 = 0x80

  /// Decodes 48 bytes: x little-endian; bit 7 of the last byte: y is the larger root; bit 6: identity.
  ///
  /// Strict: the coordinate is canonical, the point on the curve and, unless told otherwise, in the subgroup.
  public init(
    compressed bytes: some Collection<UInt8>, checkSubgroup: Bool = true
  ) throws(AlgebraError) {
    guard bytes.count == Self.compressedByteCount else {
      throw .wrongLength(expected: Self.compressedByteCount, found: bytes.count)
    }
    var bytes = Array(bytes)
    let flags = bytes[47] & 0xC0
    bytes[47] &= 0x3F
    if flags & Self.identityFlag != 0 {
      guard flags == Self.identityFlag, bytes.allSatisfy({ $0 == 0 }) else {
        throw .malformedIdentity
      }
      self = .identity
      return
    }
    guard let x = Fq(canonicalBytes: bytes) else { throw .nonCanonicalCoordinate }
    guard let root = (x.squared() * x + G1Curve.b).squareRoot() else { throw .notOnCurve }
    let larger = flags == Self.largerRootFlag
    self.init(x: x, y: root.isLargerThanNegative == larger ? root : -root)
    if checkSubgroup, !isInSubgroup { throw .notInSubgroup }
  }

  /// The 48-byte encoding.
  public var compressed: [UInt8] {
    guard !isIdentity else {
      return [UInt8](repeating: 0, count: 47) + [Self.identityFlag]
    }
    var bytes = x.canonicalBytes
    if y.isLargerThanNegative { bytes[47] |= Self.largerRootFlag }
    return bytes
  }

  /// Decodes 96 bytes: x, then y, little-endian; bit 6 of the last byte: identity.
  ///
  /// The curve equation is always checked, the subgroup on request.
  public init(
    uncompressed bytes: some Collection<UInt8>, checkSubgroup: Bool
  ) throws(AlgebraError) {
    guard bytes.count == Self.uncompressedByteCount else {
      throw .wrongLength(expected: Self.uncompressedByteCount, found: bytes.count)
    }
    var bytes = Array(bytes)
    let flags = bytes[95] & 0xC0
    bytes[95] &= 0x3F
    if flags & Self.identityFlag != 0 {
      guard flags == Self.identityFlag, bytes.allSatisfy({ $0 == 0 }) else {
        throw .malformedIdentity
      }
      self = .identity
      return
    }
    guard flags == 0 else { throw .nonCanonicalCoordinate }
    guard let x = Fq(canonicalBytes: bytes[..<48]), let y = Fq(canonicalBytes: bytes[48...]) else {
      throw .nonCanonicalCoordinate
    }
    self.init(x: x, y: y)
    guard isOnCurve else { throw .notOnCurve }
    if checkSubgroup, !isInSubgroup { throw .notInSubgroup }
  }

  /// The 96-byte encoding.
  public var uncompressed: [UInt8] {
    guard !isIdentity else { return [UInt8](repeating: 0, count: 95) + [Self.identityFlag] }
    return x.canonicalBytes + y.canonicalBytes
  }

  /// Whether the point, which must be on the curve, has order r or 1.
  ///
  /// The endomorphism phi(x, y) = (omega x, y) satisfies phi^2 + phi + 1 = 0, and r = x^4 - x^2 + 1 for the seed x: if
  /// phi(P) = -x^2 P, then r P = 0. On G1 it is the multiplication by -x^2 (Scott, "A note on group membership tests
  /// for G1, G2 and GT on BLS pairing-friendly curves").
  public var isInSubgroup: Bool {
    let seed = [Pairing.seed]
    let multiple = JacobianPoint(self).multiplied(by: seed).multiplied(by: seed)
    return isIdentity || multiple == JacobianPoint(Self(x: x * Self.cubeRoot, y: -y))
  }

  /// The primitive third root of unity that belongs to -x^2.
  static var cubeRoot: Fq {
    Fq(
      0x2c766f925a7b8727, 0x03d7f6b0253d58b5, 0x838ec0deec122131,
      0xbd5eb3e9f658bb10, 0x6942bd126ed3e52e, 0x01673786dd04ed6a)
  }
}

extension Fq {
  /// Whether the canonical value exceeds that of the negated element.
  var isLargerThanNegative: Bool { isBelow((-self).canonicalLimbs, canonicalLimbs) }
}
