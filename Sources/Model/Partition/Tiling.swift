/// How a stage is divided into tiles: each makes its part of every tensor that the stage hands on.
///
/// The elements of a tensor are put in an order that has one axis outermost and cut into runs of nearly equal length, along
/// whole slices where there are enough of them. Along the first axis parts are rows or channels, along another one bands.
package struct Tiling: Hashable, Sendable {
  /// The outermost axis; tensors with fewer axes are cut along their first one.
  package var axis: Int
  /// Number of tiles.
  package var count: Int

  /// All in one tile.
  package static let whole = Tiling(axis: 0, count: 1)

  /// A tiling along an axis.
  package init(axis: Int, count: Int) {
    precondition(axis >= 0 && count > 0)
    (self.axis, self.count) = (axis, count)
  }

  /// The elements of a tensor of this shape that a tile makes, ascending; none if there are more tiles than elements.
  package func part(_ tile: Int, of shape: [Int]) -> [Int] {
    let order = Order(shape, axis: axis)
    let unit = order.units.first { order.total / $0 >= count } ?? 1
    let units = order.total / unit
    let places = units * tile / count * unit..<units * (tile + 1) / count * unit
    if order.outer == 1 { return Array(places) }
    let slice = order.outer * order.inner
    guard places.lowerBound % slice == 0, places.upperBound % slice == 0 else {
      return places.map(order.element).ascending
    }
    let run = order.inner * (places.lowerBound / slice)..<order.inner * (places.upperBound / slice)
    return (0..<order.outer).flatMap { outside in
      let start = outside * order.length * order.inner
      return start + run.lowerBound..<start + run.upperBound
    }
  }

  /// Tiles that show what all of them cost: a pair from the middle, one of which has the most elements of a tensor of this
  /// shape, then the ends.
  func typicalTiles(of shape: [Int]) -> [Int] {
    guard count > 1 else { return [0] }
    let order = Order(shape, axis: axis)
    let units = order.total / (order.units.first { order.total / $0 >= count } ?? 1)
    func length(_ tile: Int) -> Int { units * (tile + 1) / count - units * tile / count }
    let middle = count / 2
    let largest = (0..<count).max { a, b in
      (length(a), -abs(a - middle)) < (length(b), -abs(b - middle))
    }!
    let pair = largest == 0 ? [0, 1] : [largest - 1, largest]
    return pair + [0, count - 1].filter { !pair.contains($0) }
  }

  /// Whether all parts of a tensor have equally many elements.
  func isEven(_ shape: [Int]) -> Bool {
    let order = Order(shape, axis: axis)
    return order.units.contains { (order.total / $0) % count == 0 }
  }

  /// Numbers of tiles worth trying for a tensor of this shape along an axis, ascending: those that make equal tiles, and
  /// others where these are far apart.
  static func counts(for shape: [Int], axis: Int) -> [Int] {
    let order = Order(shape, axis: axis)
    let sizes = [1] + order.units.map { order.total / $0 }
    var counts = Set<Int>()
    for (fewer, more) in zip(sizes, sizes.dropFirst()) where more > fewer {
      let factor = more / fewer
      for divisor in 1...factor where factor % divisor == 0 { counts.insert(fewer * divisor) }
    }
    counts.insert(1)
    for (fewer, more) in zip(counts.sorted(), counts.sorted().dropFirst()) {
      var between = fewer + (fewer + 1) / 2
      while between * 5 / 4 < more {
        counts.insert(between)
        between += (between + 1) / 2
      }
    }
    return counts.sorted()
  }

  /// The order of elements that has one axis outermost.
  struct Order {
    let length, inner, outer: Int
    /// Lengths of runs that a part should be a multiple of, longest first.
    let units: [Int]

    init(_ shape: [Int], axis wanted: Int) {
      let axis = wanted < shape.count ? wanted : 0
      length = shape.isEmpty ? 1 : shape[axis]
      outer = shape[..<min(axis, shape.count)].reduce(1, *)
      let suffixes = shape.indices.filter { $0 >= axis }.map { shape[($0 + 1)...].reduce(1, *) }
      inner = suffixes.first ?? 1
      units = [outer * inner] + (outer > 1 ? [inner] : []) + suffixes.dropFirst()
    }

    var total: Int { length * outer * inner }

    /// The place of an element, the inverse of `element`.
    func place(of element: Int) -> Int {
      let (rest, offset) = element.quotientAndRemainder(dividingBy: inner)
      let (outside, slice) = rest.quotientAndRemainder(dividingBy: length)
      return (slice * outer + outside) * inner + offset
    }

    func element(_ place: Int) -> Int {
      let (slice, rest) = place.quotientAndRemainder(dividingBy: outer * inner)
      return (rest / inner * length + slice) * inner + rest % inner
    }
  }
}
