extension Rounding {
  /// Codes are places in this list and part of the format.
  private static let codes: [Rounding] = [.floor, .ceiling, .towardZero, .halfUp, .halfEven]

  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: Self.codes.firstIndex(of: self)!)
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self = Self.codes[try reader.integer("rounding", limit: Self.codes.count - 1)]
  }
}

extension FunctionTable {
  func encode(into writer: inout CanonicalWriter) {
    writer.write(signed: lowest)
    writer.write(count: values.count)
    for value in values { writer.write(signed: value) }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let lowest = try reader.signed("lowest argument")
    var values = [Int64]()
    for _ in 0..<(try reader.count("table values")) {
      values.append(try reader.signed("table value"))
    }
    self.init(lowest: lowest, values: values)
  }
}

extension SegmentTable {
  func encode(into writer: inout CanonicalWriter) {
    writer.write(signed: lowest)
    writer.write(count: lowBits)
    writer.write(count: intercepts.count)
    for (intercept, slope) in zip(intercepts, slopes) {
      writer.write(signed: intercept)
      writer.write(signed: slope)
    }
    writer.write(count: coarseBits)
    writer.write(count: curvatures.count)
    for curvature in curvatures { writer.write(signed: curvature) }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let lowest = try reader.signed("lowest argument")
    let lowBits = try reader.integer("low bits", limit: Self.maximalLowBits)
    var (intercepts, slopes) = ([Int64](), [Int64]())
    for _ in 0..<(try reader.count("segments")) {
      intercepts.append(try reader.signed("intercept"))
      slopes.append(try reader.signed("slope"))
    }
    let coarseBits = try reader.integer("coarse bits", limit: Self.maximalLowBits)
    var curvatures = [Int64]()
    for _ in 0..<(try reader.count("curvatures")) {
      curvatures.append(try reader.signed("curvature"))
    }
    self.init(
      lowest: lowest, lowBits: lowBits, intercepts: intercepts, slopes: slopes,
      curvatures: curvatures, coarseBits: coarseBits)
  }
}

extension Pick {
  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: index)
    writer.write(count: start)
    writer.write(signed: Int64(stride))
    writer.write(count: count)
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let limit = IntegerGraph.maximalTensorCount
    let index = try reader.integer("index element", limit: limit)
    let start = try reader.integer("first data element", limit: limit)
    let stride = try reader.signed("stride")
    guard (-Int64(limit)...Int64(limit)).contains(stride) else { throw reader.malformed("stride") }
    self.init(
      index: index, start: start, stride: Int(stride),
      count: try reader.integer("index values", limit: limit))
  }
}
