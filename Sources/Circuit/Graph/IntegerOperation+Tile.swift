extension IntegerOperation.Kind {
  /// The part of an operation that makes some of its output elements.
  public struct Tile: Hashable, Sendable {
    /// The same computation, on the elements in `reads` only.
    public let kind: IntegerOperation.Kind
    /// For each input, the elements that are read, in the order in which the tile takes them.
    public let reads: [[Int]]
  }

  /// Elements of the output that only a common tile may hold: a tile takes all or none of each run of this length.
  public var tileUnit: Int {
    switch self {
    case .matmul(_, _, _, let n): n
    case .oneHot(let depth): depth
    case .order(_, let count, _): count
    case .distance(let groups): groups.first?.count ?? 1
    default: 1
    }
  }

  /// The part that makes these output elements, in this order.
  ///
  /// - Parameters:
  ///   - elements: whole runs of `tileUnit` elements; those of a matrix product are consecutive and either rows of one
  ///     of its matrices or whole matrices.
  ///   - inputs: element counts of the operation's inputs.
  public func tile(_ elements: [Int], inputs: [Int]) -> Tile {
    if isElementwise {
      return Tile(kind: self, reads: [[Int]](repeating: elements, count: inputs.count))
    }
    let runs = stride(from: 0, to: elements.count, by: tileUnit).map { elements[$0] / tileUnit }
    switch self {
    case .linear(let map):
      return Tile(
        kind: .linear(map.selectingRows(elements)), reads: inputs.map { Array(0..<$0) })
    case .matmul(let batch, let m, let k, let n):
      let (row, rows) = (runs[0], runs.count)
      let matrices = rows % m == 0 ? rows / m : 1
      let (first, last) = (row / m, (row + rows - 1) / m)
      precondition(
        last - first + 1 == matrices && last < batch && elements.last == elements[0] + rows * n - 1,
        "a tile of a matrix product is made of rows of one matrix or of whole matrices")
      return Tile(
        kind: .matmul(batch: matrices, m: rows / matrices, k: k, n: n),
        reads: [
          Array(row * k..<(row + rows) * k), Array(first * k * n..<(last + 1) * k * n),
        ])
    case .gather(let picks):
      return Self.tile(elements.map { picks[$0] })
    case .oneHot:
      return Tile(kind: self, reads: [runs])
    case .maximum(let windows):
      let (reads, local) = Self.compacted(elements.map { windows[$0] })
      return Tile(kind: .maximum(windows: local), reads: [reads])
    case .argmax(let groups, let last):
      let (reads, local) = Self.compacted(elements.map { groups[$0] })
      return Tile(kind: .argmax(groups: local, last: last), reads: [reads])
    case .distance(let groups):
      let (reads, local) = Self.compacted(runs.map { groups[$0] })
      return Tile(kind: .distance(groups: local), reads: [reads])
    case .order(let groups, let count, let descending):
      let (reads, local) = Self.compacted(runs.map { groups[$0] })
      return Tile(
        kind: .order(groups: local, count: count, descending: descending), reads: [reads])
    default:
      preconditionFailure("elementwise kinds have been handled")
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
