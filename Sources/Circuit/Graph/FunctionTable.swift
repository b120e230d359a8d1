/// A function of small integers, by its values.
public struct FunctionTable: Hashable, Sendable, Codable {
  /// The argument of the first value.
  public let lowest: Int64
  /// The values of consecutive arguments.
  public let values: [Int64]

  /// Values of one table at most.
  public static let maximalCount = 1 << 16

  /// A table; the graph checks that it has 1...65536 values and covers the range of its input.
  public init(lowest: Int64, values: [Int64]) {
    self.lowest = lowest
    self.values = values
  }

  /// A table of `function` over a range of at most 65536 arguments.
  public init(over range: ClosedRange<Int64>, _ function: (Int64) -> Int64) {
    precondition(Int128(range.upperBound) - Int128(range.lowerBound) < Int128(Self.maximalCount))
    self.init(lowest: range.lowerBound, values: range.map(function))
  }

  /// All arguments; nil if there are none or too many, or if they exceed 64 bits.
  var domain: ClosedRange<Int64>? {
    guard (1...Self.maximalCount).contains(values.count) else { return nil }
    let (highest, overflow) = lowest.addingReportingOverflow(Int64(values.count - 1))
    return overflow ? nil : lowest...highest
  }

  /// The value at an argument inside the table.
  subscript(argument: Int64) -> Int64 { values[Int(argument &- lowest)] }

  /// The values of a range of arguments inside the table.
  func values(over range: ClosedRange<Int64>) -> ArraySlice<Int64> {
    values[Int(range.lowerBound &- lowest)...Int(range.upperBound &- lowest)]
  }
}

/// A function of wide integers, linear on segments of equal length.
///
/// With u = x - lowest, h = u >> lowBits and l = u & (2^lowBits - 1), the value is intercepts[h] + slopes[h] * l.
public struct SegmentTable: Hashable, Sendable, Codable {
  /// The first argument.
  public let lowest: Int64
  /// Each segment has 2^lowBits arguments.
  public let lowBits: Int
  /// The value at the start of each segment.
  public let intercepts: [Int64]
  /// What each step inside a segment adds.
  public let slopes: [Int64]

  /// Segments of one table at most.
  public static let maximalCount = 1 << 12
  /// Largest exponent of a segment's length.
  public static let maximalLowBits = 48

  /// A table; the graph checks its sizes, and that it covers the range of its input.
  public init(lowest: Int64, lowBits: Int, intercepts: [Int64], slopes: [Int64]) {
    self.lowest = lowest
    self.lowBits = lowBits
    self.intercepts = intercepts
    self.slopes = slopes
  }

  /// All arguments; nil if a size is unusable or if they exceed 64 bits.
  var domain: ClosedRange<Int64>? {
    guard (1...Self.maximalCount).contains(intercepts.count), slopes.count == intercepts.count,
      (0...Self.maximalLowBits).contains(lowBits)
    else { return nil }
    let length = Int64(intercepts.count) << Int64(lowBits)
    let (highest, overflow) = lowest.addingReportingOverflow(length - 1)
    return overflow ? nil : lowest...highest
  }

  /// The value at an argument inside the table, modulo 2^64.
  subscript(argument: Int64) -> Int64 {
    let offset = argument &- lowest
    let segment = Int(offset >> Int64(lowBits))
    return intercepts[segment] &+ slopes[segment] &* (offset & ((1 << Int64(lowBits)) - 1))
  }

  /// The smallest interval that holds the values of a range of arguments inside the table.
  func values(over range: ClosedRange<Int64>) -> (lowest: Int128, highest: Int128) {
    let (start, end) = (range.lowerBound &- lowest, range.upperBound &- lowest)
    var (low, high) = (Int128.max, Int128.min)
    for segment in Int(start >> Int64(lowBits))...Int(end >> Int64(lowBits)) {
      let base = Int64(segment) << Int64(lowBits)
      for place in [max(start, base), min(end, base + (1 << Int64(lowBits)) - 1)] {
        let value =
          Int128(intercepts[segment]) + Int128(slopes[segment]) * Int128(place - base)
        (low, high) = (min(low, value), max(high, value))
      }
    }
    return (low, high)
  }
}

/// Where one element of a gather comes from: data[start + stride * i], with i the value of an index element.
public struct Pick: Hashable, Sendable, Codable {
  /// The element of the index tensor.
  public var index: Int
  /// The data element that index value 0 stands for.
  public var start: Int
  /// The step from one index value to the next; may be negative or 0.
  public var stride: Int
  /// How many index values there are.
  public var count: Int

  /// One pick; the graph checks that it stays inside its tensors.
  public init(index: Int, start: Int, stride: Int, count: Int) {
    self.index = index
    self.start = start
    self.stride = stride
    self.count = count
  }

  /// The data element for an index value.
  func element(_ value: Int) -> Int { start + stride * value }

  /// Whether all index values give an element of the data, and the index is an element of its tensor.
  func fits(data: Int, indices: Int) -> Bool {
    let limit = IntegerGraph.maximalTensorCount
    guard (0..<indices).contains(index), (0..<data).contains(start), (1...limit).contains(count),
      (-limit...limit).contains(stride)
    else { return false }
    return (0..<data).contains(element(count - 1))
  }
}
