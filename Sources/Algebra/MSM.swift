/// Multi-scalar multiplication in G1: sums of scalar multiples.
///
/// Pippenger's bucket method with signed windows (the digits of a window lie in -2^(w-1) ... 2^(w-1)), so a
/// window needs half as many buckets. variableTime: in scalars and points.
public enum MSM {
  /// sum_i scalars[i] · bases[i]; there may be more bases than scalars.
  public static func g1(
    _ bases: ArraySlice<G1Affine>, _ scalars: ArraySlice<Fr>, threads: Int
  ) -> G1 {
    precondition(scalars.count <= bases.count, "\(scalars.count) scalars, \(bases.count) bases")
    return bases.withUnsafeBufferPointer { bases in
      scalars.withUnsafeBufferPointer { scalars in g1(bases, scalars, threads: threads) }
    }
  }

  /// sum_i scalars[i] · bases[i] over buffers; there may be more bases than scalars.
  public static func g1(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) -> G1 {
    precondition(scalars.count <= bases.count, "\(scalars.count) scalars, \(bases.count) bases")
    if scalars.count <= interleavedLimit { return interleaved(bases, scalars) }
    let terms = Terms(bases, scalars, threads: threads)
    guard terms.count > 0 else { return .identity }
    let width = windowWidth(count: terms.count)
    let windows = (terms.bitCount + width) / width  // one more bit for the last carry
    let sums = Parallel.map(windows, threads: threads) { window in
      terms.sum(window: window, width: width)
    }
    var total = G1.identity
    for sum in sums.reversed() {
      for _ in 0..<width { total = total.doubled() }
      total += sum
    }
    return total
  }

  /// The definition, by double and add: the oracle of the fast version.
  public static func g1Reference(_ bases: [G1Affine], _ scalars: [Fr]) -> G1 {
    zip(bases, scalars).reduce(.identity) { $0 + $1.0 * $1.1 }
  }

  /// The window that minimises count·(windows) mixed additions plus 2·buckets·(windows) full additions.
  static func windowWidth(count: Int) -> Int {
    var best = (width: 2, cost: Double.infinity)
    for width in 2...16 {
      let windows = Double((Fr.bitCount + width) / width)
      let cost = windows * (Double(count) + 2.8 * Double(1 << (width - 1)))
      if cost < best.cost { best = (width, cost) }
    }
    return best.width
  }
}

/// The terms with nonzero scalars, scalars as canonical limbs with the smaller of k and r - k, sign in the point.
private struct Terms: @unchecked Sendable {
  private var points: [G1Affine] = []
  private var limbs: [(UInt64, UInt64, UInt64, UInt64)] = []
  /// Bits of the largest scalar.
  private(set) var bitCount = 0

  var count: Int { points.count }

  init(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) {
    points.reserveCapacity(scalars.count)
    limbs.reserveCapacity(scalars.count)
    for i in scalars.indices where !scalars[i].isZero && !bases[i].isIdentity {
      let positive = scalars[i].canonicalTuple
      if (positive.1 | positive.2 | positive.3) == 0 {
        points.append(bases[i])
        limbs.append(positive)
      } else {
        // A small negative scalar is a small positive one of the negated point.
        let negative = (-scalars[i]).canonicalTuple
        if (negative.1 | negative.2 | negative.3) == 0 {
          points.append(-bases[i])
          limbs.append(negative)
        } else {
          points.append(bases[i])
          limbs.append(positive)
        }
      }
      let last = limbs[limbs.count - 1]
      let bits =
        last.3 != 0
        ? 256 - last.3.leadingZeroBitCount
        : last.2 != 0
          ? 192 - last.2.leadingZeroBitCount
          : last.1 != 0 ? 128 - last.1.leadingZeroBitCount : 64 - last.0.leadingZeroBitCount
      bitCount = max(bitCount, bits)
    }
  }

  /// sum of digit · point for one window.
  func sum(window: Int, width: Int) -> G1 {
    var buckets = BatchBuckets(count: 1 << (width - 1))
    limbs.withUnsafeBufferPointer { limbs in
      points.withUnsafeBufferPointer { points in
        for i in limbs.indices {
          let digit = Self.digit(limbs[i], window: window, width: width)
          if digit != 0 { buckets.add(points[i], digit: digit) }
        }
      }
    }
    return buckets.weightedSum()
  }

  /// Digit of a signed window: the plain window plus the carry from below, minus 2^width if above 2^(width-1).
  @inline(__always)
  private static func digit(
    _ k: (UInt64, UInt64, UInt64, UInt64), window: Int, width: Int
  ) -> Int {
    let low = window * width
    let plain = bits(k, low, width)
    let carry = lowerCarry(k, window: window, width: width)
    let value = plain + carry
    return value > 1 << (width - 1) ? value - (1 << width) : value
  }

  /// A window above 2^(width-1) carries into the next; one that equals it does if there is a carry into it.
  @inline(__always)
  private static func lowerCarry(
    _ k: (UInt64, UInt64, UInt64, UInt64), window: Int, width: Int
  ) -> Int {
    let half = 1 << (width - 1)
    var below = window - 1
    while below >= 0 {
      let value = bits(k, below * width, width)
      if value != half { return value > half ? 1 : 0 }
      below -= 1
    }
    return 0
  }

  @inline(__always)
  private static func bits(
    _ k: (UInt64, UInt64, UInt64, UInt64), _ low: Int, _ width: Int
  ) -> Int {
    let word = low >> 6
    let shift = UInt64(low & 63)
    var value: UInt64
    var next: UInt64
    switch word {
    case 0: (value, next) = (k.0, k.1)
    case 1: (value, next) = (k.1, k.2)
    case 2: (value, next) = (k.2, k.3)
    case 3: (value, next) = (k.3, 0)
    default: return 0
    }
    value >>= shift
    if shift != 0 {
      next <<= 64 - shift
      value |= next
    }
    return Int(value & ((1 << UInt64(width)) - 1))
  }
}
