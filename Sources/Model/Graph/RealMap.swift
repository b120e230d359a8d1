import Circuit

/// An affine map with real coefficients: out = M * in + bias, M as sparse rows that share what they have in common.
///
/// `in` is the concatenation of a step's flattened inputs. Entries of a row stand in ascending order of their columns.
struct RealMap: Sendable, Equatable {
  let inputCount: Int
  /// The rows of M.
  private(set) var matrix = SharedRows<Double>()
  private(set) var biases: [Double] = []
  /// Whether coefficients of one element added up to 0 in some row.
  var hasCancelled = false
  /// The row that the next `endRow` closes.
  private var row = Row()

  /// Entries of the maps of one step or of a model at most, each a multiplication; a model that needs more is refused.
  static let maximalEntries = 1 << 30
  /// Entries at most where no structure is known before they are made one by one.
  static let maximalSingleEntries = 1 << 26
  /// Numbers that all maps of a model may store: coefficients, columns and rows that differ.
  static let maximalStored = 1 << 26

  /// The entries of an open row.
  fileprivate struct Row: Sendable, Equatable {
    var columns: [UInt32] = []
    var coefficients: [Double] = []
  }

  init(inputCount: Int) {
    precondition(inputCount >= 0 && inputCount <= Int(UInt32.max))
    self.inputCount = inputCount
  }

  var outputCount: Int { biases.count }
  /// Entries of M, coefficients that are not 0.
  var entryCount: Int { matrix.entryCount }
  /// Every coefficient that occurs, not as often as it does; and zeros.
  var coefficients: [Double] { matrix.lists.elements }

  /// The entries of a row.
  @inline(__always)
  func entries(_ row: Int) -> RowEntries<Double> { matrix.entries(row) }

  /// How many entries a row has.
  @inline(__always)
  func entryCount(_ row: Int) -> Int { matrix.entryCount(row) }

  mutating func reserve(rows: Int) {
    matrix.reserve(rows: rows)
    biases.reserveCapacity(biases.count + rows)
  }

  // MARK: Rows one by one

  /// Adds an entry to the row that the next `endRow` closes.
  @inline(__always)
  mutating func add(_ column: Int, _ coefficient: Double) {
    assert(column >= 0 && column < inputCount)
    guard coefficient != 0 else { return }
    row.columns.append(UInt32(column))
    row.coefficients.append(coefficient)
  }

  /// Closes the row: sorts its entries and adds up those with equal columns.
  mutating func endRow(bias: Double = 0) {
    var entry = 1
    while entry < row.columns.count, row.columns[entry - 1] < row.columns[entry] { entry += 1 }
    if entry < row.columns.count, row.normalize() { hasCancelled = true }
    matrix.append(columns: row.columns, coefficients: row.coefficients)
    biases.append(bias)
    row.columns.removeAll(keepingCapacity: true)
    row.coefficients.removeAll(keepingCapacity: true)
  }

  // MARK: Rows that are known to share something

  /// The number of a pattern of ascending columns, wherever rows have it.
  mutating func pattern(_ columns: [UInt32]) -> Int32 { matrix.pattern(columns) }

  /// The number of a list of coefficients, of which some may be 0.
  mutating func list(_ coefficients: [Double]) -> Int32 { matrix.list(coefficients[...]) }

  /// Adds a row of a known pattern and list, whose first column is `offset`.
  mutating func appendRow(pattern: Int32, list: Int32, offset: Int, bias: Double = 0) {
    matrix.append(pattern: pattern, list: list, offset: UInt32(offset))
    biases.append(bias)
  }

  /// Adds a row of another map over columns that stand elsewhere, times a factor: see `ColumnMove`.
  mutating func appendRow(
    _ number: Int, of move: inout ColumnMove<Double>, times factor: Double = 1, bias: Double
  ) {
    move.append(number, times: factor, to: &matrix)
    biases.append(bias)
  }

  /// Copies the given input elements; nil gives the constant `fill`.
  static func selecting(_ elements: [Int?], of inputCount: Int, fill: Double = 0) -> RealMap {
    var map = RealMap(inputCount: inputCount)
    map.reserve(rows: elements.count)
    let (pattern, one) = (map.pattern([0]), map.list([1]))
    for element in elements {
      if let element {
        map.appendRow(pattern: pattern, list: one, offset: element)
      } else {
        map.endRow(bias: fill)
      }
    }
    return map
  }

  // MARK: Numbers that are 0

