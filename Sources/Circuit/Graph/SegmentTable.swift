/// A function of wide integers, linear or quadratic on segments of equal length.
///
/// With u = x - lowest, h = u >> lowBits, l = u & (2^lowBits - 1) and m = l >> coarseBits, the value is
/// intercepts[h] + l * (slopes[h] + curvatures[h] * m).
public struct SegmentTable: Hashable, Sendable, Codable {
  /// The first argument.
  public let lowest: Int64
  /// Each segment has 2^lowBits arguments.
  public let lowBits: Int
  /// The value at the start of each segment.
  public let intercepts: [Int64]
  /// What the first step inside a segment adds.
  public let slopes: [Int64]
  /// How slopes change inside a segment; none if they do not.
  public let curvatures: [Int64]
  /// Bits of the place inside a segment that the change of slopes leaves out.
  public let coarseBits: Int

  /// Segments of one table at most.
  public static let maximalCount = 1 << 12
  /// Largest exponent of a segment's length.
  public static let maximalLowBits = 48

  /// A table; the graph checks its sizes, and that it covers the range of its input.
  public init(
    lowest: Int64, lowBits: Int, intercepts: [Int64], slopes: [Int64], curvatures: [Int64] = [],
    coarseBits: Int = 0
  ) {
    self.lowest = lowest
    self.lowBits = lowBits
    self.intercepts = intercepts
    self.slopes = slopes
    self.curvatures = curvatures
    self.coarseBits = coarseBits
  }

  /// Whether slopes change inside segments.
  public var isCurved: Bool { !curvatures.isEmpty }

  /// One list for each coefficient.
  var coefficients: [[Int64]] { [intercepts, slopes] + (isCurved ? [curvatures] : []) }

  /// All arguments; nil if a size is unusable or if they exceed 64 bits.
  var domain: ClosedRange<Int64>? {
    guard (1...Self.maximalCount).contains(intercepts.count),
      coefficients.allSatisfy({ $0.count == intercepts.count }),
      (0...Self.maximalLowBits).contains(lowBits), (0...lowBits).contains(coarseBits)
    else { return nil }
    let length = Int64(intercepts.count) << Int64(lowBits)
    let (highest, overflow) = lowest.addingReportingOverflow(length - 1)
    return overflow ? nil : lowest...highest
  }

  /// The value at an argument inside the table, modulo 2^64.
  public subscript(argument: Int64) -> Int64 {
    let offset = argument &- lowest
    let segment = Int(offset >> Int64(lowBits))
    let place = offset & ((1 << Int64(lowBits)) - 1)
    let bend = isCurved ? curvatures[segment] &* (place >> Int64(coarseBits)) : 0
    return intercepts[segment] &+ (slopes[segment] &+ bend) &* place
  }
}
