/// An affine map with integer coefficients: out = M * in + bias, M as sparse rows that share what they have in common.
///
/// `in` is the concatenation of the operation's flattened inputs. Gemm, Conv, additions, pooling sums and every
/// movement of data (reshape, transpose, slice, concat, pad) are affine maps.
public struct LinearMap: Sendable {
  /// Number of elements of the concatenated inputs.
  public let inputCount: Int
  /// The rows of M.
  @usableFromInline package private(set) var matrix: SharedRows<Int64>
  /// Constant term of each row.
  public private(set) var biases: [Int64]

  /// An empty map to which rows are appended.
  public init(inputCount: Int) {
    precondition(inputCount >= 0 && inputCount <= Int(UInt32.max))
    self.inputCount = inputCount
    matrix = SharedRows()
    biases = []
  }

  /// A map of these rows; nil if these are no rows over that input.
  package init?(inputCount: Int, matrix: SharedRows<Int64>, biases: [Int64]) {
    guard (0...Int(UInt32.max)).contains(inputCount) else { return nil }
    self.inputCount = inputCount
    self.matrix = matrix
    self.biases = biases
    guard isValid else { return nil }
  }

  /// Number of output elements.
  public var outputCount: Int { biases.count }

  /// Number of entries of M, coefficients that are not 0.
  public var entryCount: Int { matrix.entryCount }

  /// The entries of a row, ascending by column.
  @inlinable @inline(__always)
  package func entries(_ row: Int) -> RowEntries<Int64> { matrix.entries(row) }

  /// How many entries a row has.
  @inlinable @inline(__always)
  package func entryCount(_ row: Int) -> Int { matrix.entryCount(row) }

  /// Every coefficient that occurs, in no particular order and not as often as it does.
  package var coefficients: some Sequence<Int64> { matrix.lists.elements.lazy.filter { $0 != 0 } }

  /// Makes room for this many more rows.
  public mutating func reserve(rows: Int) {
    matrix.reserve(rows: rows)
    biases.reserveCapacity(biases.count + rows)
  }

  /// Appends a row; entries may come in any order, equal columns are added up, zeros are dropped.
  ///
  /// - Precondition: every column is below `inputCount`, and sums of equal columns fit 64 bits.
  public mutating func appendRow(_ entries: [(column: Int, coefficient: Int64)], bias: Int64 = 0) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: entries.count) { columns in
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: entries.count) { coefficients in
        var isNormal = true
        for (place, (column, coefficient)) in entries.enumerated() {
          precondition(column >= 0 && column < inputCount, "column outside the map's input")
          if coefficient == 0 || (place > 0 && columns[place - 1] >= UInt32(column)) {
            isNormal = false
          }
          columns[place] = UInt32(column)
          coefficients[place] = coefficient
        }
        let count = isNormal ? entries.count : Self.normalize(columns, coefficients)
        matrix.append(
          columns: UnsafeBufferPointer(rebasing: columns[..<count]),
          coefficients: UnsafeBufferPointer(rebasing: coefficients[..<count]))
      }
    }
    biases.append(bias)
  }

  /// Appends a row of ascending columns below `inputCount` and coefficients that are not 0.
  mutating func append(_ columns: [UInt32], _ coefficients: [Int64], bias: Int64) {
    matrix.append(columns: columns, coefficients: coefficients)
    biases.append(bias)
  }

  /// Sorts entries, adds up those of equal columns and drops zeros; how many are left.
  private static func normalize(
    _ columns: UnsafeMutableBufferPointer<UInt32>, _ coefficients: UnsafeMutableBufferPointer<Int64>
  ) -> Int {
    var count = 0
    for (column, coefficient) in zip(columns, coefficients).sorted(by: { $0.0 < $1.0 }) {
      if count > 0, columns[count - 1] == column {
        coefficients[count - 1] += coefficient
      } else {
        if count > 0, coefficients[count - 1] == 0 { count -= 1 }
        (columns[count], coefficients[count]) = (column, coefficient)
        count += 1
      }
    }
    if count > 0, coefficients[count - 1] == 0 { count -= 1 }
    return count
  }

  /// A map that copies the given input elements in the given order.
  public static func selecting(_ elements: [Int], of inputCount: Int) -> LinearMap {
    var map = LinearMap(inputCount: inputCount)
    guard !elements.isEmpty else { return map }
    map.reserve(rows: elements.count)
    let (pattern, list) = (map.matrix.pattern([0]), map.matrix.list([1]))
    for element in elements {
      precondition(element >= 0 && element < inputCount, "column outside the map's input")
      map.matrix.append(pattern: pattern, list: list, offset: UInt32(element))
    }
    map.biases = [Int64](repeating: 0, count: elements.count)
    return map
  }

  /// The map made of some of this map's rows, in the order given; the input stays the same.
  public func selectingRows(_ rows: some Collection<Int>) -> LinearMap {
    var map = LinearMap(inputCount: inputCount)
    map.matrix = matrix.selecting(rows)
    map.biases = rows.map { biases[$0] }
    return map
  }

  /// Some of this map's rows, in the order given, over an input whose elements stand elsewhere.
  ///
  /// - Parameters:
  ///   - rows: rows of this map.
  ///   - places: for every column that these rows read its place in the other input; equal places are added up.
  ///   - inputCount: number of elements of the other input.
  package func selectingRows(
    _ rows: [Int], movingColumnsTo places: [Int32], of inputCount: Int
  ) -> LinearMap {
    var map = LinearMap(inputCount: inputCount)
    map.reserve(rows: rows.count)
    var move = ColumnMove(matrix, to: places, dropping: false)
    for row in rows {
      move.append(row, to: &map.matrix)
      map.biases.append(biases[row])
    }
    precondition(map.matrix.isBelow(inputCount), "column outside the map's input")
    return map
  }

  /// The input elements that some rows read, ascending.
  package func columns(ofRows rows: [Int]) -> [Int] {
    matrix.columns(ofRows: rows, below: inputCount)
  }

  /// Whether rows and biases keep the invariants; decoding does not by itself.
  var isValid: Bool {
    inputCount >= 0 && inputCount <= Int(UInt32.max) && matrix.count == biases.count
      && matrix.isValid(columns: inputCount)
  }
}