  /// The map as it would be for numbers of size 0, seen at two small sizes; places of coefficients are those of this map.
  ///
  /// - Parameters:
  ///   - smaller: the same entries of numbers that are `ratio` times as small.
  ///   - ratio: a power of two.
  func vanishing(_ smaller: RealMap, ratio: Double) -> RealMap {
    var (map, limits) = (self, [Int: Double]())
    for row in 0..<outputCount {
      for (entry, next) in zip(entries(row), smaller.entries(row))
      where entry.coefficient != next.coefficient {
        limits[entry.place] = Self.limit(entry.coefficient, next.coefficient, ratio)
      }
      map.biases[row] = Self.limit(biases[row], smaller.biases[row], ratio)
    }
    if !limits.isEmpty { map.matrix.replace(limits) }
    return map
  }

  /// What a number goes to that is the first one, and then the second one: powers of the size, or something beside them.
  private static func limit(_ first: Double, _ second: Double, _ ratio: Double) -> Double {
    guard first != second, first.isFinite, second.isFinite else { return first }
    var power = second
    for _ in 0..<8 where abs(power) < abs(first) {
      power *= ratio
      if power == first { return 0 }
    }
    return second - (first - second) / (ratio - 1)
  }

  // MARK: Meaning

  /// M * input + bias.
  func apply(to input: [Double]) -> [Double] {
    var out = biases
    let (patterns, lists) = (matrix.patterns, matrix.lists)
    input.withUnsafeBufferPointer { input in
      patterns.elements.withUnsafeBufferPointer { columns in
        lists.elements.withUnsafeBufferPointer { coefficients in
          for (number, row) in matrix.rows.enumerated() {
            var sum = out[number]
            if abs(sum) > Self.largeBias {
              out[number] = compensatedSum(number, input)
              continue
            }
            let (column, list) = (patterns.starts[Int(row.pattern)], lists.range(row.list))
            let offset = Int(row.offset)
            for place in 0..<list.count {
              let coefficient = coefficients[list.lowerBound + place]
              // Not even an infinite number counts where there is no entry.
              guard coefficient != 0 else { continue }
              sum += coefficient * input[offset + Int(columns[column + place])]
            }
            out[number] = sum
          }
        }
      }
    }
    return out
  }

  /// A bias beside which other summands would lose digits: the mask of a merged softmax, which most elements take away again.
  private static let largeBias = 0x1p30

  /// A row's sum with the digits that single additions lose (Neumaier, 1974).
  private func compensatedSum(_ row: Int, _ input: UnsafeBufferPointer<Double>) -> Double {
    var (sum, lost) = (biases[row], 0.0)
    for entry in entries(row) {
      let summand = entry.coefficient * input[entry.column]
      let next = sum + summand
      lost += abs(sum) >= abs(summand) ? (sum - next) + summand : (summand - next) + sum
      sum = next
    }
    return lost.isFinite ? sum + lost : sum
  }

  /// Whether inputs are only copied, added and subtracted, and none of them in vain.
  var isUnit: Bool { !hasCancelled && coefficients.allSatisfy { abs($0) == 1 || $0 == 0 } }

  /// Whether every row copies or scales at most one element.
  var isMovement: Bool { matrix.listCounts.allSatisfy { $0 <= 1 } }

  static func == (a: RealMap, b: RealMap) -> Bool {
    a.inputCount == b.inputCount && a.biases == b.biases && a.matrix == b.matrix
  }

  /// Whether entries stand at the same places, whatever the coefficients are.
  func hasEntries(like other: RealMap) -> Bool {
    guard inputCount == other.inputCount, outputCount == other.outputCount,
      entryCount == other.entryCount
    else { return false }
    return (0..<outputCount).allSatisfy { row in
      guard entryCount(row) == other.entryCount(row) else { return false }
      var others = other.entries(row).makeIterator()
      return entries(row).allSatisfy { $0.column == others.next()?.column }
    }
  }
}

extension RealMap.Row {
  /// Sorts entries and adds up those of equal columns; whether any cancelled.
  fileprivate mutating func normalize() -> Bool {
    var hasCancelled = false
    // Equal columns keep their order, so that the sum is the same on every machine.
    let order = columns.indices.sorted { (columns[$0], $0) < (columns[$1], $1) }
    let entries = order.map { (columns[$0], coefficients[$0]) }
    columns.removeAll(keepingCapacity: true)
    coefficients.removeAll(keepingCapacity: true)
    for (column, coefficient) in entries {
      if columns.last == column {
        coefficients[coefficients.count - 1] += coefficient
      } else {
        hasCancelled = dropZero() || hasCancelled
        columns.append(column)
        coefficients.append(coefficient)
      }
    }
    return dropZero() || hasCancelled
  }

  /// What cancels is no entry.
  private mutating func dropZero() -> Bool {
    guard coefficients.last == 0 else { return false }
    columns.removeLast()
    coefficients.removeLast()
    return true
  }
}
