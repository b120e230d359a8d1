/// An affine map with real coefficients in compressed row form: out = M * in + bias.
///
/// `in` is the concatenation of a step's flattened inputs. Entries of a row stand in ascending order of their columns.
struct RealMap: Sendable, Equatable {
  let inputCount: Int
  private(set) var rowStarts: [Int] = [0]
  private(set) var columns: [UInt32] = []
  private(set) var coefficients: [Double] = []
  private(set) var biases: [Double] = []

  /// Entries of one map at most; an operator that needs more is refused.
  static let maximalEntries = 1 << 26

  init(inputCount: Int) {
    precondition(inputCount >= 0 && inputCount <= Int(UInt32.max))
    self.inputCount = inputCount
  }

  var outputCount: Int { biases.count }
  var entryCount: Int { columns.count }

  /// The entries of a row.
  func entries(_ row: Int) -> Range<Int> { rowStarts[row]..<rowStarts[row + 1] }

  mutating func reserve(rows: Int, entries: Int) {
    rowStarts.reserveCapacity(rows + 1)
    biases.reserveCapacity(rows)
    columns.reserveCapacity(entries)
    coefficients.reserveCapacity(entries)
  }

  /// Appends an entry to the row that the next `endRow` closes.
  @inline(__always)
  mutating func add(_ column: Int, _ coefficient: Double) {
    assert(column >= 0 && column < inputCount)
    guard coefficient != 0 else { return }
    columns.append(UInt32(column))
    coefficients.append(coefficient)
  }

  /// Closes the row: sorts its entries and adds up those with equal columns.
  mutating func endRow(bias: Double = 0) {
    let start = rowStarts[rowStarts.count - 1]
    var entry = start + 1
    while entry < columns.count, columns[entry - 1] < columns[entry] { entry += 1 }
    if entry < columns.count { normalize(from: start) }
    rowStarts.append(columns.count)
    biases.append(bias)
  }

  private mutating func normalize(from start: Int) {
    var order = Array(start..<columns.count)
    // Equal columns keep their order, so that the sum is the same on every machine.
    order.sort { (columns[$0], $0) < (columns[$1], $1) }
    let entries = order.map { (columns[$0], coefficients[$0]) }
    columns.removeSubrange(start...)
    coefficients.removeSubrange(start...)
    for (column, coefficient) in entries {
      if columns.count > start, columns[columns.count - 1] == column {
        coefficients[coefficients.count - 1] += coefficient
      } else {
        columns.append(column)
        coefficients.append(coefficient)
      }
    }
  }

  /// Copies the given input elements; nil gives the constant `fill`.
  static func selecting(_ elements: [Int?], of inputCount: Int, fill: Double = 0) -> RealMap {
    var map = RealMap(inputCount: inputCount)
    map.reserve(rows: elements.count, entries: elements.count)
    for element in elements {
      if let element { map.add(element, 1) }
      map.endRow(bias: element == nil ? fill : 0)
    }
    return map
  }

  /// M * input + bias.
  func apply(to input: [Double]) -> [Double] {
    var out = biases
    for row in out.indices {
      var sum = out[row]
      if abs(sum) > Self.largeBias {
        out[row] = compensatedSum(row, input)
        continue
      }
      for entry in entries(row) { sum += coefficients[entry] * input[Int(columns[entry])] }
      out[row] = sum
    }
    return out
  }

  /// A bias beside which other summands would lose digits: the mask of a merged softmax, which most elements take away again.
  private static let largeBias = 0x1p30

  /// A row's sum with the digits that single additions lose (Neumaier, 1974).
  private func compensatedSum(_ row: Int, _ input: [Double]) -> Double {
    var (sum, lost) = (biases[row], 0.0)
    for entry in entries(row) {
      let summand = coefficients[entry] * input[Int(columns[entry])]
      let next = sum + summand
      lost += abs(sum) >= abs(summand) ? (sum - next) + summand : (summand - next) + sum
      sum = next
    }
    return lost.isFinite ? sum + lost : sum
  }

  /// Whether inputs are only copied, added and subtracted.
  var isUnit: Bool { coefficients.allSatisfy { abs($0) == 1 } }

  /// Whether every row copies or scales at most one element.
  var isMovement: Bool {
    (0..<outputCount).allSatisfy { entries($0).count <= 1 }
  }
}
