/// An affine map as products of matrices of weights and selections of its input, and what is left.
///
/// A *position* is a set of rows that read the same columns, one row per *channel*. What a column is multiplied by at
/// a position is a vector of weights, one per channel; equal vectors are one *term*. So a convolution is one product
/// per group (terms are kernel taps, missing ones at the border are 0), a dense layer is one product, a scale per channel
/// is one product of a 1 x 1 matrix per channel. Biases are a term whose column is the constant 1.
struct WeightedMap {
  /// channels x terms times terms x positions.
  struct Block {
    /// For each channel and position its row of the map.
    var rows: [[Int]]
    /// For each channel and term where its weight stands.
    var weights: [[Source]]
    /// For each position the terms' columns; a term may have none, or several, which are added up.
    var columns: [[(term: Int, column: Int)]]

    var shape: [Int] { [rows.count, weights[0].count, columns.count] }
  }

  /// Where a weight stands in the map: among its coefficients, or as the bias of a row.
  enum Source {
    case coefficient(Int)
    case bias(row: Int)
  }

  /// The column that stands for the constant 1.
  static let one = -1

  /// Blocks of equal shapes together, in the order of their first rows.
  private(set) var batches: [[Block]] = []
  /// For each row that has weights the row that has the same ones in the same places: mostly itself.
  private(set) var original: [Int?]
  /// Entries that depend on no weight.
  private(set) var fixedEntries: [[(column: Int, coefficient: Double)]]
  /// Rows whose bias depends on no weight and is not 0.
  private(set) var fixedBiases: Set<Int> = []

  /// Whether the blocks say everything.
  var isPure: Bool {
    fixedBiases.isEmpty && fixedEntries.allSatisfy(\.isEmpty) && original.allSatisfy { $0 != nil }
  }

  /// - Parameter twin: the same map of generic weights.
  init(_ map: RealMap, twin: RealMap) {
    original = [Int?](repeating: nil, count: map.outputCount)
    fixedEntries = Array(repeating: [], count: map.outputCount)
    var rowWith: [Fingerprint: Int] = [:]
    var positionWith: [Fingerprint: Int] = [:]
    var positions: [Position] = []
    for row in 0..<map.outputCount {
      var weighted: [Weight] = []
      for (entry, generic) in zip(map.entries(row), twin.entries(row)) {
        if entry.coefficient != generic.coefficient {
          weighted.append(
            Weight(column: entry.column, place: entry.place, generic: generic.coefficient))
        } else {
          fixedEntries[row].append((entry.column, entry.coefficient))
        }
      }
      let hasBias = map.biases[row] != twin.biases[row]
      if !hasBias, map.biases[row] != 0 { fixedBiases.insert(row) }
      guard hasBias || !weighted.isEmpty else { continue }
      var (columns, all) = (Fingerprint(), Fingerprint())
      for weight in weighted {
        columns.add(UInt64(weight.column))
        all.add(weight.generic.bitPattern)
      }
      all.add(columns)
      all.add(hasBias ? twin.biases[row].bitPattern : 0)
      original[row] = rowWith[all] ?? row
      guard rowWith.updateValue(original[row]!, forKey: all) == nil else { continue }
      if let position = positionWith[columns] {
        positions[position].rows.append(row)
        positions[position].entries.append(weighted)
        positions[position].hasBias = positions[position].hasBias || hasBias
      } else {
        positionWith[columns] = positions.count
        positions.append(Position(rows: [row], entries: [weighted], hasBias: hasBias))
      }
    }
    batches = Self.batches(positions, twin)
  }

  /// An entry that depends on weights.
  private struct Weight {
    var column: Int
    /// Where its coefficient stands among those of the map.
    var place: Int
    /// Its coefficient in the twin.
    var generic: Double
  }

  /// Rows that read the same columns, with their weighted entries in the order of the columns.
  private struct Position {
    var rows: [Int]
    var entries: [[Weight]]
    var hasBias: Bool

    /// Every column with the weights that it is multiplied by.
    func terms(_ twin: RealMap) -> [(key: Fingerprint, column: Int)] {
      var terms = entries[0].indices.map { place in
        var key = Fingerprint()
        for list in entries { key.add(list[place].generic.bitPattern) }
        return (key, entries[0][place].column)
      }
      if hasBias {
        var key = Fingerprint()
        key.add(1)
        for row in rows { key.add(twin.biases[row].bitPattern) }
        terms.append((key, WeightedMap.one))
      }
      return terms
    }
  }

  /// Positions that share a term belong to one block.
  private static func batches(
    _ positions: [Position], _ twin: RealMap
  ) -> [[Block]] {
    let terms = positions.map { $0.terms(twin) }
    var parent = Array(positions.indices)
    func root(_ position: Int) -> Int {
      var position = position
      while parent[position] != position {
        parent[position] = parent[parent[position]]
        position = parent[position]
      }
      return position
    }
    var first: [Fingerprint: Int] = [:]
    for (position, list) in terms.enumerated() {
      for term in list {
        if let other = first[term.key] {
          let (a, b) = (root(position), root(other))
          parent[max(a, b)] = min(a, b)
        } else {
          first[term.key] = position
        }
      }
    }
    var members: [[Int]] = positions.map { _ in [] }
    for position in positions.indices { members[root(position)].append(position) }
    var batches: [[Block]] = []
    var batchOfShape: [[Int]: Int] = [:]
    for group in members where !group.isEmpty {
      let block = block(of: group.map { (positions[$0], terms[$0]) })
      if let batch = batchOfShape[block.shape] {
        batches[batch].append(block)
      } else {
        batchOfShape[block.shape] = batches.count
        batches.append([block])
      }
    }
    return batches
  }

  private static func block(
    of positions: [(Position, terms: [(key: Fingerprint, column: Int)])]
  ) -> Block {
    let channels = positions[0].0.rows.count
    var block = Block(
      rows: [[Int]](repeating: [], count: channels),
      weights: [[Source]](repeating: [], count: channels), columns: [])
    var number: [Fingerprint: Int] = [:]
    for (position, terms) in positions {
      for channel in 0..<channels { block.rows[channel].append(position.rows[channel]) }
      block.columns.append(
        terms.enumerated().map { place, term in
          if let known = number[term.key] { return (known, term.column) }
          number[term.key] = block.weights[0].count
          for channel in 0..<channels {
            block.weights[channel].append(
              term.column == one
                ? .bias(row: position.rows[channel])
                : .coefficient(position.entries[channel][place].place))
          }
          return (block.weights[0].count - 1, term.column)
        })
    }
    return block
  }
}

/// 128 bits that two different lists of numbers of a model hardly ever share.
private struct Fingerprint: Hashable {
  private var low: UInt64 = 0
  private var high: UInt64 = 1

  mutating func add(_ word: UInt64) {
    low = (low ^ word).mixed
    high = (high &+ word.mixed).mixed
  }

  mutating func add(_ other: Fingerprint) {
    add(other.low)
    add(other.high)
  }
}
