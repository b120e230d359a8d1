extension IntegerOperation.Kind {
  /// Code in the byte form; the raw values are part of the format.
  private enum Code: Int {
    case linear, rescale, relu, product, matmul, maximum, argmax
    case divide, quotient, squareRoot, absolute, clamp, isNegative, isZero, select, and, or, xor
    case bitLength, table, interpolate, gather, oneHot, order, distance
  }

  func encode(into writer: inout CanonicalWriter) {
    func open(_ code: Code) { writer.write(count: code.rawValue) }
    switch self {
    case .linear(let map):
      open(.linear)
      map.encode(into: &writer)
    case .rescale(let shift):
      open(.rescale)
      writer.write(count: shift)
    case .relu:
      open(.relu)
    case .product:
      open(.product)
    case .matmul(let batch, let m, let k, let n):
      open(.matmul)
      for size in [batch, m, k, n] { writer.write(count: size) }
    case .maximum(let windows):
      open(.maximum)
      Self.encode(windows, into: &writer)
    case .distance(let groups):
      open(.distance)
      Self.encode(groups, into: &writer)
    case .argmax(let groups, let last):
      open(.argmax)
      Self.encode(groups, into: &writer)
      writer.write(last)
    case .divide(let divisor, let rounding):
      open(.divide)
      writer.write(signed: divisor)
      rounding.encode(into: &writer)
    case .quotient(let shift, let rounding):
      open(.quotient)
      writer.write(count: shift)
      rounding.encode(into: &writer)
    case .squareRoot: open(.squareRoot)
    case .absolute: open(.absolute)
    case .clamp(let range):
      open(.clamp)
      writer.write(range)
    case .isNegative: open(.isNegative)
    case .isZero: open(.isZero)
    case .select: open(.select)
    case .bitwise(.and): open(.and)
    case .bitwise(.or): open(.or)
    case .bitwise(.xor): open(.xor)
    case .bitLength: open(.bitLength)
    case .table(let table):
      open(.table)
      table.encode(into: &writer)
    case .interpolate(let table):
      open(.interpolate)
      table.encode(into: &writer)
    case .gather(let picks):
      open(.gather)
      writer.write(count: picks.count)
      for pick in picks { pick.encode(into: &writer) }
    case .oneHot(let depth):
      open(.oneHot)
      writer.write(count: depth)
    case .order(let groups, let count, let descending):
      open(.order)
      Self.encode(groups, into: &writer)
      writer.write(count: count)
      writer.write(descending)
    }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let code = try reader.integer("operation kind", limit: 255)
    switch Code(rawValue: code) {
    case .linear: self = .linear(try LinearMap(from: &reader))
    case .rescale: self = .rescale(shift: try reader.integer("shift", limit: 62))
    case .relu: self = .relu
    case .product: self = .product
    case .matmul:
      self = .matmul(
        batch: try reader.integer("batch", limit: 1 << 15),
        m: try reader.integer("matrix rows", limit: 1 << 15),
        k: try reader.integer("inner size", limit: 1 << 15),
        n: try reader.integer("matrix columns", limit: 1 << 15))
    case .maximum: self = .maximum(windows: try Self.decodeGroups(from: &reader))
    case .distance: self = .distance(groups: try Self.decodeGroups(from: &reader))
    case .argmax:
      let groups = try Self.decodeGroups(from: &reader)
      self = .argmax(groups: groups, last: try reader.flag("last"))
    case .divide:
      let divisor = try reader.signed("divisor")
      self = .divide(by: divisor, rounding: try Rounding(from: &reader))
    case .quotient:
      let shift = try reader.integer("shift", limit: 62)
      self = .quotient(shift: shift, rounding: try Rounding(from: &reader))
    case .squareRoot: self = .squareRoot
    case .absolute: self = .absolute
    case .clamp: self = .clamp(try reader.range("clamp"))
    case .isNegative: self = .isNegative
    case .isZero: self = .isZero
    case .select: self = .select
    case .and: self = .bitwise(.and)
    case .or: self = .bitwise(.or)
    case .xor: self = .bitwise(.xor)
    case .bitLength: self = .bitLength
    case .table: self = .table(try FunctionTable(from: &reader))
    case .interpolate: self = .interpolate(try SegmentTable(from: &reader))
    case .gather:
      var picks = [Pick]()
      for _ in 0..<(try reader.count("picks")) { picks.append(try Pick(from: &reader)) }
      self = .gather(picks: picks)
    case .oneHot:
      self = .oneHot(depth: try reader.integer("depth", limit: IntegerGraph.maximalTensorCount))
    case .order:
      let groups = try Self.decodeGroups(from: &reader)
      let count = try reader.integer("count", limit: IntegerGraph.maximalTensorCount)
      self = .order(groups: groups, count: count, descending: try reader.flag("descending"))
    case nil: throw reader.malformed("unknown operation kind \(code)")
    }
  }

  private static func encode(_ groups: [[Int]], into writer: inout CanonicalWriter) {
    writer.write(count: groups.count)
    for group in groups {
      writer.write(count: group.count)
      for element in group { writer.write(count: element) }
    }
  }

  private static func decodeGroups(
    from reader: inout CanonicalReader
  ) throws(CircuitError) -> [[Int]] {
    var groups = [[Int]]()
    for _ in 0..<(try reader.count("windows")) {
      var group = [Int]()
      for _ in 0..<(try reader.count("window elements")) {
        group.append(try reader.integer("element", limit: IntegerGraph.maximalTensorCount))
      }
      groups.append(group)
    }
    return groups
  }
}

extension LinearMap {
  /// Rows one after the other: entry count, then per entry the step from the last column and the coefficient, then
  /// the bias.
  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: inputCount)
    writer.write(count: outputCount)
    for row in 0..<outputCount {
      let entries = rowStarts[row]..<rowStarts[row + 1]
      writer.write(count: entries.count)
      var next = 0
      for entry in entries {
        writer.write(count: Int(columns[entry]) - next)
        writer.write(signed: coefficients[entry])
        next = Int(columns[entry]) + 1
      }
      writer.write(signed: biases[row])
    }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let inputCount = try reader.integer("input elements", limit: Int(UInt32.max))
    let rows = try reader.count("rows")
    var (starts, columns, coefficients, biases) = ([0], [UInt32](), [Int64](), [Int64]())
    for _ in 0..<rows {
      var next = 0
      for _ in 0..<(try reader.count("row entries")) {
        let column = next + (try reader.integer("column step", limit: inputCount))
        guard column < inputCount else { throw reader.malformed("column outside the input") }
        columns.append(UInt32(column))
        let coefficient = try reader.signed("coefficient")
        guard coefficient != 0 else { throw reader.malformed("zero coefficient") }
        coefficients.append(coefficient)
        next = column + 1
      }
      starts.append(columns.count)
      biases.append(try reader.signed("bias"))
    }
    guard
      let map = LinearMap(
        inputCount: inputCount, rowStarts: starts, columns: columns, coefficients: coefficients,
        biases: biases)
    else { throw reader.malformed("inconsistent linear map") }
    self = map
  }
}
