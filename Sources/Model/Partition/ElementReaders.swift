import Circuit

/// Which tiles read which elements of the tensors that cross cuts.
///
/// A commitment to a piece is hashed whole by its maker and by every reader, and each reader checks the range of what it
/// uses. Elements with the same readers therefore make a good piece; small ones are put together where that saves more
/// hashing than the additional elements cost.
struct ElementReaders {
  /// For every tensor and element the number of its set of readers; empty where nobody reads any.
  private var setOf: [[Int32]]
  /// The sets of tiles, ascending; the first is empty.
  private var sets: [[Int32]] = [[]]

  /// Reads of tiles, in their order.
  init(_ tiles: [TileSlice.Whole], _ flow: Dataflow) {
    setOf = flow.graph.tensors.map { _ in [] }
    var known: [Extension: Int32] = [:]
    for (tile, slice) in tiles.enumerated() {
      for (tensor, elements) in slice.reads where flow.maker[tensor] >= 0 {
        if setOf[tensor].isEmpty {
          setOf[tensor] = [Int32](repeating: 0, count: flow.graph.tensors[tensor].count)
        }
        for element in elements {
          let step = Extension(set: setOf[tensor][element], tile: Int32(tile))
          if let set = known[step] {
            setOf[tensor][element] = set
          } else {
            sets.append(sets[Int(step.set)] + [step.tile])
            known[step] = Int32(sets.count - 1)
            setOf[tensor][element] = Int32(sets.count - 1)
          }
        }
      }
    }
  }

  /// A set of readers with one more.
  private struct Extension: Hashable {
    let set, tile: Int32
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
    for element in elements {
      let set = setOf[tensor][element]
      guard set > 0 else { continue }
      if let place = places[set] {
        pieces[place].elements.append(element)
      } else {
        places[set] = pieces.count
        pieces.append(Piece(elements: [element], readers: sets[Int(set)]))
      }
    }
    while let (a, b) = Self.cheapestMerge(of: pieces, bits: bits) {
      pieces[a] = pieces[a].merged(with: pieces[b])
      pieces.remove(at: b)
    }
    return pieces.map(\.elements)
  }

  private struct Piece {
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

  /// Pieces further apart are not compared where there are many.
  private static let reach = 16

  private static func cheapestMerge(of pieces: [Piece], bits: Int) -> (Int, Int)? {
    var best: (saved: Double, places: (Int, Int))?
    for a in pieces.indices {
      for b in pieces[(a + 1)...].indices.prefix(reach) {
        let (first, second) = (pieces[a], pieces[b])
        let both = first.readerCount(with: second)
        // What is checked without being used.
        let unused =
          first.elements.count * (both - first.readers.count)
          + second.elements.count * (both - second.readers.count)
        let together = CircuitSize.hash(
          of: first.elements.count + second.elements.count, bits: bits)
        let saved =
          first.hashing(bits: bits) + second.hashing(bits: bits)
          - Double(1 + both) * together.constraints - Double(unused * (bits + 1))
        if saved > best?.saved ?? 0 { best = (saved, (a, b)) }
      }
    }
    return best?.places
  }
}
