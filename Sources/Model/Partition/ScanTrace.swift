import Circuit

/// What slicing typical tiles of a stage has shown, step by step backwards from the stage's end.
///
/// Predictions change from one round of a search to the next, what tiles are made of does not: every step is sliced once.
struct ScanTrace {
  /// What a step adds to each tile.
  struct Step {
    /// The parts of the tiles; nil where a tile needs nothing of the step.
    let parts: [Part?]
    /// At cuts what each tile reads if the stage begins here, by tensor, constants left out.
    let reads: [[TensorRead]]
    /// At cuts the number of distinct circuits of a stage that begins here.
    let circuits: Int
  }

  /// What decides the size of a part.
  struct Part {
    let guesses: [SizePredictor.Guess]
    /// Number of elements that the stage hands on.
    let handedOn: Int
  }

  private let flow: Dataflow
  private let end: Int
  private let tiling: Tiling
  /// The tiles that are looked at.
  let tiles: [Int]
  private var steps: [Step] = []
  private var areAlike = true
  private var isEven = true
  /// The tiles' slices up to the last step, if they are small enough to be kept.
  private var slices: [TileSlice]?
  private var known: [KnownReads] = []

  /// Slices of more elements than this are made again when they are needed.
  private static let keptElements = 4096

  init(_ flow: Dataflow, end: Int, tiling: Tiling) {
    (self.flow, self.end, self.tiling) = (flow, end, tiling)
    tiles = tiling.typicalTiles(of: flow.graph.tensors[flow.operation(end - 1).output].shape)
  }

  /// The step that stands this many steps before the last one; all behind it have been asked for.
  mutating func step(_ distance: Int, _ predictor: SizePredictor, isCut: Bool) -> Step {
    if distance < steps.count { return steps[distance] }
    precondition(distance == steps.count)
    var slices = self.slices.take() ?? resumed()
    let number = end - 1 - distance
    let parts = slices.indices.map { slices[$0].prepend(number) }
    if areAlike, parts.count > 1 {
      if let a = parts[0], let b = parts[1] {
        areAlike = predictor.areAlike(a, b)
        let shape = flow.graph.tensors[flow.operation(number).output].shape
        isEven = isEven && (a.handedOn.isEmpty || tiling.isEven(shape))
      } else {
        areAlike = parts[0] == nil && parts[1] == nil
      }
    }
    var reads: [[TensorRead]] = []
    var circuits = tiling.count
    if isCut {
      if known.isEmpty { known = tiles.map { _ in KnownReads() } }
      reads = slices.indices.map { known[$0].reads(of: slices[$0]) }
      if areAlike, readSameInputs(slices) { circuits = isEven ? 1 : min(2, tiling.count) }
    }
    let step = Step(
      parts: parts.map { part in
        part.map { Part(guesses: predictor.guesses($0), handedOn: $0.handedOn.count) }
      }, reads: reads, circuits: circuits)
    steps.append(step)
    self.slices = slices
    return step
  }

  /// Forgets large slices; they are made again if a later scan goes further.
  mutating func rest() {
    let elements = slices?.reduce(0) { $0 + $1.reads.values.reduce(0) { $0 + $1.count } } ?? 0
    if elements > Self.keptElements { (slices, known) = (nil, []) }
  }

  /// Slices as far as the steps that are known.
  private func resumed() -> [TileSlice] {
    var slices = tiles.map { TileSlice(flow, end: end, tiling: tiling, tile: $0) }
    for distance in steps.indices {
      for index in slices.indices { _ = slices[index].prepend(end - 1 - distance) }
    }
    return slices
  }

  /// Whether the first two slices use the same elements of the inputs of the model, which all tiles read whole.
  private func readSameInputs(_ slices: [TileSlice]) -> Bool {
    slices.count < 2
      || slices[0].reads.allSatisfy { id, elements in
        flow.maker[id] >= 0 || flow.constants[id] != nil || flow.graph.tensors[id].isParameter
          || slices[1].reads[id] == elements
      }
  }
}

/// What a slice reads, while it grows: a tensor of which it reads what it read before is judged as before.
private struct KnownReads {
  private var known: [TensorID: (elements: [Int], read: TensorRead)] = [:]

  /// By tensor, constants left out.
  mutating func reads(of slice: TileSlice) -> [TensorRead] {
    slice.reads.keys.sorted().compactMap { tensor in
      guard slice.flow.constants[tensor] == nil, let elements = slice.reads[tensor] else {
        return nil
      }
      if let found = known[tensor], found.elements == elements { return found.read }
      let read = TensorRead(tensor, elements: elements, in: slice.flow)
      known[tensor] = (elements, read)
      return read
    }
  }
}
