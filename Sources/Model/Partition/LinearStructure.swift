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
  /// One more than the largest channel, and than the largest position.
  private let rowCounts: (channels: Int, positions: Int)
  /// Columns of each matrix.
  private let terms: [Int]
  /// Whether the positions of each block may share what they read, as those of a convolution do.
  private let isTranslated: [Bool]
  private let map: LinearMap
  /// A number for each row's coefficients and constant term; equal rows have equal ones.
  private let signatures: [Int]

  init(_ map: LinearMap) {
    self.map = map
    var rows = [Row](repeating: Row(), count: map.outputCount)
    var terms: [Int] = []
    var isTranslated: [Bool] = []
    if map.hasLongRows {
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
        terms.append(block.termCount)
        isTranslated.append(block.translation != nil)
      }
    }
    (self.rows, self.terms, self.isTranslated) = (rows, terms, isTranslated)
    rowCounts = rows.reduce((0, 0)) {
      (max($0.0, Int($1.channel) + 1), max($0.1, Int($1.position) + 1))
    }
    let lists = (0..<map.matrix.lists.count).map { list in
      var hasher = Hasher()
      for coefficient in map.matrix.lists[Int32(list)] where coefficient != 0 {
        hasher.combine(coefficient)
      }
      return hasher.finalize()
    }
    signatures = (0..<map.outputCount).map { row in
      var hasher = Hasher()
      hasher.combine(map.biases[row])
      hasher.combine(lists[Int(map.matrix.rows[row].list)])
      return hasher.finalize()
    }
  }

  /// Whether two lists of rows have the same coefficients and constant terms.
  func areAlike(_ a: [Int], _ b: [Int]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { signatures[$0] == signatures[$1] }
  }

  /// The predicted sizes of some rows whose results have this many bits: as combinations, and checked at a challenge where
  /// there is something to check.
  ///
  /// - Parameter isPacked: whether the results go to another chunk. Then nothing makes bits of them unless a check needs some;
  ///   and those of one piece that is hashed read much the same elements, whose entries merge.
  func sizes(of chosen: [Int], bits: Int, isPacked: Bool) -> (
    direct: CircuitSize, checked: CircuitSize?
  ) {
    var entries = 0
    var (channels, positions) = (Seen(rowCounts.channels), Seen(rowCounts.positions))
    var blocks = Seen(terms.count)
    var claimed = 0
    for row in chosen {
      entries += map.entryCount(row)
      guard rows[row].block >= 0 else { continue }
      claimed += 1
      _ = blocks.insert(rows[row].block)
      _ = channels.insert(rows[row].channel)
      _ = positions.insert(rows[row].position)
    }
    let merged = isPacked ? Double(bits) / Double(BoundaryEncoding.pieceBits) : 1
    let direct = CircuitSize(constraints: 0, variables: 0, nonzeros: Double(entries) * merged)
    guard channels.count > 1, positions.count > 1 else { return (direct, nil) }
    let chosenBlocks = blocks.set.elements()
    let widths = chosenBlocks.map { Double(terms[$0]) }
    let width = widths.reduce(0, +) / Double(widths.count)
    // Every input of a position and every result is a step of an evaluation; the results' bits are hashed.
    var reads = width * Double(positions.count)
    if chosenBlocks.allSatisfy({ isTranslated[$0] }) {
      // Or every input that any position reads, with its power, and three steps for each column.
      reads = min(reads, 1.3 * Double(readCount(chosen)) + 3 * widths.reduce(0, +))
    }
    let steps = reads + Double(claimed * (isPacked ? bits + 2 : 1))
    var checked = CircuitSize.rows(steps) + .hash(of: claimed, bits: bits)
    let unclaimed = Double(chosen.count - claimed) / Double(chosen.count)
    checked.nonzeros += Double(channels.count) * widths.reduce(0, +) + direct.nonzeros * unclaimed
    return (direct, checked)
  }

  /// How many input elements some rows read, judged by one row per position.
  private func readCount(_ chosen: [Int]) -> Int {
    var isRead = Seen(map.inputCount)
    var isSeen = Seen(rowCounts.positions)
    for row in chosen where rows[row].block >= 0 && isSeen.insert(rows[row].position) {
      for entry in map.entries(row) {
        _ = isRead.insert(Int32(truncatingIfNeeded: entry.column))
      }
    }
    return isRead.count
  }

  /// Numbers that have been seen, and how many.
  private struct Seen {
    private(set) var set: ElementSet
    private(set) var count = 0

    init(_ bound: Int) { set = ElementSet(count: bound) }

    mutating func insert(_ number: Int32) -> Bool {
      guard set.insertNew(Int(number)) else { return false }
      count += 1
      return true
    }
  }
}
