import Circuit
import Foundation
import TestSupport
import Testing

/// Rows that share patterns and coefficients are the rows that they would be one by one.
@Suite struct SharedRowsTests {
  @Test(arguments: UInt64(0)..<60) func sharedIsFlat(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = LinearMap.randomShared(&generator)
    let flat = shared.flattened
    #expect(shared == flat && shared.hashValue == flat.hashValue)
    #expect(shared.entryCount == flat.entryCount)
    #expect(flat.matrix.lists.elements.allSatisfy { $0 != 0 })
    #expect(shared.blocks() == flat.blocks())
    let values = (0..<shared.inputCount).map { _ in Int64.random(in: -50...50, using: &generator) }
    let chosen = (0..<shared.outputCount).filter { _ in Bool.random(using: &generator) }
    #expect(shared.columns(ofRows: chosen) == flat.columnsOneByOne(chosen))
    #expect(flat.columns(ofRows: chosen) == flat.columnsOneByOne(chosen))
    #expect(shared.selectingRows(chosen) == flat.selectingRows(chosen))
    for map in [shared, shared.selectingRows(chosen)] where map.outputCount > 0 {
      let flat = map.flattened
      #expect(try map.program() == flat.program())
      #expect(try map.evaluate(values) == flat.evaluate(values))
    }
  }

  /// Columns may go anywhere, also several to one place, as long as those that are read go somewhere.
  @Test(arguments: UInt64(0)..<60) func movedIsFlat(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = LinearMap.randomShared(&generator)
    let rows = (0..<shared.outputCount).filter { _ in Int.random(in: 0..<3, using: &generator) > 0 }
    let read = Set(shared.columns(ofRows: rows))
    let count = shared.inputCount + 5
    var order = (0..<Int32(count)).map { $0 }
    switch seed % 3 {
    case 0: order.shuffle(using: &generator)
    case 1: order = order.map { $0 / 2 }
    default: order = order.map { min($0 + 3, Int32(count - 1)) }
    }
    let places = (0..<shared.inputCount).map { read.contains($0) ? order[$0] : -1 }
    let moved = shared.selectingRows(rows, movingColumnsTo: places, of: count)
    var expected = LinearMap(inputCount: count)
    for row in rows {
      expected.appendRow(
        shared.entries(row).map { (Int(places[$0.column]), $0.coefficient) },
        bias: shared.biases[row])
    }
    #expect(moved == expected)
  }

  /// A convolution of many positions stores its kernels once for each way to lie on the edge.
  @Test func storesWeightsOnce() {
    let map = LinearMap.convolution(channels: 4)
    #expect(map.matrix.lists.count <= 4 * 9)
    #expect(map.entryCount > 2 * map.matrix.lists.elements.count)
    // Moved by a translation it stays what it is.
    let places = (0..<Int32(map.inputCount)).map { $0 + 7 }
    let moved = map.selectingRows(
      Array(0..<map.outputCount), movingColumnsTo: places, of: map.inputCount + 7)
    #expect(moved.matrix.storedCount == map.matrix.storedCount)
  }

  @Test func rowsThatAreNoneAreRefused() {
    var matrix = SharedRows<Int64>()
    let (pattern, list) = (matrix.pattern([0, 2]), matrix.list([3, -1]))
    matrix.append(pattern: pattern, list: list, offset: 1)
    #expect(LinearMap(inputCount: 4, matrix: matrix, biases: [0]) != nil)
    #expect(LinearMap(inputCount: 3, matrix: matrix, biases: [0]) == nil)
    #expect(LinearMap(inputCount: 4, matrix: matrix, biases: [0, 0]) == nil)
    #expect(LinearMap(inputCount: -1, matrix: matrix, biases: [0]) == nil)
    var long = matrix
    let other = long.list([1, 2, 3])
    long.append(pattern: pattern, list: other, offset: 0)
    #expect(LinearMap(inputCount: 9, matrix: long, biases: [0, 0]) == nil)
    var descending = SharedRows<Int64>()
    descending.append(columns: [2, 1], coefficients: [1, 1])
    #expect(LinearMap(inputCount: 9, matrix: descending, biases: [0]) == nil)
  }

