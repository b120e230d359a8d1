/// The curve y^2 = x^3 + 1/u over Fq2, a D-type twist whose subgroup of order r is G2 of BLS12-377.
public enum G2Curve: Curve {
  /// The constant term of the curve equation.
  public static let b = Fq2(
    Fq(
      0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
      0x0000000000000000, 0x0000000000000000, 0x0000000000000000),
    Fq(
      0x8072266666666685, 0x8df55926899999a9, 0x7fe4561ad64f34cf,
      0xb95da6d8b6e4f01b, 0x4b747cccfc142743, 0x0039c3fa70f49f43))

  /// Coordinates of the generator of the subgroup of order r.
  public static let generator: (x: Fq2, y: Fq2) = (
    Fq2(
      Fq(
        0x135aa022b2cfca6d, 0x999f96bda0ba2863, 0x3b258618049d2570,
        0xbac1c55937f7601d, 0x2c17e3ff160b0eba, 0x01243de061311156),
      Fq(
        0xafdc38392bf627a2, 0x2fe64cfbc2169752, 0x83a7358ef1e17646,
        0x45d36f92e6d52a7e, 0x88d14c88f6420d6d, 0x00e0e47c5bd94f8e)),
    Fq2(
      Fq(
        0x19c08814fe5b5ef8, 0x297c67ed43980256, 0x874aef39cfa274a8,
        0x2c7a13e83ca72dfa, 0xe54547d6b6e40f15, 0x00dbfac4a60e9ab3),
      Fq(
        0x1543371f59f2193c, 0xc9c52a35b505c4ff, 0x96480bcebbf1a70f,
        0xcb831ef86668452b, 0x06b4abbee4c10a6d, 0x0105fbcdf64e4d98))
  )
}

/// A point of G2 in affine coordinates.
public typealias G2Affine = AffinePoint<G2Curve>
/// A point of G2 in Jacobian coordinates.
public typealias G2 = JacobianPoint<G2Curve>

extension AffinePoint<G2Curve> {
  /// Bytes of the uncompressed encoding.
  public static let uncompressedByteCount = 192

  /// Decodes 192 bytes: x.c0, x.c1, y.c0, y.c1, little-endian; bit 6 of the last byte: identity.
  public init(
    uncompressed bytes: some Collection<UInt8>, checkSubgroup: Bool
  ) throws(AlgebraError) {
    guard bytes.count == Self.uncompressedByteCount else {
      throw .wrongLength(expected: Self.uncompressedByteCount, found: bytes.count)
    }
    var bytes = Array(bytes)
    let flags = bytes[191] & 0xC0
    bytes[191] &= 0x3F
    if flags & 0x40 != 0 {
      guard flags == 0x40, bytes.allSatisfy({ $0 == 0 }) else { throw .malformedIdentity }
      self = .identity
      return
    }
    guard flags == 0 else { throw .nonCanonicalCoordinate }
    var coordinates: [Fq] = []
    for i in 0..<4 {
      guard let c = Fq(canonicalBytes: bytes[48 * i..<48 * i + 48]) else {
        throw .nonCanonicalCoordinate
      }
      coordinates.append(c)
    }
    self.init(
      x: Fq2(coordinates[0], coordinates[1]), y: Fq2(coordinates[2], coordinates[3]))
    guard isOnCurve else { throw .notOnCurve }
    if checkSubgroup, !isInSubgroup { throw .notInSubgroup }
  }

  /// The 192-byte encoding.
  public var uncompressed: [UInt8] {
    guard !isIdentity else { return [UInt8](repeating: 0, count: 191) + [0x40] }
    return [x.c0, x.c1, y.c0, y.c1].flatMap(\.canonicalBytes)
  }

  /// Whether the point has order r or 1.
  public var isInSubgroup: Bool {
    JacobianPoint(self).multiplied(by: Fr.modulus).isIdentity
  }
}
