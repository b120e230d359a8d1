import Circuit

/// Which tiles read which elements of the tensors that cross cuts.
///
/// A commitment to a piece is hashed whole by its maker and by every reader, and each reader checks the range of what it
/// uses. Elements with the same readers therefore make a good piece; small ones are put together where that saves more
/// hashing than the additional elements cost.
package struct ElementReaders {
  /// For every tensor and element the number of its set of readers; empty where nobody reads any.
  private var setOf: [[Int32]]
  /// The sets of tiles, each an earlier one with one more tile; the first is empty.
  private var sets: [(before: Int32, tile: Int32)] = [(0, -1)]

  /// - Parameters:
  ///   - tiles: for every tile, in order, what elements it reads of which tensors, each once.
  ///   - counts: the number of elements of every tensor; 0 for those that nobody makes.
  package init(_ tiles: [[TensorID: [Int]]], counts: [Int]) {
    setOf = counts.map { _ in [] }
    // For every set the last tile that was added to it, and the set with that tile.
    var extended: [(tile: Int32, set: Int32)] = [(-1, 0)]
    for (tile, reads) in tiles.enumerated() {
      let tile = Int32(tile)
      for (tensor, elements) in reads where counts[tensor] > 0 {
        if setOf[tensor].isEmpty {
          setOf[tensor] = [Int32](repeating: 0, count: counts[tensor])
        }
        for element in elements {
          let before = setOf[tensor][element]
          if extended[Int(before)].tile != tile {
            extended[Int(before)] = (tile, Int32(sets.count))
            sets.append((before, tile))
            extended.append((-1, 0))
          }
          setOf[tensor][element] = extended[Int(before)].set
        }
      }
    }
  }

  /// The tiles that read an element, ascending.
  package func readers(of element: Int, in tensor: TensorID) -> [Int32] {
    setOf[tensor].isEmpty ? [] : tiles(setOf[tensor][element])
  }

  /// The tiles of a set, ascending.
  private func tiles(_ set: Int32) -> [Int32] {
    var tiles: [Int32] = []
    var rest = set
    while rest > 0 {
      tiles.append(sets[Int(rest)].tile)
      rest = sets[Int(rest)].before
    }
    return tiles.reversed()
  }

  /// Divides elements that one tile makes into pieces; those that nobody reads are left out.
  ///
  /// - Parameters:
  ///   - elements: ascending.
  ///   - bits: of an element where it is committed to.
  func pieces(_ elements: [Int], of tensor: TensorID, bits: Int) -> [[Int]] {
    guard !setOf[tensor].isEmpty else { return [] }
    var places: [Int32: Int] = [:]
    var pieces: [Piece] = []
    var last: (set: Int32, place: Int) = (0, 0)
    for element in elements {
      let set = setOf[tensor][element]
      guard set > 0 else { continue }
      if set != last.set {
        last = (set, places[set] ?? pieces.count)
        if last.place == pieces.count {
          places[set] = pieces.count
          pieces.append(Piece(elements: [], readers: tiles(set)))
        }
      }
      pieces[last.place].elements.append(element)
    }
    var merges = Merges(pieces, bits: bits)
    merges.run()
    return merges.pieces.map(\.elements)
  }

  fileprivate struct Piece {
    var elements: [Int]
    /// Ascending.
    var readers: [Int32]

    func merged(with other: Piece) -> Piece {
      Piece(
        elements: elements.merged(other.elements),
        readers: Set(readers).union(other.readers).sorted())
    }

    /// How many tiles read one of both.
    func readerCount(with other: Piece) -> Int {
      var (i, j, common) = (0, 0, 0)
      while i < readers.count, j < other.readers.count {
        let (a, b) = (readers[i], other.readers[j])
        if a == b { common += 1 }
        if a <= b { i += 1 }
        if b <= a { j += 1 }
      }
      return readers.count + other.readers.count - common
    }

    /// Constraints for hashing it on all sides.
    func hashing(bits: Int) -> Double {
      Double(1 + readers.count) * CircuitSize.hash(of: elements.count, bits: bits).constraints
    }
  }
}

/// Puts two pieces together as long as that saves something, those first that save most.
private struct Merges {
  private(set) var pieces: [ElementReaders.Piece]
  private let bits: Int
  /// For every piece what is saved by putting it together with each of the next ones.
  private var savings: [[Double]] = []

  /// Pieces further apart are not compared where there are many.
  private static let reach = 16

  init(_ pieces: [ElementReaders.Piece], bits: Int) {
    (self.pieces, self.bits) = (pieces, bits)
    savings = pieces.indices.map(row)
  }

  private func row(_ a: Int) -> [Double] {
    (a + 1..<max(a + 1, min(pieces.count, a + 1 + Self.reach))).map { saved(a, $0) }
  }

  mutating func run() {
    while let (a, b) = best { merge(a, b) }
  }

  private var best: (Int, Int)? {
    var best: (saved: Double, places: (Int, Int))?
    for (a, row) in savings.enumerated() {
      for (distance, saved) in row.enumerated() where saved > best?.saved ?? 0 {
        best = (saved, (a, a + 1 + distance))
      }
    }
    return best?.places
  }

  private mutating func merge(_ a: Int, _ b: Int) {
    pieces[a] = pieces[a].merged(with: pieces[b])
    pieces.remove(at: b)
    savings.remove(at: b)
    // Those before b see one piece further, and those that see a see another one.
    for other in max(0, b - Self.reach)..<b where other != a {
      savings[other].remove(at: b - other - 1)
      let last = other + Self.reach
      if last < pieces.count { savings[other].append(saved(other, last)) }
    }
    for other in max(0, a - Self.reach)..<a { savings[other][a - other - 1] = saved(other, a) }
    savings[a] = row(a)
  }

  /// Constraints that are saved by putting two pieces together.
  private func saved(_ a: Int, _ b: Int) -> Double {
    let (first, second) = (pieces[a], pieces[b])
    let both = first.readerCount(with: second)
    // What is checked without being used.
    let unused =
      first.elements.count * (both - first.readers.count)
      + second.elements.count * (both - second.readers.count)
    let together = CircuitSize.hash(
      of: first.elements.count + second.elements.count, bits: bits)
    return first.hashing(bits: bits) + second.hashing(bits: bits)
      - Double(1 + both) * together.constraints - Double(unused * (bits + 1))
  }
}
