import Algebra

/// The Fiat-Shamir sponge: Poseidon over Fq at rate 2 with the encodings of scalars, points and bytes.
///
/// Calls to `absorb(scalars:)` and `squeezeScalars` have boundaries that matter: splitting one call in
/// two changes the result.
public struct TranscriptSponge: Sendable {
  /// Number of bits that always fit an element of Fq, as bytes.
  private static let capacityBytes = 47
  /// Bits of a full challenge.
  private static let scalarBits = 252
  /// Bytes of a short challenge.
  private static let shortBytes = 21
  /// A scalar is five limbs of this many bits.
  private static let limbBits = 51

  private var sponge = PoseidonSponge(PoseidonInstances.transcript)

  /// A sponge that has absorbed nothing.
  public init() {}

  /// The state, capacity element first.
  package var state: [Fq] { sponge.state }

  /// Absorbs bytes, 47 at a time, each piece read as a big-endian integer.
  public mutating func absorb(bytes: [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: Self.capacityBytes) {
      let piece = bytes[start..<min(start + Self.capacityBytes, bytes.count)]
      sponge.absorb(Fq(reducing: Array(piece.reversed())))
    }
  }

  /// Absorbs scalars: 51-bit limbs, most significant first, packed in pairs over the whole call.
  public mutating func absorb(scalars: [Fr]) {
    let mask = (UInt64(1) << Self.limbBits) - 1
    var pending: UInt64?
    for scalar in scalars {
      let limbs = scalar.canonicalLimbs
      for k in (0..<5).reversed() {
        let bit = k * Self.limbBits
        let low = limbs[bit / 64] >> UInt64(bit % 64)
        let high = bit / 64 + 1 < 4 ? limbs[bit / 64 + 1] << UInt64(64 - bit % 64) : 0
        let limb = (bit % 64 == 0 ? low : low | high) & mask
        if let first = pending {
          let packed = UInt128(first) << UInt128(Self.limbBits + 2) | UInt128(limb)
          sponge.absorb(Self.element(packed))
          pending = nil
        } else {
          pending = limb
        }
      }
    }
    if let last = pending { sponge.absorb(Fq(last)) }
  }

  /// Absorbs points: x, y, 0 each; the identity is 0, 1, 1.
  public mutating func absorb(points: [G1Affine]) {
    for point in points {
      if point.isIdentity {
        sponge.absorb([.zero, .one, .one])
      } else {
        sponge.absorb([point.x, point.y, .zero])
      }
    }
  }

  /// Squeezes `count` challenges of 252 bits in one request.
  public mutating func squeezeScalars(_ count: Int) -> [Fr] {
    let elements = (count * Self.scalarBits + 8 * Self.capacityBytes - 1) / (8 * Self.capacityBytes)
    var bytes: [UInt8] = []
    for _ in 0..<elements { bytes += squeezeBytes() }
    // Challenge i is bits 252 i ..< 252 i + 252 of the string; 252 is a multiple of 4, so nibbles do.
    return (0..<count).map { i in
      var value = [UInt8](repeating: 0, count: 32)
      let nibbles = Self.scalarBits / 4
      for k in 0..<nibbles {
        let place = i * nibbles + k
        let nibble = place.isMultiple(of: 2) ? bytes[place / 2] >> 4 : bytes[place / 2] & 15
        let weight = nibbles - 1 - k
        value[weight / 2] |= nibble << UInt8(4 * (weight % 2))
      }
      return Fr(reducing: value)
    }
  }

  /// Squeezes one challenge of 168 bits; it uses up a whole element.
  public mutating func squeezeShort() -> Fr {
    Fr(reducing: Array(squeezeBytes().prefix(Self.shortBytes).reversed()))
  }

  /// The low 376 bits of one squeezed element, most significant byte first.
  private mutating func squeezeBytes() -> [UInt8] {
    Array(sponge.squeeze().canonicalBytes.prefix(Self.capacityBytes).reversed())
  }

  private static func element(_ value: UInt128) -> Fq {
    var bytes = [UInt8](repeating: 0, count: 16)
    for i in 0..<16 { bytes[i] = UInt8(truncatingIfNeeded: value >> UInt128(8 * i)) }
    return Fq(reducing: bytes)
  }
}
