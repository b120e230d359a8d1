/// How an integer is proven to lie in a range: how many bits above which offset, and what else must be checked.
///
/// The value is offset + u with 0 <= u < 2^width. Bits are exact where the range has the form
/// [offset, offset + 2^width - 1]; elsewhere `highest` and `lowest` bound u from above and below.
package struct BitPlan: Hashable, Sendable {
  package var offset: Int128
  package var width: Int
  /// u must not exceed this, where it is not implied.
  package var highest: UInt64?
  /// u must not fall below this, where it is not implied.
  package var lowest: UInt64?

  /// Any number of this many bits.
  package init(width: Int) {
    (offset, self.width) = (0, width)
  }

  /// The cheapest plan that accepts exactly the values of `possible` that lie in `enforced`.
  ///
  /// - Parameters:
  ///   - possible: a range that the value lies in whatever a dishonest prover does, from interval arithmetic over
  ///     ranges enforced before; nil if nothing is known.
  ///   - enforced: what must be proven; overlaps `possible`.
  ///   - signed: whether the highest bit should tell the sign (1 for values >= 0), which makes a following
  ///     relu a single product. Ignored where the value cannot change sign.
  package init(possible: ClosedRange<Int64>?, enforced: ClosedRange<Int64>, signed: Bool) {
    let wanted = possible.map { enforced.clamped(to: $0) } ?? enforced
    let checkHigh = possible.map { $0.upperBound > enforced.upperBound } ?? true
    let checkLow = possible.map { $0.lowerBound < enforced.lowerBound } ?? true
    let (low, high) = (Int128(wanted.lowerBound), Int128(wanted.upperBound))
    if signed && low < 0 && high >= 0 {
      width = wanted.signedBitCount
      offset = -(1 << Int128(width - 1))
    } else {
      width = wanted.unsignedBitCount
      offset = checkHigh && !checkLow ? high + 1 - (1 << Int128(width)) : low
    }
    let top = offset + (1 << Int128(width)) - 1
    highest = checkHigh && top > high ? UInt64(high - offset) : nil
    lowest = checkLow && offset < low ? UInt64(low - offset) : nil
  }
}
