/// Index of a tensor in its graph's `tensors`.
public typealias TensorID = Int

/// A tensor of integers that stand for reals: real = integer * 2^-scaleBits.
///
/// Elements are numbered in row-major order of `shape`; a scalar has the empty shape and one element.
public struct IntegerTensor: Hashable, Sendable, Codable {
  /// The name in the model, for messages only.
  public var name: String
  /// Positive dimensions.
  public var shape: [Int]
  /// Every element lies in this range: proven by interval arithmetic, or enforced where a rescale writes it.
  public var range: ClosedRange<Int64>
  /// Binary digits after the point; may be negative.
  public var scaleBits: Int
  /// Whether this is an input of the graph that holds weights of the model, not data; circuits do not depend on it.
  public var isParameter: Bool

  /// A tensor description; the graph checks the shape.
  public init(
    name: String, shape: [Int], range: ClosedRange<Int64>, scaleBits: Int,
    isParameter: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.range = range
    self.scaleBits = scaleBits
    self.isParameter = isParameter
  }

  /// Number of elements, the product of the dimensions; of shapes that no graph accepts it is 0 or 2^40 at most.
  public var count: Int {
    shape.reduce(1) { product, dimension in
      let (next, overflows) = product.multipliedReportingOverflow(by: max(0, dimension))
      return overflows ? Self.unusableCount : min(next, Self.unusableCount)
    }
  }

  /// More elements than any tensor of a graph may have, few enough to be added up.
  private static let unusableCount = 1 << 40
}

extension ClosedRange<Int64> {
  /// The smallest range of the form [-2^(w-1), 2^(w-1) - 1] that contains this one.
  ///
  /// A declared range of this form is the cheapest one to enforce: w bits, the highest being the sign.
  public var signedPowerOfTwo: ClosedRange<Int64> {
    let bits = signedBitCount
    return bits == 64 ? Int64.min...Int64.max : -(1 << (bits - 1))...(1 << (bits - 1)) - 1
  }

  /// Bits of the shortest two's complement form that holds the whole range, in 1...64.
  public var signedBitCount: Int {
    let lower = 65 - (lowerBound < 0 ? ~lowerBound : lowerBound).leadingZeroBitCount
    let upper = 65 - (upperBound < 0 ? ~upperBound : upperBound).leadingZeroBitCount
    return Swift.max(lower, upper)
  }

  /// Bits of `value - lowerBound` for any value in the range, in 0...64.
  public var unsignedBitCount: Int {
    64 - UInt64(bitPattern: upperBound &- lowerBound).leadingZeroBitCount
  }

  /// Whether every value of `other` lies in this range.
  public func covers(_ other: ClosedRange<Int64>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}
