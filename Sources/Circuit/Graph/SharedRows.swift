/// A number that sparse rows may have as coefficients.
@usableFromInline
package protocol RowCoefficient: ListElement, SignedNumeric {}
extension Int64: RowCoefficient {}
extension Double: RowCoefficient {}

/// The rows of a sparse matrix, which share what they have in common.
///
/// A row is a pattern of columns, moved, and a list of coefficients. The rows of a convolution are one pattern at many places
/// and one list per channel, those of a dense layer one pattern and one list each, but for the edges of an image: so a matrix
/// takes as much memory as its weights, however often they are applied. Each pattern and each list is stored once, whether it
/// is known to repeat or only happens to.
///
/// A list may have zeros where its pattern is shared with lists that have none there; an *entry* is a coefficient that is not 0.
@usableFromInline
package struct SharedRows<Coefficient: RowCoefficient>: Sendable {
  /// One row.
  @frozen @usableFromInline
  package struct Row: Hashable, Sendable {
    @usableFromInline package var pattern: Int32
    @usableFromInline package var list: Int32
    /// What the columns of the pattern are moved by.
    @usableFromInline package var offset: UInt32

    @inlinable
    package init(pattern: Int32, list: Int32, offset: UInt32) {
      (self.pattern, self.list, self.offset) = (pattern, list, offset)
    }
  }

  /// Ascending columns, of which the first is 0.
  @usableFromInline package internal(set) var patterns = SharedLists<UInt32>()
  /// Coefficients, as many as the columns of every pattern that they stand beside.
  @usableFromInline package internal(set) var lists = SharedLists<Coefficient>()
  @usableFromInline package internal(set) var rows: [Row] = []
  /// Entries of all rows together.
  @usableFromInline package internal(set) var entryCount = 0
  /// How many coefficients of each list are not 0.
  @usableFromInline package internal(set) var listCounts: [Int32] = []

  /// No rows.
  @inlinable
  package init() {}

  @inlinable
  package var count: Int { rows.count }

  /// Numbers that are stored.
  @inlinable
  package var storedCount: Int { rows.count + patterns.elements.count + lists.elements.count }

  @inlinable
  package mutating func reserve(rows count: Int) { rows.reserveCapacity(rows.count + count) }

  // MARK: Reading

  /// The entries of a row, ascending by column.
  @inlinable @inline(__always)
  package func entries(_ row: Int) -> RowEntries<Coefficient> {
    let row = rows[row]
    return RowEntries(
      columns: patterns.elements, coefficients: lists.elements,
      column: patterns.starts[Int(row.pattern)], place: lists.range(row.list),
      offset: Int(row.offset))
  }

  /// How many entries a row has.
  @inlinable @inline(__always)
  package func entryCount(_ row: Int) -> Int { Int(listCounts[Int(rows[row].list)]) }

  /// Whether a list has no zeros.
  @inlinable @inline(__always)
  package func isFull(_ list: Int32) -> Bool {
    Int(listCounts[Int(list)]) == lists.range(list).count
  }

  /// The first and the last column of a row's pattern; nil if it has none.
  @inlinable @inline(__always)
  package func span(_ row: Int) -> ClosedRange<Int>? {
    let range = patterns.range(rows[row].pattern)
    guard !range.isEmpty else { return nil }
    let offset = Int(rows[row].offset)
    return offset...offset + Int(patterns.elements[range.upperBound - 1])
  }

  /// A number for a row's list of coefficients and the tensor that it reads, of those that end at these columns: rows of one
  /// number add up the same. Nil where it reads several tensors.
  @inlinable
  package func listAndTensor(_ row: Int, endingAt ends: [Int]) -> Int? {
    let list = Int(rows[row].list) * max(1, ends.count)
    guard ends.count > 1, let span = span(row) else { return list }
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if span.lowerBound < ends[middle] { high = middle } else { low = middle + 1 }
    }
    return span.upperBound < ends[low] ? list + low : nil
  }

  // MARK: Adding

  /// The number of a pattern of ascending columns, moved so that the first is 0.
  @inlinable
  package mutating func pattern(_ columns: UnsafeBufferPointer<UInt32>) -> Int32 {
    guard let first = columns.first, first != 0 else { return patterns.number(of: columns) }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: columns.count) { moved in
      for place in 0..<columns.count { moved[place] = columns[place] &- first }
      return patterns.number(of: UnsafeBufferPointer(moved))
    }
  }

  @inlinable
  package mutating func pattern(_ columns: [UInt32]) -> Int32 {
    columns.withUnsafeBufferPointer { pattern($0) }
  }

  @inlinable
  package mutating func list(_ coefficients: ArraySlice<Coefficient>) -> Int32 {
    coefficients.withUnsafeBufferPointer { list($0) }
  }

  /// The number of a list of coefficients.
  @inlinable
  package mutating func list(_ coefficients: UnsafeBufferPointer<Coefficient>) -> Int32 {
    let number = lists.number(of: coefficients)
    if Int(number) == listCounts.count {
      var entries: Int32 = 0
      for coefficient in coefficients where coefficient != 0 { entries += 1 }
      listCounts.append(entries)
    }
    return number
  }

  /// Adds a row of a known pattern and list of as many numbers.
  @inlinable
  package mutating func append(pattern: Int32, list: Int32, offset: UInt32) {
    let entries = Int(listCounts[Int(list)])
    guard entries > 0 else { return appendEmptyRow() }
    entryCount += entries
    rows.append(Row(pattern: pattern, list: list, offset: offset))
  }

  /// Adds a row of ascending columns and coefficients that are not 0.
  @inlinable
  package mutating func append(
    columns: UnsafeBufferPointer<UInt32>, coefficients: UnsafeBufferPointer<Coefficient>
  ) {
    let (pattern, list) = (pattern(columns), list(coefficients))
    append(pattern: pattern, list: list, offset: columns.first ?? 0)
  }

  @inlinable
  package mutating func append(columns: [UInt32], coefficients: [Coefficient]) {
    columns.withUnsafeBufferPointer { columns in
      coefficients.withUnsafeBufferPointer { append(columns: columns, coefficients: $0) }
    }
  }

  /// Adds a row of another matrix.
  @inlinable
  package mutating func append(row number: Int, of other: SharedRows) {
    let row = other.rows[number]
    append(
      pattern: pattern(Array(other.patterns[row.pattern])), list: list(other.lists[row.list]),
      offset: row.offset)
  }

  @inlinable
  package mutating func appendEmptyRow() {
    let none = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
    let pattern = patterns.number(of: none)
    let list = list(UnsafeBufferPointer(start: nil, count: 0))
    rows.append(Row(pattern: pattern, list: list, offset: 0))
  }

  /// Puts numbers where others are stored, in every row that has them; of what becomes 0 there is no entry any more.
  ///
  /// Nothing is added to such rows afterwards.
  /// - Parameter numbers: by the place of the coefficient, as `RowEntries` gives it.
  package mutating func replace(_ numbers: [Int: Coefficient]) {
    lists.replace(numbers)
    listCounts = (0..<lists.count).map { list in
      Int32(lists[Int32(list)].reduce(0) { $1 != 0 ? $0 + 1 : $0 })
    }
    entryCount = rows.reduce(0) { $0 + Int(listCounts[Int($1.list)]) }
  }

  /// Whether all rows are made of patterns and lists that are there, and have columns below a bound.
  func isValid(columns bound: Int) -> Bool {
    guard patterns.isValid, lists.isValid, listCounts.count == lists.count else { return false }
    for pattern in 0..<patterns.count {
      let columns = patterns[Int32(pattern)]
      guard columns.first ?? 0 == 0, zip(columns, columns.dropFirst()).allSatisfy(<) else {
        return false
      }
    }
    return rows.indices.allSatisfy { row in
      let (pattern, list) = (rows[row].pattern, rows[row].list)
      guard pattern >= 0, Int(pattern) < patterns.count, list >= 0, Int(list) < lists.count,
        patterns.range(pattern).count == lists.range(list).count
      else { return false }
      return true
    } && isBelow(bound)
  }

  /// Whether all columns are below a bound.
  func isBelow(_ bound: Int) -> Bool {
    rows.indices.allSatisfy { row in span(row).map { $0.upperBound < bound } ?? true }
  }
}

