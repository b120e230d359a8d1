import Circuit

/// What a tile reads of one tensor that it does not make.
struct TensorRead {
  let tensor: TensorID
  /// Number of elements.
  let elements: Int
  /// Elements that are hashed because some of them are read: the whole blocks of an input.
  let hashed: Int
  /// Blocks of an input that are touched; 1 for all other tensors.
  let blocks: Int
  /// Which share of the tensor stands between the first element and the last, in the orders that have one axis outermost;
  /// empty for inputs of the model and parameters, which are committed to as they are.
  let extents: [Double]

  /// Elements beyond this number are sampled.
  private static let samples = 256

  /// - Parameter elements: ascending, at least one.
  init(_ tensor: TensorID, elements: [Int], in flow: Dataflow) {
    self.tensor = tensor
    self.elements = elements.count
    guard flow.maker[tensor] >= 0 else {
      extents = []
      let whole = flow.graph.tensors[tensor]
      (blocks, hashed) =
        whole.isParameter
        ? (1, elements.count)
        : flow.blocks.touched(elements, of: tensor, count: whole.count)
      return
    }
    (blocks, hashed) = (1, elements.count)
    let shape = flow.graph.tensors[tensor].shape
    let total = Double(flow.graph.tensors[tensor].count)
    let stride = (elements.count + Self.samples - 1) / Self.samples
    extents = (0..<max(1, shape.count)).map { axis in
      let order = Tiling.Order(shape, axis: axis)
      var (first, last) = (Int.max, 0)
      func note(_ element: Int) {
        let place = order.place(of: element)
        (first, last) = (min(first, place), max(last, place))
      }
      for index in Swift.stride(from: 0, to: elements.count, by: stride) { note(elements[index]) }
      note(elements[elements.count - 1])
      return Double(last - first + 1) / total
    }
  }

  /// About how many pieces hold these elements if the stage that makes the tensor is tiled like this.
  func pieces(_ tiling: Tiling) -> Double {
    guard !extents.isEmpty else { return Double(blocks) }
    let extent = extents[tiling.axis < extents.count ? tiling.axis : 0]
    return min(Double(elements), max(1, extent * Double(tiling.count)))
  }
}

/// What reading a tensor costs a tile, by the tiling of what makes it.
struct ReadingCost {
  let read: TensorRead
  /// The step that makes the tensor; -1 for inputs.
  let maker: Int
  /// Bits that are hashed.
  let bits: Double
  /// Range checks and packing, whatever the pieces.
  let fixed: CircuitSize
  /// Every permutation of the hash.
  let permutation: CircuitSize

  /// The size under a tiling of the stage that makes the tensor.
  func size(after tiling: Tiling) -> CircuitSize {
    let pieces = read.pieces(tiling)
    let words = (bits / pieces / Double(BoundaryEncoding.pieceBits)).rounded(.up)
    let permutations = pieces * ((words + 8) / 8).rounded(.down)
    let all = CircuitSize(
      constraints: permutations, variables: permutations, nonzeros: permutations)
    return fixed + permutation * all
  }
}
