/// A range of integers, or the knowledge that it exceeds 127 bits: a sum that has left them once never comes back.
struct Interval: Equatable {
  var lowest: Int128
  var highest: Int128
  /// Whether bounds were lost on the way; the others then say nothing.
  private(set) var isLost = false

  /// What is left of a range that no 128 bits hold.
  static let lost = {
    var interval = Interval(lowest: .min, highest: .max)
    interval.isLost = true
    return interval
  }()

  init(_ range: ClosedRange<Int64>) {
    lowest = Int128(range.lowerBound)
    highest = Int128(range.upperBound)
  }

  init(lowest: Int128, highest: Int128) {
    self.lowest = lowest
    self.highest = highest
  }

  /// The range, if it fits 64 bits.
  var words: ClosedRange<Int64>? {
    guard !isLost, let low = Int64(exactly: lowest), let high = Int64(exactly: highest) else {
      return nil
    }
    return low...high
  }

  /// Products of two 64-bit ranges always fit 128 bits.
  static func * (a: Interval, b: Interval) -> Interval {
    let corners = [
      a.times(b.lowest), a.times(b.highest), b.times(a.lowest), b.times(a.highest),
    ]
    return corners.dropFirst().reduce(corners[0]) { $0.union($1) }
  }

  /// The interval times an integer.
  func times(_ factor: Int128) -> Interval {
    let (a, aOverflows) = lowest.multipliedReportingOverflow(by: factor)
    let (b, bOverflows) = highest.multipliedReportingOverflow(by: factor)
    if isLost || aOverflows || bOverflows { return .lost }
    return Interval(lowest: min(a, b), highest: max(a, b))
  }

  /// 64-bit bounds, as those of a tensor, times a 64-bit factor always fit 128 bits.
  func scaled(by factor: Int64) -> Interval {
    let (a, b) = (lowest * Int128(factor), highest * Int128(factor))
    return factor < 0 ? Interval(lowest: b, highest: a) : Interval(lowest: a, highest: b)
  }

  static func + (a: Interval, b: Interval) -> Interval {
    let (low, lowOverflows) = a.lowest.addingReportingOverflow(b.lowest)
    let (high, highOverflows) = a.highest.addingReportingOverflow(b.highest)
    if a.isLost || b.isLost || lowOverflows || highOverflows { return .lost }
    return Interval(lowest: low, highest: high)
  }

  func union(_ other: Interval) -> Interval {
    if isLost || other.isLost { return .lost }
    return Interval(lowest: min(lowest, other.lowest), highest: max(highest, other.highest))
  }
}