/// The entries of one row.
@frozen @usableFromInline
package struct RowEntries<Coefficient: RowCoefficient>: Sequence {
  /// A coefficient that is not 0, its column, and where the coefficient is stored.
  @usableFromInline package typealias Element = (column: Int, coefficient: Coefficient, place: Int)

  @usableFromInline let columns: [UInt32]
  @usableFromInline let coefficients: [Coefficient]
  @usableFromInline let column: Int
  @usableFromInline let place: Range<Int>
  @usableFromInline let offset: Int

  @inlinable @inline(__always)
  init(
    columns: [UInt32], coefficients: [Coefficient], column: Int, place: Range<Int>, offset: Int
  ) {
    self.columns = columns
    self.coefficients = coefficients
    self.column = column
    self.place = place
    self.offset = offset
  }

  @frozen @usableFromInline
  package struct Iterator: IteratorProtocol {
    @usableFromInline let columns: [UInt32]
    @usableFromInline let coefficients: [Coefficient]
    @usableFromInline var place: Int
    @usableFromInline let end: Int
    /// What leads from the place of a coefficient to that of its column.
    @usableFromInline let step: Int
    @usableFromInline let offset: Int

    @inlinable @inline(__always)
    init(_ entries: RowEntries) {
      columns = entries.columns
      coefficients = entries.coefficients
      place = entries.place.lowerBound
      end = entries.place.upperBound
      step = entries.column - entries.place.lowerBound
      offset = entries.offset
    }

    @inlinable @inline(__always)
    package mutating func next() -> Element? {
      while place < end {
        let coefficient = coefficients[place]
        let column = Int(columns[place + step]) + offset
        place += 1
        if coefficient != 0 { return (column, coefficient, place - 1) }
      }
      return nil
    }
  }

  @inlinable @inline(__always)
  package func makeIterator() -> Iterator { Iterator(self) }

  /// Whether there is none.
  @inlinable
  package var isEmpty: Bool {
    var iterator = makeIterator()
    return iterator.next() == nil
  }
}

extension SharedRows: Equatable {
  /// Whether the entries are the same, however they are stored.
  @inlinable
  package static func == (a: Self, b: Self) -> Bool {
    guard a.count == b.count, a.entryCount == b.entryCount else { return false }
    if a.rows == b.rows, a.patterns.elements == b.patterns.elements,
      a.patterns.starts == b.patterns.starts, a.lists.elements == b.lists.elements,
      a.lists.starts == b.lists.starts
    {
      return true
    }
    return a.rows.indices.allSatisfy { row in
      guard a.entryCount(row) == b.entryCount(row) else { return false }
      var other = b.entries(row).makeIterator()
      for entry in a.entries(row) {
        guard let twin = other.next(), twin.column == entry.column,
          twin.coefficient == entry.coefficient
        else { return false }
      }
      return true
    }
  }
}
