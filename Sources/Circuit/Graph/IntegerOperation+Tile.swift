extension IntegerOperation.Kind {
  /// The part of an operation that makes some of its output elements.
  public struct Tile: Hashable, Sendable {
    /// The same computation, on the elements in `reads` only.
    public let kind: IntegerOperation.Kind
    /// For each input, the elements that are read, in the order in which the tile takes them.
    public let reads: [[Int]]
  }

  /// The smallest set of output elements that one tile can make and that holds these; ascending.
  ///
  /// A tile of one-hot rows, of an order or of distances takes all or none of each run; a tile of a matrix product is made of the
  /// same rows and columns of some of its matrices.
  public func tileable(_ elements: [Int]) -> [Int] {
    switch self {
    case .matmul(_, let m, _, let n):
      return Product(of: elements, m: m, n: n).elements(m: m, n: n)
    case .oneHot(let unit), .order(_, let unit, _):
      guard unit > 1 else { return elements }
      return Self.runs(elements, unit: unit).flatMap { $0 * unit..<($0 + 1) * unit }
    case .distance(let groups):
      let unit = groups.first?.count ?? 1
      return Self.runs(elements, unit: unit).flatMap { $0 * unit..<($0 + 1) * unit }
    default:
      return elements
    }
  }

  /// The part that makes these output elements, in this order.
  ///
  /// - Parameters:
  ///   - elements: a set that `tileable` leaves as it is, ascending.
  ///   - inputs: element counts of the operation's inputs.
  public func tile(_ elements: [Int], inputs: [Int]) -> Tile {
    if isElementwise {
      return Tile(kind: self, reads: [[Int]](repeating: elements, count: inputs.count))
    }
    switch self {
    case .linear(let map):
      return Tile(
        kind: .linear(map.selectingRows(elements)), reads: inputs.map { Array(0..<$0) })
    case .matmul(_, let m, let k, let n):
      let part = Product(of: elements, m: m, n: n)
      precondition(
        part.count == elements.count, "a tile of a matrix product is made of whole rows and columns"
      )
      return Tile(
        kind: .matmul(
          batch: part.matrices.count, m: part.rows.count, k: k, n: part.columns.count),
        reads: [
          part.matrices.flatMap { matrix in
            part.rows.flatMap { (matrix * m + $0) * k..<(matrix * m + $0 + 1) * k }
          },
          part.matrices.flatMap { matrix in
            (0..<k).flatMap { inner in part.columns.map { (matrix * k + inner) * n + $0 } }
          },
        ])
    case .gather(let picks):
      return Self.tile(elements.map { picks[$0] })
    case .oneHot(let depth):
      return Tile(kind: self, reads: [Self.runs(elements, unit: depth)])
    case .maximum(let windows):
      let (reads, local) = Self.compacted(elements.map { windows[$0] })
      return Tile(kind: .maximum(windows: local), reads: [reads])
    case .argmax(let groups, let last):
      let (reads, local) = Self.compacted(elements.map { groups[$0] })
      return Tile(kind: .argmax(groups: local, last: last), reads: [reads])
    case .distance(let groups):
      let unit = groups.first?.count ?? 1
      let (reads, local) = Self.compacted(Self.runs(elements, unit: unit).map { groups[$0] })
      return Tile(kind: .distance(groups: local), reads: [reads])
    case .order(let groups, let count, let descending):
      let (reads, local) = Self.compacted(Self.runs(elements, unit: count).map { groups[$0] })
      return Tile(
        kind: .order(groups: local, count: count, descending: descending), reads: [reads])
    default:
      preconditionFailure("elementwise kinds have been handled")
    }
  }

  /// The runs of `unit` elements that hold these, ascending.
  private static func runs(_ elements: [Int], unit: Int) -> [Int] {
    var runs: [Int] = []
    for element in elements where runs.last != element / unit { runs.append(element / unit) }
    return runs
  }

  /// The same rows and columns of some matrices of a product, each list ascending.
  private struct Product {
    var matrices, rows, columns: [Int]
    var count: Int { matrices.count * rows.count * columns.count }

    /// The smallest product that holds these elements of `m` by `n` matrices.
    init(of elements: [Int], m: Int, n: Int) {
      var (rowIsIn, columnIsIn) = (
        [Bool](repeating: false, count: m), [Bool](repeating: false, count: n)
      )
      matrices = []
      for element in elements {
        if matrices.last != element / (m * n) { matrices.append(element / (m * n)) }
        rowIsIn[element / n % m] = true
        columnIsIn[element % n] = true
      }
      rows = rowIsIn.indices.filter { rowIsIn[$0] }
      columns = columnIsIn.indices.filter { columnIsIn[$0] }
    }

    func elements(m: Int, n: Int) -> [Int] {
      matrices.flatMap { matrix in
        rows.flatMap { row in columns.map { (matrix * m + row) * n + $0 } }
      }
    }
  }

  /// Picks keep their order of data elements, so that the ones of a tile are again steps of one length: data is read
  /// whole from the first to the last element that any pick reaches.
  private static func tile(_ picks: [Pick]) -> Tile {
    var (lowest, highest) = (Int.max, 0)
    for pick in picks {
      for element in [pick.start, pick.element(pick.count - 1)] {
        (lowest, highest) = (min(lowest, element), max(highest, element))
      }
    }
    let indices = Set(picks.map(\.index)).sorted()
    let places = Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) })
    let local = picks.map { pick in
      Pick(
        index: places[pick.index]!, start: pick.start - lowest, stride: pick.stride,
        count: pick.count)
    }
    return Tile(kind: .gather(picks: local), reads: [Array(lowest...highest), indices])
  }

  /// The elements that groups mention, and the groups in terms of places among them.
  private static func compacted(_ groups: [[Int]]) -> (elements: [Int], groups: [[Int]]) {
    let elements = Set(groups.joined()).sorted()
    let places = Dictionary(uniqueKeysWithValues: elements.enumerated().map { ($1, $0) })
    return (elements, groups.map { $0.map { places[$0]! } })
  }
}