extension LinearMap: Hashable {
  /// Whether the entries and constant terms are the same, however they are stored.
  public static func == (a: LinearMap, b: LinearMap) -> Bool {
    a.inputCount == b.inputCount && a.biases == b.biases && a.matrix == b.matrix
  }

  /// Hashes what does not depend on how entries are stored.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(inputCount)
    hasher.combine(biases)
    for row in 0..<outputCount {
      hasher.combine(entryCount(row))
      if let first = entries(row).first(where: { _ in true }) {
        hasher.combine(first.column)
        hasher.combine(first.coefficient)
      }
    }
  }
}

extension LinearMap: Codable {
  private enum Key: String, CodingKey {
    case inputCount, rowStarts, columns, coefficients, biases
  }

  /// All entries, row after row.
  public func encode(to encoder: any Encoder) throws {
    var starts = [0]
    var columns: [UInt32] = []
    var coefficients: [Int64] = []
    for row in 0..<outputCount {
      for entry in entries(row) {
        columns.append(UInt32(entry.column))
        coefficients.append(entry.coefficient)
      }
      starts.append(columns.count)
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(inputCount, forKey: .inputCount)
    try container.encode(starts, forKey: .rowStarts)
    try container.encode(columns, forKey: .columns)
    try container.encode(coefficients, forKey: .coefficients)
    try container.encode(biases, forKey: .biases)
  }

  /// - Throws: what the decoder throws, and `DecodingError` for rows that are none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let map = LinearMap(
      inputCount: try container.decode(Int.self, forKey: .inputCount),
      rowStarts: try container.decode([Int].self, forKey: .rowStarts),
      columns: try container.decode([UInt32].self, forKey: .columns),
      coefficients: try container.decode([Int64].self, forKey: .coefficients),
      biases: try container.decode([Int64].self, forKey: .biases))
    guard let map else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: container.codingPath, debugDescription: "inconsistent linear map"))
    }
    self = map
  }

  /// Takes entries row after row; nil if these are no rows, with columns ascending and below the bound and no zeros.
  init?(
    inputCount: Int, rowStarts: [Int], columns: [UInt32], coefficients: [Int64], biases: [Int64]
  ) {
    guard (0...Int(UInt32.max)).contains(inputCount), rowStarts.count == biases.count + 1,
      rowStarts.first == 0, rowStarts.last == columns.count, columns.count == coefficients.count,
      zip(rowStarts, rowStarts.dropFirst()).allSatisfy(<=), !coefficients.contains(0)
    else { return nil }
    self.init(inputCount: inputCount)
    reserve(rows: biases.count)
    for (start, end) in zip(rowStarts, rowStarts.dropFirst()) {
      let row = columns[start..<end]
      guard zip(row, row.dropFirst()).allSatisfy(<), row.last.map({ Int($0) < inputCount }) ?? true
      else { return nil }
      row.withUnsafeBufferPointer { columns in
        coefficients[start..<end].withUnsafeBufferPointer {
          matrix.append(columns: columns, coefficients: $0)
        }
      }
    }
    self.biases = biases
  }
}
