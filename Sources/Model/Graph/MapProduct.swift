import Circuit

/// The product of two affine maps, one of which reads what the other makes.
///
/// Where rows are only moved, or scaled, they share what they shared before.
struct MapProduct {
  let outer: RealMap
  let inner: RealMap
  /// The column of the product for every column of `outer`; -1 - row for a row of `inner`.
  let outerPlaces: [Int32]
  /// The column of the product for every column of `inner`.
  let innerPlaces: [Int32]
  let inputCount: Int

  /// The product; nil if it has more entries than the budget.
  func map(budget: Int) -> RealMap? {
    inner.isMovement ? ofMovement(budget) : ofRows(budget)
  }

  /// Where rows of `inner` are one element times a factor: the rows of `outer` with their columns moved and scaled.
  private func ofMovement(_ budget: Int) -> RealMap? {
    var places = outerPlaces
    var factors = [Double](repeating: 1, count: places.count)
    var isScaled = false
    for (column, place) in outerPlaces.enumerated() where place < 0 {
      guard let entry = inner.entries(Int(-1 - place)).first(where: { _ in true }) else {
        places[column] = -1
        continue
      }
      places[column] = innerPlaces[entry.column]
      factors[column] = entry.coefficient
      isScaled = isScaled || entry.coefficient != 1
    }
    var map = RealMap(inputCount: inputCount)
    map.reserve(rows: outer.outputCount)
    var move = ColumnMove(
      outer.matrix, to: places, factors: isScaled ? factors : nil, dropping: true)
    var biases = InnerBiases(outer, inner, outerPlaces)
    for row in 0..<outer.outputCount {
      map.appendRow(row, of: &move, bias: biases.bias(row))
      if map.entryCount(row) < outer.entryCount(row), !map.hasCancelled {
        let columns = outer.entries(row).lazy.map { places[$0.column] }.filter { $0 >= 0 }
        map.hasCancelled = Set(columns).count > map.entryCount(row)
      }
      if map.entryCount > budget { return nil }
    }
    return map
  }

  private func ofRows(_ budget: Int) -> RealMap? {
    var map = RealMap(inputCount: inputCount)
    map.reserve(rows: outer.outputCount)
    var move = ColumnMove(inner.matrix, to: innerPlaces, dropping: false)
    for row in 0..<outer.outputCount {
      if outer.entryCount(row) == 1,
        let (column, factor, _) = outer.entries(row).first(where: { _ in true }),
        outerPlaces[column] < 0
      {
        let place = Int(-1 - outerPlaces[column])
        map.appendRow(
          place, of: &move, times: factor, bias: outer.biases[row] + factor * inner.biases[place])
      } else {
        append(row, to: &map)
      }
      if map.entryCount > budget { return nil }
    }
    return map
  }

  private func append(_ row: Int, to map: inout RealMap) {
    var bias = outer.biases[row]
    for (column, factor, _) in outer.entries(row) {
      let place = outerPlaces[column]
      guard place < 0 else {
        map.add(Int(place), factor)
        continue
      }
      bias += factor * inner.biases[Int(-1 - place)]
      for part in inner.entries(Int(-1 - place)) {
        map.add(Int(innerPlaces[part.column]), factor * part.coefficient)
      }
    }
    map.endRow(bias: bias)
  }
}

/// What constant terms of the inner map add to rows of the outer one: once for rows that multiply the same terms by the same list.
private struct InnerBiases {
  private struct Key: Hashable {
    var list: Int32
    var terms: Int32
    var bias: UInt64
  }

  private let outer: RealMap
  /// For every column of `outer` the constant term of what it reads; nil if all are 0.
  private let terms: [Double]?
  private var sites = RowSites()
  private var lists = SharedLists<Double>()
  /// The list of terms that the rows at each site read.
  private var listOfSite: [Int32] = []
  private var sums: [Key: Double] = [:]

  init(_ outer: RealMap, _ inner: RealMap, _ outerPlaces: [Int32]) {
    self.outer = outer
    terms =
      inner.biases.allSatisfy { $0 == 0 }
      ? nil : outerPlaces.map { $0 < 0 ? inner.biases[Int(-1 - $0)] : 0 }
  }

  /// The constant term of a row of the product.
  mutating func bias(_ number: Int) -> Double {
    guard let terms else { return outer.biases[number] }
    let row = outer.matrix.rows[number]
    let (site, isNew) = sites.number(of: row)
    if isNew {
      let columns = outer.matrix.patterns[row.pattern]
      listOfSite.append(lists.number(of: columns.map { terms[Int($0) + Int(row.offset)] }))
    }
    let key = Key(
      list: row.list, terms: listOfSite[site], bias: outer.biases[number].bitPattern)
    if let known = sums[key] { return known }
    var sum = outer.biases[number]
    for (column, factor, _) in outer.entries(number) { sum += factor * terms[column] }
    sums[key] = sum
    return sum
  }
}
