/// An affine map with integer coefficients: out = M * in + bias, M in compressed row form.
///
/// `in` is the concatenation of the operation's flattened inputs. Gemm, Conv, additions, pooling sums and every
/// movement of data (reshape, transpose, slice, concat, pad) are affine maps.
public struct LinearMap: Hashable, Sendable, Codable {
  /// Number of elements of the concatenated inputs.
  public let inputCount: Int
  /// Row i owns the entries `rowStarts[i] ..< rowStarts[i + 1]`; one more than there are rows.
  public private(set) var rowStarts: [Int]
  /// Input element of each entry, ascending inside a row.
  public private(set) var columns: [UInt32]
  /// Coefficient of each entry, never 0.
  public private(set) var coefficients: [Int64]
  /// Constant term of each row.
  public private(set) var biases: [Int64]

  /// An empty map to which rows are appended.
  public init(inputCount: Int) {
    precondition(inputCount >= 0 && inputCount <= Int(UInt32.max))
    self.inputCount = inputCount
    rowStarts = [0]
    columns = []
    coefficients = []
    biases = []
  }

  /// Number of output elements.
  public var outputCount: Int { biases.count }

  /// Number of entries of M.
  public var entryCount: Int { columns.count }

  /// Makes room for this many more rows and entries.
  public mutating func reserve(rows: Int, entries: Int) {
    rowStarts.reserveCapacity(rowStarts.count + rows)
    biases.reserveCapacity(biases.count + rows)
    columns.reserveCapacity(columns.count + entries)
    coefficients.reserveCapacity(coefficients.count + entries)
  }

  /// Appends a row; entries may come in any order, equal columns are added up, zeros are dropped.
  ///
  /// - Precondition: every column is below `inputCount`, and sums of equal columns fit 64 bits.
  public mutating func appendRow(_ entries: [(column: Int, coefficient: Int64)], bias: Int64 = 0) {
    let start = columns.count
    var ascending = true
    for (column, coefficient) in entries {
      precondition(column >= 0 && column < inputCount, "column outside the map's input")
      if columns.count > start, columns[columns.count - 1] >= UInt32(column) { ascending = false }
      columns.append(UInt32(column))
      coefficients.append(coefficient)
    }
    if !ascending || coefficients[start...].contains(0) { normalize(from: start) }
    rowStarts.append(columns.count)
    biases.append(bias)
  }

  private mutating func normalize(from start: Int) {
    let entries = zip(columns[start...], coefficients[start...]).sorted { $0.0 < $1.0 }
    columns.removeSubrange(start...)
    coefficients.removeSubrange(start...)
    for (column, coefficient) in entries {
      if columns.count > start, columns[columns.count - 1] == column {
        coefficients[coefficients.count - 1] += coefficient
      } else {
        if columns.count > start, coefficients[coefficients.count - 1] == 0 { dropLast() }
        columns.append(column)
        coefficients.append(coefficient)
      }
    }
    if columns.count > start, coefficients[coefficients.count - 1] == 0 { dropLast() }
  }

  private mutating func dropLast() {
    columns.removeLast()
    coefficients.removeLast()
  }

  /// A map that copies the given input elements in the given order.
  public static func selecting(_ elements: [Int], of inputCount: Int) -> LinearMap {
    var map = LinearMap(inputCount: inputCount)
    map.reserve(rows: elements.count, entries: elements.count)
    for element in elements { map.appendRow([(element, 1)]) }
    return map
  }

  /// The map made of some of this map's rows, in the order given; the input stays the same.
  public func selectingRows(_ rows: some Collection<Int>) -> LinearMap {
    var map = LinearMap(inputCount: inputCount)
    for row in rows {
      let entries = rowStarts[row]..<rowStarts[row + 1]
      map.columns += columns[entries]
      map.coefficients += coefficients[entries]
      map.rowStarts.append(map.columns.count)
      map.biases.append(biases[row])
    }
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
    map.reserve(
      rows: rows.count, entries: rows.reduce(0) { $0 + rowStarts[$1 + 1] - rowStarts[$1] })
    for row in rows {
      let start = map.columns.count
      var (ascending, next) = (true, Int32(0))
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        let column = places[Int(columns[entry])]
        precondition(column >= 0 && Int(column) < inputCount, "column outside the map's input")
        if column < next { ascending = false }
        next = column + 1
        map.columns.append(UInt32(column))
        map.coefficients.append(coefficients[entry])
      }
      if !ascending { map.normalize(from: start) }
      map.rowStarts.append(map.columns.count)
      map.biases.append(biases[row])
    }
    return map
  }

  /// The input elements that some rows read, ascending.
  package func columns(ofRows rows: [Int]) -> [Int] {
    let entries = rows.reduce(0) { $0 + rowStarts[$1 + 1] - rowStarts[$1] }
    guard 64 * entries > inputCount else {
      var read: [Int] = []
      read.reserveCapacity(entries)
      for row in rows {
        for entry in rowStarts[row]..<rowStarts[row + 1] { read.append(Int(columns[entry])) }
      }
      return read.ascending
    }
    var read = ElementSet(count: inputCount)
    for row in rows {
      for entry in rowStarts[row]..<rowStarts[row + 1] { read.insert(Int(columns[entry])) }
    }
    return read.elements()
  }

  /// Takes the four arrays as they are; nil if they break one of the invariants stated above.
  init?(
    inputCount: Int, rowStarts: [Int], columns: [UInt32], coefficients: [Int64], biases: [Int64]
  ) {
    self.inputCount = inputCount
    self.rowStarts = rowStarts
    self.columns = columns
    self.coefficients = coefficients
    self.biases = biases
    guard isValid else { return nil }
  }

  /// Whether the arrays keep the invariants; decoding from JSON or bytes does not by itself.
  var isValid: Bool {
    guard inputCount >= 0, rowStarts.count == biases.count + 1, rowStarts.first == 0,
      rowStarts.last == columns.count, columns.count == coefficients.count,
      coefficients.allSatisfy({ $0 != 0 })
    else { return false }
    for row in 0..<biases.count {
      let (start, end) = (rowStarts[row], rowStarts[row + 1])
      guard 0 <= start, start <= end, end <= columns.count else { return false }
      for entry in start..<end {
        guard Int(columns[entry]) < inputCount else { return false }
        if entry > start, columns[entry - 1] >= columns[entry] { return false }
      }
    }
    return true
  }
}
