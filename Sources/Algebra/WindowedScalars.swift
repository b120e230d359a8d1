/// The terms of a multi-scalar multiplication that count, with their scalars cut into signed digits.
///
/// Terms with scalar 0 or the identity as base are left out. Of k and r - k the smaller one is taken, with a sign, so that
/// small negative numbers stay small. Digit w of a scalar lies in -2^(width - 1) ..< 2^(width - 1); the highest one is not
/// negative and at most 2^(width - 1).
struct WindowedScalars: @unchecked Sendable {
  typealias Limbs = (UInt64, UInt64, UInt64, UInt64)

  /// Where the terms were, in order.
  let indices: [UInt32]
  /// The magnitudes, plus 2^(width - 1) in every window but the highest: this turns plain digits into signed ones.
  private let shifted: [Limbs]
  private let isNegative: [Bool]
  /// Bits of a digit.
  let width: Int
  /// Digits per scalar.
  let windows: Int

  var count: Int { indices.count }

  init(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) {
    nonisolated(unsafe) let (bases, scalars) = (bases, scalars)
    let pieces = max(1, min(threads, scalars.count / 1024))
    let parts = Parallel.map(pieces, threads: threads) { piece in
      let (start, end) = (scalars.count * piece / pieces, scalars.count * (piece + 1) / pieces)
      return Self.magnitudes(bases, scalars, start..<end)
    }
    var bitCounts = [Int](repeating: 0, count: 257)
    for part in parts { for k in part.limbs { bitCounts[Self.bitCount(k)] += 1 } }
    let bits = bitCounts.lastIndex { $0 > 0 } ?? 0
    let width = WindowWidth.best(bitCounts: bitCounts)
    let windows = WindowWidth.windows(bits: bits, width: width)
    let bias = Self.bias(width: width, windows: windows)
    indices = Array(parts.map(\.indices).joined())
    isNegative = Array(parts.map(\.isNegative).joined())
    shifted = parts.flatMap { $0.limbs.map { Self.sum($0, bias) } }
    (self.width, self.windows) = (width, windows)
  }

  /// Writes digit `window` of the terms in `range`, sign of the scalar included, to consecutive places.
  func digits(window: Int, _ range: Range<Int>, into output: UnsafeMutablePointer<Int32>) {
    let low = window * width
    let (word, shift) = (low >> 6, UInt64(low & 63))
    let straddles = word < 3 && shift + UInt64(width) > 64
    let isHighest = window == windows - 1
    let mask = isHighest ? UInt64.max : 1 << UInt64(width) - 1
    let half = isHighest ? 0 : Int32(1) << Int32(width - 1)
    shifted.withUnsafeBufferPointer { limbs in
      isNegative.withUnsafeBufferPointer { isNegative in
        limbs.withMemoryRebound(to: UInt64.self) { words in
          for i in range {
            var value = words[4 * i + word] >> shift
            if straddles { value |= words[4 * i + word + 1] << (64 - shift) }
            let digit = Int32(truncatingIfNeeded: value & mask) - half
            output[i - range.lowerBound] = isNegative[i] ? -digit : digit
          }
        }
      }
    }
  }

  private static func magnitudes(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, _ range: Range<Int>
  ) -> (indices: [UInt32], limbs: [Limbs], isNegative: [Bool]) {
    var indices: [UInt32] = []
    var limbs: [Limbs] = []
    var isNegative: [Bool] = []
    indices.reserveCapacity(range.count)
    limbs.reserveCapacity(range.count)
    isNegative.reserveCapacity(range.count)
    let modulus = (Fr.modulus[0], Fr.modulus[1], Fr.modulus[2], Fr.modulus[3])
    for i in range where !scalars[i].isZero && !bases[i].isIdentity {
      let positive = scalars[i].canonicalTuple
      let negative = difference(modulus, positive)
      let takeNegative = negative.3 < positive.3
      indices.append(UInt32(i))
      limbs.append(takeNegative ? negative : positive)
      isNegative.append(takeNegative)
    }
    return (indices, limbs, isNegative)
  }

  private static func bias(width: Int, windows: Int) -> Limbs {
    var words = [UInt64](repeating: 0, count: 4)
    for window in 0..<windows - 1 {
      let bit = window * width + width - 1
      words[bit / 64] |= 1 << UInt64(bit % 64)
    }
    return (words[0], words[1], words[2], words[3])
  }

  private static func bitCount(_ k: Limbs) -> Int {
    if k.3 != 0 { return 256 - k.3.leadingZeroBitCount }
    if k.2 != 0 { return 192 - k.2.leadingZeroBitCount }
    if k.1 != 0 { return 128 - k.1.leadingZeroBitCount }
    return 64 - k.0.leadingZeroBitCount
  }

  private static func sum(_ a: Limbs, _ b: Limbs) -> Limbs {
    var carry = UInt128(0)
    func limb(_ x: UInt64, _ y: UInt64) -> UInt64 {
      carry = UInt128(x) + UInt128(y) + carry >> 64
      return UInt64(truncatingIfNeeded: carry)
    }
    return (limb(a.0, b.0), limb(a.1, b.1), limb(a.2, b.2), limb(a.3, b.3))
  }

  private static func difference(_ a: Limbs, _ b: Limbs) -> Limbs {
    var borrow = Int128(0)
    func limb(_ x: UInt64, _ y: UInt64) -> UInt64 {
      borrow = Int128(x) - Int128(y) + borrow >> 64
      return UInt64(truncatingIfNeeded: borrow)
    }
    return (limb(a.0, b.0), limb(a.1, b.1), limb(a.2, b.2), limb(a.3, b.3))
  }
}

/// The choice of the number of bits per window.
enum WindowWidth {
  /// Windows for magnitudes of so many bits, with room for the carry that signed digits make.
  static func windows(bits: Int, width: Int) -> Int { (bits + 1) / width + 1 }

  /// The width that needs the fewest multiplications for `bitCounts[b]` scalars of b bits each.
  ///
  /// Every digit costs an affine addition into its bucket, every full bucket two more in the weighted sum, and an empty
  /// one the passes over it; levels of additions cost an inversion each. Prices are in multiplications of a batch, as
  /// measured.
  static func best(bitCounts: [Int]) -> Int {
    let bits = bitCounts.lastIndex { $0 > 0 } ?? 0
    let inversion = Kernels.current == .ifma ? 500 : 130
    // reaching[b]: scalars of more than b bits.
    var reaching = bitCounts
    for b in stride(from: bits, through: 0, by: -1) {
      reaching[b] = b == bits ? 0 : reaching[b + 1] + bitCounts[b + 1]
    }
    var best = (width: 2, cost: Int.max)
    for width in 2...16 {
      let windows = windows(bits: bits, width: width)
      var digits = 0
      var cost = 2 * width * inversion
      for window in 0..<windows {
        let digitsHere = window * width < bits ? reaching[window * width] : 0
        digits += digitsHere
        cost += 12 * min(digitsHere, 1 << (width - 1)) + 2 << (width - 1)
      }
      cost += 6 * digits
      if cost < best.cost { best = (width, cost) }
    }
    return best.width
  }
}
