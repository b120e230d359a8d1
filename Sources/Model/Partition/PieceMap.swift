import Circuit

/// Which tensor of a tiled graph holds which element of a tensor of the original graph.
struct PieceMap {
  typealias Piece = TiledGraph.Piece

  private var pieces: [[Piece]]
  /// For every tensor and element its piece and the place in it; empty as long as there is no piece.
  private var places: [[(piece: Int32, position: Int32)]]

  init(tensors: Int) {
    pieces = [[Piece]](repeating: [], count: tensors)
    places = [[(piece: Int32, position: Int32)]](repeating: [], count: tensors)
  }

  /// The pieces of a tensor, in the order they were added.
  subscript(id: TensorID) -> [Piece] { pieces[id] }

  /// Adds a piece of elements that no other one holds.
  mutating func add(_ piece: Piece, of id: TensorID) {
    let needed = piece.elements[piece.elements.count - 1] + 1
    if places[id].count < needed {
      places[id] += [(piece: Int32, position: Int32)](
        repeating: (-1, -1), count: needed - places[id].count)
    }
    for (position, element) in piece.elements.enumerated() {
      precondition(places[id][element].piece < 0, "two pieces hold one element")
      places[id][element] = (Int32(pieces[id].count), Int32(position))
    }
    pieces[id].append(piece)
  }

  /// The tensor that holds an element, and the place in it.
  func place(of element: Int, in id: TensorID) -> (tensor: TensorID, position: Int) {
    let place = places[id][element]
    precondition(place.piece >= 0, "no piece holds element \(element) of tensor \(id)")
    return (pieces[id][Int(place.piece)].tensor, Int(place.position))
  }

  /// The piece that holds exactly these elements.
  func piece(_ elements: [Int], of id: TensorID) -> Piece? {
    guard let first = elements.first, first < places[id].count, places[id][first].piece >= 0 else {
      return nil
    }
    let piece = pieces[id][Int(places[id][first].piece)]
    return piece.elements == elements ? piece : nil
  }

  /// Those of some ascending elements that no piece holds, as runs of consecutive ones.
  func missing(_ elements: [Int], of id: TensorID) -> [[Int]] {
    var runs: [[Int]] = []
    for element in elements where element >= places[id].count || places[id][element].piece < 0 {
      if let last = runs.last?.last, last == element - 1 {
        runs[runs.count - 1].append(element)
      } else {
        runs.append([element])
      }
    }
    return runs
  }
}

extension [Int] {
  /// The index of an element of an ascending list, which must contain it: an operation that read a neighbour instead would be
  /// proven all the same.
  ///
  /// - Parameter start: where a smaller element was found, or 0: the next one is often close behind.
  func place(of element: Int, from start: Int = 0) -> Int {
    for place in start..<Swift.min(count, start + 4) where self[place] == element { return place }
    if indices.contains(element), self[element] == element { return element }
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if self[middle] <= element { low = middle } else { high = middle }
    }
    precondition(low < count && self[low] == element, "element \(element) is not in the piece")
    return low
  }
}
