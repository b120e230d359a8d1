/// The smaller one of a scalar k and r - k as an integer, and which it is: small negative numbers stay small.
struct Magnitude: BitwiseCopyable {
  /// No magnitude has more bits.
  static let mostBits = Fr.bitCount - 1
  static let zero = Magnitude()
  private static let sign = UInt64(1) << 63

  private var l0: UInt64 = 0
  private var l1: UInt64 = 0
  private var l2: UInt64 = 0
  /// The highest bit is the sign.
  private var l3: UInt64 = 0

  private init() {}

  /// The magnitude of a scalar.
  init(_ scalar: Fr) {
    (l0, l1, l2, l3) = scalar.canonicalTuple
    let modulus = Fr.modulusTuple
    var borrow = Int128(0)
    func limb(_ a: UInt64, _ b: UInt64) -> UInt64 {
      borrow = Int128(a) - Int128(b) + borrow >> 64
      return UInt64(truncatingIfNeeded: borrow)
    }
    let negative = (
      limb(modulus.0, l0), limb(modulus.1, l1), limb(modulus.2, l2), limb(modulus.3, l3)
    )
    if negative.3 < l3 {
      (l0, l1, l2, l3) = negative
      l3 |= Self.sign
    }
  }

  /// What turns plain digits into signed ones when it is added: half of 2^width in every window but the highest.
  static func bias(width: Int, windows: Int) -> Magnitude {
    var words = [UInt64](repeating: 0, count: 4)
    for window in 0..<max(0, windows - 1) {
      let bit = window * width + width - 1
      words[bit / 64] |= 1 << UInt64(bit % 64)
    }
    var bias = Magnitude.zero
    (bias.l0, bias.l1, bias.l2, bias.l3) = (words[0], words[1], words[2], words[3])
    return bias
  }

  /// Whether this is r - k.
  var isNegative: Bool { l3 & Self.sign != 0 }

  /// Bits of the integer; 0 has none.
  var bitCount: Int {
    let highest = l3 & ~Self.sign
    if highest != 0 { return 256 - highest.leadingZeroBitCount }
    if l2 != 0 { return 192 - l2.leadingZeroBitCount }
    if l1 != 0 { return 128 - l1.leadingZeroBitCount }
    return 64 - l0.leadingZeroBitCount
  }

  /// The sum with a bias, which stays below 2^255, with this one's sign.
  func adding(_ bias: Magnitude) -> Magnitude {
    var carry = UInt128(0)
    func limb(_ a: UInt64, _ b: UInt64) -> UInt64 {
      carry = UInt128(a) + UInt128(b) + carry >> 64
      return UInt64(truncatingIfNeeded: carry)
    }
    var sum = self
    sum.l0 = limb(l0, bias.l0)
    sum.l1 = limb(l1, bias.l1)
    sum.l2 = limb(l2, bias.l2)
    sum.l3 = limb(l3, bias.l3)
    return sum
  }

  /// At least the next 16 bits of the integer from bit 64 · word + shift on.
  @inline(__always)
  func bits(word: Int, shift: UInt64) -> UInt64 {
    let high = l3 & ~Self.sign
    let (low, next) =
      switch word {
      case 0: (l0, l1)
      case 1: (l1, l2)
      case 2: (l2, high)
      default: (high, 0)
      }
    // Shifts of 64 give 0.
    return low &>> shift | next << (64 - shift)
  }
}
