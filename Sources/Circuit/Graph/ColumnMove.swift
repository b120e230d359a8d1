/// Takes rows of a matrix to another one whose columns stand elsewhere. What rows share they go on sharing.
@usableFromInline
package struct ColumnMove<Coefficient: RowCoefficient> {
  /// What becomes of the rows at one place.
  @usableFromInline
  struct Site {
    @usableFromInline var pattern: Int32
    @usableFromInline var offset: UInt32
    /// Which coefficients a list keeps, in which order.
    @usableFromInline var order: Order
    /// What these are multiplied by, a list of `scales`; -1 for 1.
    @usableFromInline var scale: Int32

    @inlinable
    init(pattern: Int32, offset: UInt32, order: Order, scale: Int32) {
      (self.pattern, self.offset) = (pattern, offset)
      (self.order, self.scale) = (order, scale)
    }
  }

  @usableFromInline
  enum Order: Hashable {
    /// All as they are.
    case same
    /// A list of `orders`.
    case other(Int32)
    /// Columns come together, so that coefficients are added up.
    case sums
  }

  @usableFromInline
  struct ListKey: Hashable {
    @usableFromInline var list: Int32
    @usableFromInline var order: Order
    @usableFromInline var scale: Int32
    @usableFromInline var factor: Coefficient

    @inlinable
    init(list: Int32, order: Order, scale: Int32, factor: Coefficient) {
      (self.list, self.order) = (list, order)
      (self.scale, self.factor) = (scale, factor)
    }
  }

  @usableFromInline let source: SharedRows<Coefficient>
  @usableFromInline let places: [Int32]
  @usableFromInline let factors: [Coefficient]?
  @usableFromInline let isDropping: Bool
  @usableFromInline var sites: RowSites
  @usableFromInline var moved: [Site] = []
  /// The new number of the pattern of one column.
  @usableFromInline var single: Int32?
  @usableFromInline var orders = SharedLists<UInt32>()
  @usableFromInline var scales = SharedLists<Coefficient>()
  /// The new number of each list that stays as it is; -1 where it was not used.
  @usableFromInline var same: [Int32]
  @usableFromInline var others: [ListKey: Int32] = [:]

  /// - Parameters:
  ///   - source: the rows.
  ///   - places: for every column its new place; below 0 for columns that there are no more.
  ///   - factors: for every column what its coefficients are multiplied by; nil for 1.
  ///   - isDropping: whether entries in such columns are left out; otherwise there must be none.
  @inlinable
  package init(
    _ source: SharedRows<Coefficient>, to places: [Int32], factors: [Coefficient]? = nil,
    dropping isDropping: Bool
  ) {
    (self.source, self.places) = (source, places)
    (self.factors, self.isDropping) = (factors, isDropping)
    sites = RowSites(capacity: min(source.count, 1 << 12))
    same = [Int32](repeating: -1, count: source.lists.count)
  }

  /// Adds a row of the source, times a factor, to a matrix: always the same one.
  @inlinable
  package mutating func append(
    _ number: Int, times factor: Coefficient = 1, to result: inout SharedRows<Coefficient>
  ) {
    let row = source.rows[number]
    if source.lists.range(row.list).count < 2 { return appendSingle(row, factor, to: &result) }
    let (place, isNew) = sites.number(of: row)
    if isNew { moved.append(site(of: row, in: &result)) }
    let site = moved[place]
    if site.order == .sums { return appendSums(number, times: factor, to: &result) }
    let list = list(row.list, site.order, site.scale, factor, in: &result)
    result.append(pattern: site.pattern, list: list, offset: site.offset)
  }

  /// Adds a row of one entry, or none.
  @inlinable
  mutating func appendSingle(
    _ row: SharedRows<Coefficient>.Row, _ factor: Coefficient,
    to result: inout SharedRows<Coefficient>
  ) {
    guard !source.lists.range(row.list).isEmpty else { return result.appendEmptyRow() }
    let column = places[Int(row.offset)]
    precondition(column >= 0 || isDropping, "column outside the map's input")
    guard column >= 0 else { return result.appendEmptyRow() }
    let single = single ?? result.pattern([0])
    self.single = single
    let own = factors.map { $0[Int(row.offset)] * factor } ?? factor
    result.append(
      pattern: single, list: list(row.list, .same, -1, own, in: &result), offset: UInt32(column))
  }

  @inlinable
  mutating func site(
    of row: SharedRows<Coefficient>.Row, in result: inout SharedRows<Coefficient>
  ) -> Site {
    var columns: [(column: UInt32, place: UInt32)] = []
    var isSame = true
    for (place, column) in source.patterns[row.pattern].enumerated() {
      let column = places[Int(column) + Int(row.offset)]
      guard column >= 0 else {
        isSame = false
        continue
      }
      if let last = columns.last?.column, last >= UInt32(column) { isSame = false }
      columns.append((UInt32(column), UInt32(place)))
    }
    if !isSame { columns.sort { $0 < $1 } }
    let hasSums = zip(columns, columns.dropFirst()).contains { $0.column == $1.column }
    guard !hasSums else { return Site(pattern: 0, offset: 0, order: .sums, scale: -1) }
    let pattern = result.pattern(columns.map(\.column))
    let order: Order = isSame ? .same : .other(orders.number(of: columns.map(\.place)))
    return Site(
      pattern: pattern, offset: columns.first?.column ?? 0, order: order,
      scale: scale(of: columns.map(\.place), row))
  }

  /// The factors of some columns of a row's pattern.
  @inlinable
  mutating func scale(of kept: [UInt32], _ row: SharedRows<Coefficient>.Row) -> Int32 {
    guard let factors else { return -1 }
    let start = source.patterns.range(row.pattern).lowerBound
    let own = kept.map {
      factors[Int(source.patterns.elements[start + Int($0)]) + Int(row.offset)]
    }
    return own.allSatisfy { $0 == 1 } ? -1 : scales.number(of: own)
  }

  @inlinable
  mutating func list(
    _ list: Int32, _ order: Order, _ scale: Int32, _ factor: Coefficient,
    in result: inout SharedRows<Coefficient>
  ) -> Int32 {
    if order == .same, scale < 0, factor == 1 {
      if same[Int(list)] < 0 {
        same[Int(list)] = result.list(source.lists[list])
      }
      return same[Int(list)]
    }
    let key = ListKey(list: list, order: order, scale: scale, factor: factor)
    if let known = others[key] { return known }
    var coefficients = Array(source.lists[list])
    if case .other(let order) = order {
      let kept = orders[order]
      if !isDropping {
        let count = kept.count { coefficients[Int($0)] != 0 }
        precondition(
          count == Int(source.listCounts[Int(list)]), "column outside the map's input")
      }
      coefficients = kept.map { coefficients[Int($0)] }
    }
    if scale >= 0 {
      for (place, factor) in zip(coefficients.indices, scales[scale]) {
        coefficients[place] *= factor
      }
    }
    if factor != 1 { for place in coefficients.indices { coefficients[place] *= factor } }
    let number = result.list(coefficients[...])
    others[key] = number
    return number
  }

  @inlinable
  func appendSums(
    _ row: Int, times factor: Coefficient, to result: inout SharedRows<Coefficient>
  ) {
    var entries: [(column: UInt32, place: Int, coefficient: Coefficient)] = []
    for entry in source.entries(row) {
      let column = places[entry.column]
      precondition(column >= 0 || isDropping, "column outside the map's input")
      guard column >= 0 else { continue }
      let own = factors.map { $0[entry.column] * factor } ?? factor
      entries.append((UInt32(column), entry.place, entry.coefficient * own))
    }
    // Equal columns keep their order, so that the sum is the same on every machine.
    entries.sort { ($0.column, $0.place) < ($1.column, $1.place) }
    var columns: [UInt32] = []
    var coefficients: [Coefficient] = []
    for entry in entries {
      if columns.last == entry.column {
        coefficients[coefficients.count - 1] += entry.coefficient
      } else {
        if coefficients.last == 0 {
          columns.removeLast()
          coefficients.removeLast()
        }
        columns.append(entry.column)
        coefficients.append(entry.coefficient)
      }
    }
    if coefficients.last == 0 {
      columns.removeLast()
      coefficients.removeLast()
    }
    result.append(columns: columns, coefficients: coefficients)
  }
}

extension SharedRows {
  /// Some rows, in the order given.
  package func selecting(_ chosen: some Collection<Int>) -> SharedRows {
    var result = SharedRows()
    result.reserve(rows: chosen.count)
    var newPatterns = [Int32](repeating: -1, count: patterns.count)
    var newLists = [Int32](repeating: -1, count: lists.count)
    for number in chosen {
      let row = rows[number]
      if newPatterns[Int(row.pattern)] < 0 {
        newPatterns[Int(row.pattern)] = result.pattern(Array(patterns[row.pattern]))
      }
      if newLists[Int(row.list)] < 0 {
        newLists[Int(row.list)] = result.list(lists[row.list])
      }
      result.append(
        pattern: newPatterns[Int(row.pattern)], list: newLists[Int(row.list)], offset: row.offset)
    }
    return result
  }
}