  @Test func jsonRoundTripsAndNothingElseDecodes() throws {
    var generator = SeededGenerator(seed: 5)
    let map = LinearMap.randomShared(&generator)
    let json = try JSONEncoder().encode(map)
    #expect(try JSONDecoder().decode(LinearMap.self, from: json) == map)
    let bad = [
      (4, "[0,1]", "[4]", "[1]", "[0]"), (4, "[0,1]", "[3]", "[0]", "[0]"),
      (4, "[0,2]", "[1,1]", "[1,1]", "[0]"), (4, "[0,2]", "[2,1]", "[1,1]", "[0]"),
      (4, "[0,3]", "[1]", "[1]", "[0]"), (4, "[0,1]", "[1]", "[1]", "[0,0]"),
      (4, "[1,1]", "[1]", "[1]", "[0]"), (4, "[0,2,1]", "[1]", "[1]", "[0,0]"),
      (-1, "[0]", "[]", "[]", "[]"), (4, "[]", "[]", "[]", "[]"),
    ]
    for (count, starts, columns, coefficients, biases) in bad {
      let text =
        "{\"inputCount\":\(count),\"rowStarts\":\(starts),\"columns\":\(columns),"
        + "\"coefficients\":\(coefficients),\"biases\":\(biases)}"
      #expect(throws: DecodingError.self, "\(text)") {
        try JSONDecoder().decode(LinearMap.self, from: Data(text.utf8))
      }
    }
  }
}

extension LinearMap {
  /// Rows of a few patterns at many places and a few lists of coefficients, with zeros, and some rows of their own.
  fileprivate static func randomShared(_ generator: inout SeededGenerator) -> LinearMap {
    let inputCount = Int.random(in: 12...60, using: &generator)
    var matrix = SharedRows<Int64>()
    let length = Int.random(in: 1...6, using: &generator)
    let patterns = (0..<3).map { _ in
      Array((0..<UInt32(12)).shuffled(using: &generator).prefix(length).sorted())
    }
    let lists = (0..<4).map { _ in
      (0..<length).map { _ in Int64.random(in: -2...2, using: &generator) }
    }
    let rows = Int.random(in: 1...40, using: &generator)
    for _ in 0..<rows {
      if Int.random(in: 0..<8, using: &generator) == 0 {
        matrix.append(
          columns: (0..<UInt32(inputCount)).filter { _ in Bool.random(using: &generator) },
          ones: &generator)
        continue
      }
      let columns = patterns.randomElement(using: &generator)!
      let pattern = matrix.pattern(columns)
      let list = matrix.list(lists.randomElement(using: &generator)![...])
      let room = UInt32(inputCount) - 1 - (columns.last! - columns[0])
      matrix.append(
        pattern: pattern, list: list, offset: UInt32.random(in: 0...room, using: &generator))
    }
    let biases = (0..<rows).map { _ in Int64.random(in: -9...9, using: &generator) }
    return LinearMap(inputCount: inputCount, matrix: matrix, biases: biases)!
  }

  /// The same rows one by one.
  fileprivate var flattened: LinearMap {
    var map = LinearMap(inputCount: inputCount)
    for row in 0..<outputCount {
      map.appendRow(entries(row).map { ($0.column, $0.coefficient) }, bias: biases[row])
    }
    return map
  }

  fileprivate func columnsOneByOne(_ rows: [Int]) -> [Int] {
    Set(rows.flatMap { row in entries(row).map(\.column) }).sorted()
  }

  private func graph() throws -> IntegerGraph {
    var sketch = GraphSketch()
    let x = sketch.input(inputCount, -50...50)
    let y = sketch.add(.linear(self), [x], count: outputCount, name: "n")
    return try sketch.graph(outputs: [y])
  }

  fileprivate func evaluate(_ values: [Int64]) throws -> [[Int64]] {
    try graph().evaluate(inputs: [values])
  }

  /// The canonical bytes of a program that is this map.
  fileprivate func program() throws -> [UInt8] {
    try ChunkSketch(graph(), salted: false).program.canonicalBytes
  }
}

extension SharedRows<Int64> {
  fileprivate mutating func append(columns: [UInt32], ones generator: inout SeededGenerator) {
    append(
      columns: columns,
      coefficients: columns.map { _ in Bool.random(using: &generator) ? 1 : -3 })
  }
}
