import Circuit

/// Coefficients as integers, each list of them once for all rows that have it.
extension Lowering {
  /// Coefficients and biases as integers, and whether these are exact.
  func integers(
    _ map: RealMap, _ sources: Sources, _ scaleBits: Int
  ) throws(CircuitError) -> (map: LinearMap, isExact: Bool) {
    let scales = sources.tensors.map { tensors[$0].scaleBits }
    var isExact = true
    var matrix = SharedRows<Int64>()
    matrix.reserve(rows: map.outputCount)
    var biases: [Int64] = []
    biases.reserveCapacity(map.outputCount)
    let runs = ColumnRuns(sources, scales)
    var lists = IntegerLists(map.matrix)
    let output = current.output
    let hasInfinities = hasInfinities(map)
    for row in 0..<map.outputCount {
      if hasInfinities, map.biases[row].isInfinite {
        matrix.appendEmptyRow()
        biases.append(try integer(infinite(map.biases[row], scaleBits), scaleBits))
        isExact = false
        continue
      }
      if let run = runs.run(of: map.matrix.span(row)) {
        let key = IntegerLists.Key(list: map.matrix.rows[row].list, bits: scaleBits - run.scale)
        if !lists.knows(key) {
          lists.add(key, try integers(map.matrix.lists[key.list], key.bits), to: &matrix)
        }
        lists.append(row, moved: run.move, key, to: &matrix)
      } else {
        var single = LinearMap(inputCount: map.inputCount)
        var entries: [(column: Int, coefficient: Int64)] = []
        for (column, coefficient, _) in map.entries(row) {
          let bits = scaleBits - scales[Int(sources.tensor[column])]
          entries.append((Int(sources.place[column]), try integer(coefficient, bits)))
          isExact = isExact && Self.isExact(coefficient, bits)
        }
        single.appendRow(entries)
        matrix.append(row: 0, of: single.matrix)
      }
      let bias = map.biases[row].isInfinite ? finite(map.biases[row], output) : map.biases[row]
      isExact = isExact && Self.isExact(bias, scaleBits)
      biases.append(try integer(bias, scaleBits))
    }
    isExact = isExact && lists.areExact
    return (LinearMap(inputCount: map.inputCount, matrix: matrix, biases: biases)!, isExact)
  }

  private func integers(
    _ list: ArraySlice<Double>, _ bits: Int
  ) throws(CircuitError) -> [Int64] {
    var integers: [Int64] = []
    integers.reserveCapacity(list.count)
    for number in list { integers.append(number == 0 ? 0 : try integer(number, bits)) }
    return integers
  }
}

/// Runs of columns at one scale, whose elements stand one after the other.
private struct ColumnRuns {
  struct Run {
    var scale: Int
    /// What leads from a column to its element's place.
    var move: Int
  }

  private var runs: [Run] = []
  /// The first column of each run.
  private var starts: [Int] = []

  init(_ sources: Lowering.Sources, _ scales: [Int]) {
    for (column, tensor) in sources.tensor.enumerated() {
      let (scale, move) = (scales[Int(tensor)], Int(sources.place[column]) - column)
      if let last = runs.last, last.scale == scale, last.move == move { continue }
      runs.append(Run(scale: scale, move: move))
      starts.append(column)
    }
  }

  /// The run in which all columns lie; nil if they lie in several.
  func run(of columns: ClosedRange<Int>?) -> Run? {
    guard let columns else { return Run(scale: 0, move: 0) }
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= columns.lowerBound { low = middle } else { high = middle - 1 }
    }
    let end = low + 1 < starts.count ? starts[low + 1] : Int.max
    return columns.upperBound < end ? runs[low] : nil
  }
}

/// Rows of reals that become rows of integers.
private struct IntegerLists {
  /// A list of coefficients, and by which power of two they are multiplied.
  struct Key: Hashable {
    var list: Int32
    var bits: Int
  }

  /// What a list becomes.
  private struct Integers {
    /// Its number; nil where so many numbers become 0 that rows are made without them.
    var list: Int32?
    var numbers: [Int64]
  }

  private let source: SharedRows<Double>
  private var patterns: [Int32?]
  private var lists: [Key: Integers] = [:]
  private var last: (key: Key, integers: Integers)?
  /// Whether all integers are exact.
  private(set) var areExact = true

  init(_ source: SharedRows<Double>) {
    self.source = source
    patterns = [Int32?](repeating: nil, count: source.patterns.count)
  }

  /// Whether it is known what a list becomes.
  func knows(_ key: Key) -> Bool { last?.key == key || lists[key] != nil }

  /// Notes what a list becomes.
  mutating func add(_ key: Key, _ numbers: [Int64], to matrix: inout SharedRows<Int64>) {
    areExact = areExact && source.lists[key.list].allSatisfy { Lowering.isExact($0, key.bits) }
    let entries = numbers.count { $0 != 0 }
    let list = 2 * entries < numbers.count ? nil : matrix.list(numbers[...])
    lists[key] = Integers(list: list, numbers: list == nil ? numbers : [])
  }

  /// Adds a row, the integers of whose list are known, with its columns moved.
  mutating func append(
    _ number: Int, moved move: Int, _ key: Key, to matrix: inout SharedRows<Int64>
  ) {
    let row = source.rows[number]
    if last?.key != key { last = (key, lists[key]!) }
    let integers = last!.integers
    guard let list = integers.list else {
      var columns: [UInt32] = []
      var coefficients: [Int64] = []
      for (column, coefficient) in zip(source.patterns[row.pattern], integers.numbers)
      where coefficient != 0 {
        columns.append(UInt32(Int(column) + Int(row.offset) + move))
        coefficients.append(coefficient)
      }
      matrix.append(columns: columns, coefficients: coefficients)
      return
    }
    let pattern = patterns[Int(row.pattern)] ?? matrix.pattern(Array(source.patterns[row.pattern]))
    patterns[Int(row.pattern)] = pattern
    matrix.append(pattern: pattern, list: list, offset: UInt32(Int(row.offset) + move))
  }
}
