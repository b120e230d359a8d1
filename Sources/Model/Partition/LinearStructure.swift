import Circuit

/// What the cost of a linear map's rows depends on: the small matrices that it applies again and again.
///
/// Rows of one matrix at many positions can be checked together at a challenge, where each of its coefficients is one
/// entry however many positions there are.
struct LinearStructure {
  /// Where a row stands in the matrix that it belongs to.
  private struct Row {
    var block: Int32 = -1
    var channel: Int32 = -1
    var position: Int32 = -1
  }

  private let rows: [Row]
  /// Columns of each matrix.
  private let terms: [Int]
  private let map: LinearMap
  /// A number for each row's coefficients and constant term; equal rows have equal ones.
  private let signatures: [Int]

  init(_ map: LinearMap) {
    self.map = map
    var rows = [Row](repeating: Row(), count: map.outputCount)
    var terms: [Int] = []
    if map.entryCount >= 16 * map.outputCount {
      var position: Int32 = 0
      for block in map.blocks() where block.rows.count > 1 && block.columns.count > 1 {
        for (channel, list) in block.rows.enumerated() {
          for (offset, row) in list.enumerated() {
            rows[row] = Row(
              block: Int32(terms.count), channel: Int32(channel),
              position: position + Int32(offset))
          }
        }
        position += Int32(block.columns.count)
        terms.append(block.columns[0].count)
      }
    }
    (self.rows, self.terms) = (rows, terms)
    signatures = (0..<map.outputCount).map { row in
      var hasher = Hasher()
      hasher.combine(map.biases[row])
      for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
        hasher.combine(map.coefficients[entry])
      }
      return hasher.finalize()
    }
  }

  /// Whether two lists of rows have the same coefficients and constant terms.
  func areAlike(_ a: [Int], _ b: [Int]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { signatures[$0] == signatures[$1] }
  }

  /// The predicted size of some rows whose results have this many bits, in the cheaper form of the two.
  func size(of chosen: [Int], bits: Int) -> CircuitSize {
    var entries = 0
    var channels = Set<Int32>()
    var positions = Set<Int32>()
    var blocks = Set<Int32>()
    var claimed = 0
    for row in chosen {
      let count = map.rowStarts[row + 1] - map.rowStarts[row]
      entries += count
      guard rows[row].block >= 0 else { continue }
      claimed += 1
      blocks.insert(rows[row].block)
      channels.insert(rows[row].channel)
      positions.insert(rows[row].position)
    }
    let direct = CircuitSize(constraints: 0, variables: 0, nonzeros: Double(entries))
    guard channels.count > 1, positions.count > 1 else { return direct }
    let widths = blocks.map { Double(terms[Int($0)]) }
    let width = widths.reduce(0, +) / Double(widths.count)
    // Every input of a position and every result is a step of an evaluation; the results' bits are hashed.
    let steps = width * Double(positions.count) + Double(claimed)
    var checked = CircuitSize.rows(steps) + .hash(of: claimed, bits: bits)
    checked.nonzeros += Double(channels.count) * widths.reduce(0, +)
    checked.nonzeros += Double(entries) * Double(chosen.count - claimed) / Double(chosen.count)
    return checked.points < direct.points ? checked : direct
  }
}
