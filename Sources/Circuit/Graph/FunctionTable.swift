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
