import Circuit

/// What a tiled graph takes over from an earlier one of the same graph: cuts that follow each other in a search differ in few
/// stages, and a tile is the same as before if its stage is, and what it reads and hands on lies in the same pieces.
struct TileCopies {
  let earlier: TiledGraph
  /// Tiles of the earlier graph by stage, then by their number in it.
  private let tiles: [Stage: [Int: Int]]
  /// For tensors of the earlier graph the same ones of the new graph; -1 for those that are not known to be there.
  private var moved: [Int32]
  /// Whether a tensor of the original graph lies in the same pieces as before, for those that were asked about.
  private var isSame: [TensorID: Bool] = [:]

  init(_ earlier: TiledGraph) {
    self.earlier = earlier
    var tiles: [Stage: [Int: Int]] = [:]
    for (index, tile) in earlier.tiles.enumerated() {
      tiles[earlier.stage(ofTile: index), default: [:]][tile.number] = index
    }
    self.tiles = tiles
    moved = [Int32](repeating: -1, count: earlier.graph.tensors.count)
  }

  /// The new tensor for one of the earlier graph.
  subscript(tensor: TensorID) -> TensorID {
    precondition(moved[tensor] >= 0, "the tensor has not been copied")
    return TensorID(moved[tensor])
  }

  /// Takes note of a tensor that has been copied.
  mutating func note(_ tensor: TensorID, is copy: TensorID) { moved[tensor] = Int32(copy) }

  /// The earlier graph's tile that computes the same.
  func twin(of slice: TileSlice.Whole, _ stage: Stage) -> Int? { tiles[stage]?[slice.tile] }

  /// Whether a tile reads and hands on the same pieces as its twin.
  ///
  /// - Parameters:
  ///   - divisions: for each part the pieces that it is to hand on.
  ///   - pieces: all that the tile may read.
  mutating func isSame(
    _ twin: Int, divided divisions: [[[Int]]], _ parts: [TileSlice.Part], _ flow: Dataflow,
    _ pieces: PieceMap
  ) -> Bool {
    let tile = earlier.tiles[twin]
    var made = tile.made[...]
    for (part, division) in zip(parts, divisions) {
      let output = flow.operation(part.step).output
      for elements in division {
        guard let twin = made.popFirst(), twin.of == output, twin.piece.elements == elements else {
          return false
        }
      }
    }
    let read = tile.reads.keys.filter { flow.constants[$0] == nil }
    // Maps without entries are anchored to a tensor that is read anyway.
    return made.isEmpty && !read.isEmpty && read.allSatisfy { isSame($0, pieces) }
  }

  /// Whether a tensor that is complete in the new graph lies in the same pieces as before.
  private mutating func isSame(_ id: TensorID, _ pieces: PieceMap) -> Bool {
    if let known = isSame[id] { return known }
    let (before, now) = (earlier.pieces(of: id), pieces[id])
    let same =
      before.count == now.count && zip(before, now).allSatisfy { $0.elements == $1.elements }
    if same { for (old, new) in zip(before, now) { note(old.tensor, is: new.tensor) } }
    isSame[id] = same
    return same
  }
}
