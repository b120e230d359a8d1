import Circuit

/// Predicts how large the circuits of tiles get, and learns from those that have been counted.
///
/// What a step costs per element is first guessed from its kind. Once circuits with it have been counted, the guess is
/// multiplied by what it was off: between tilings of one graph hardly anything but the number of elements changes.
struct SizePredictor {
  let flow: Dataflow
  private let request: PlanRequest
  private let structures: [Int: LinearStructure]
  private var stepCorrections: [Form: CircuitSize] = [:]
  private var readingCorrections: [TensorID: CircuitSize] = [:]
  private var writingCorrections: [TensorID: CircuitSize] = [:]

  init(_ flow: Dataflow, request: PlanRequest) {
    self.flow = flow
    self.request = request
    var structures: [Int: LinearStructure] = [:]
    for step in flow.steps.indices {
      if case .linear(let map) = flow.operation(step).kind {
        structures[step] = LinearStructure(map)
      }
    }
    self.structures = structures
  }

  /// A step, and how it is proven.
  struct Form: Hashable {
    let step: Int
    /// Whether its results are claimed and checked at a challenge although they could be combinations.
    let isChecked: Bool
  }

  /// What a part is thought to take in one form, before anything has been learnt.
  struct Guess {
    let form: Form
    let size: CircuitSize
  }

  /// The predicted size of a step's part, in the cheapest of the forms guessed for it.
  func size(_ guesses: [Guess]) -> CircuitSize {
    guesses.map { $0.size * (stepCorrections[$0.form] ?? .one) }.min {
      $0.points < $1.points
    }!
  }

  /// About how many constraints each step takes untiled, before anything has been learnt.
  var wholeSizes: [Double] {
    flow.steps.map { Double(flow.graph.operations[$0].cost(in: flow.graph).constraints) }
  }

  /// The predicted size of committing to elements of a tensor that the chunk makes.
  func size(writing tensor: TensorID, elements: Int) -> CircuitSize {
    guess(writing: tensor, elements: elements) * (writingCorrections[tensor] ?? .one)
  }

  /// The predicted cost of reading elements of a tensor that the chunk does not make.
  func cost(of read: TensorRead) -> ReadingCost {
    guess(read, correction: readingCorrections[read.tensor] ?? .one)
  }

  /// Whether two tiles' parts of a step are the same computation, as far as constants decide it.
  func areAlike(_ a: TileSlice.Part, _ b: TileSlice.Part) -> Bool {
    guard a.elements.count == b.elements.count, a.handedOn.count == b.handedOn.count else {
      return false
    }
    if let structure = structures[a.step] { return structure.areAlike(a.elements, b.elements) }
    return flow.operation(a.step).kind.isElementwise || a.kind == b.kind
  }

  private func guess(writing tensor: TensorID, elements: Int) -> CircuitSize {
    .hash(of: elements, bits: packedBits(of: tensor))
  }

  /// What is hashed together is read as a whole.
  private func guess(_ read: TensorRead, correction: CircuitSize) -> ReadingCost {
    let tensor = flow.graph.tensors[read.tensor]
    var fixed = CircuitSize.rows(
      Double(read.elements * (tensor.range.unsignedBitCount + 1)))
    fixed.nonzeros += Double(read.hashed)
    return ReadingCost(
      read: read, maker: flow.maker[read.tensor],
      bits: Double(read.hashed * packedBits(of: read.tensor)), fixed: fixed * correction,
      permutation: .rows(CircuitSize.constraintsPerPermutation) * correction)
  }

  /// Bits of an element where the tensor is committed to.
  private func packedBits(of tensor: TensorID) -> Int {
    Plan.encoding(of: tensor, in: flow.graph, request: request).bitWidth
  }

  /// What a part is thought to take in each form that it may have.
  func guesses(_ part: TileSlice.Part) -> [Guess] {
    let operation = flow.operation(part.step)
    var output = flow.graph.tensors[operation.output]
    let plain = Form(step: part.step, isChecked: false)
    if let structure = structures[part.step] {
      let sizes = structure.sizes(
        of: part.elements, bits: output.range.unsignedBitCount, isPacked: !part.handedOn.isEmpty)
      let checked = sizes.checked.map {
        [Guess(form: Form(step: part.step, isChecked: true), size: $0)]
      }
      return [Guess(form: plain, size: sizes.direct)] + (checked ?? [])
    }
    output.shape = [part.elements.count]
    let cost = OperationCost(
      part.kind!, inputs: operation.inputs.map { flow.graph.tensors[$0] }, output: output,
      bitsAreKnown: flow.hasBits(operation.inputs[0]))
    return [Guess(form: plain, size: CircuitSize(cost))]
  }

  /// The form and the first guess of a part of a circuit in which it is checked at a challenge or not.
  private func guess(_ part: TileSlice.Part, isChecked: Bool) -> Guess {
    let guesses = guesses(part)
    return isChecked ? guesses.last! : guesses[0]
  }

  // MARK: - Learning

  /// What has been counted, beside what was guessed for it before any correction.
  struct Experience {
    fileprivate typealias Pair = (guessed: CircuitSize, counted: CircuitSize)
    fileprivate var steps: [Form: Pair] = [:]
    fileprivate var reading: [TensorID: Pair] = [:]
    fileprivate var writing: [TensorID: Pair] = [:]
  }

  /// Adds the exact sizes of the circuit of a tile to what is known.
  func add(
    _ tile: TiledGraph.Tile, of tiled: TiledGraph, chunk: TileProgram,
    circuit: Plan.PlannedCircuit, stages: [Stage], to experience: inout Experience
  ) {
    for (id, elements) in tile.reads where flow.constants[id] == nil {
      let maker = stages.first { $0.steps.contains(flow.maker[id]) }?.tiling ?? .whole
      let read = TensorRead(id, elements: elements, in: flow)
      experience.reading[id, default: (CircuitSize(), CircuitSize())].guessed += guess(
        read, correction: .one
      ).size(after: maker)
    }
    let counts = circuit.counts
    var rest = counts.parts[...]
    for (tensor, part) in zip(chunk.inputs, rest) {
      experience.reading[tiled.origins[tensor], default: (CircuitSize(), CircuitSize())].counted +=
        CircuitSize(part.counts)
    }
    rest = rest.dropFirst(chunk.inputs.count)
    // What is checked at the challenge is counted there, for all operations together.
    let checked = Set(circuit.program.checked)
    let parts = tile.operations.map { tiled.sources[$0] }
    let guesses = parts.enumerated().map { place, part in
      part.map { guess($0, isChecked: checked.contains(place)) }
    }
    let claimed = circuit.program.checked.compactMap { guesses[$0]?.size }.reduce(CircuitSize(), +)
    var challenge = CircuitSize()
    if !checked.isEmpty {
      challenge = CircuitSize(counts.parts[rest.startIndex + parts.count].counts)
    }
    for (place, (guess, counted)) in zip(guesses, rest).enumerated() {
      guard let guess else { continue }
      var size = CircuitSize(counted.counts)
      if checked.contains(place) { size += challenge * guess.size.share(of: claimed) }
      experience.steps[guess.form, default: (CircuitSize(), CircuitSize())].guessed += guess.size
      experience.steps[guess.form]!.counted += size
    }
    rest = rest.dropFirst(parts.count + (checked.isEmpty ? 0 : 1))
    for (tensor, part) in zip(chunk.outputs, rest) {
      let id = tiled.origins[tensor]
      let count = tiled.graph.tensors[tensor].count
      experience.writing[id, default: (CircuitSize(), CircuitSize())].guessed += guess(
        writing: id, elements: count)
      experience.writing[id]!.counted += CircuitSize(part.counts)
    }
  }

  /// Counts some elements of every step that reads a table: entries of tables that are 0 cost nothing, and most may be; and
  /// many elements may be looked up together.
  /// - Throws: what `IntegerGraph.init` and `ChunkProgram.init` throw.
  mutating func learnTables() throws(CircuitError) {
    let elements = 64
    for step in flow.steps.indices {
      let operation = flow.operation(step)
      switch operation.kind {
      case .table, .interpolate: break
      default: continue
      }
      var tensors = [operation.inputs[0], operation.output].map { flow.graph.tensors[$0] }
      for place in tensors.indices { tensors[place].shape = [elements] }
      let graph = try IntegerGraph(
        tensors: tensors,
        operations: [
          IntegerOperation(name: operation.name, kind: operation.kind, inputs: [0], output: 1)
        ], inputs: [0], outputs: [1])
      let encodings = tensors.map { BoundaryEncoding.smallest(for: $0.range, salted: true) }
      let program = try ChunkProgram(
        graph: graph, inputEncodings: [encodings[0]], outputEncodings: [encodings[1]])
      let guess = OperationCost(
        operation.kind, inputs: [tensors[0]], output: tensors[1], bitsAreKnown: true)
      // The parts behind that of the only input, and before that of the only output.
      let counted = program.counts().parts.dropFirst().dropLast()
      stepCorrections[Form(step: step, isChecked: false)] =
        counted.reduce(CircuitSize()) { $0 + CircuitSize($1.counts) }.share(of: CircuitSize(guess))
    }
  }

  /// Takes what was counted as the truth about these steps and tensors.
  mutating func learn(_ experience: Experience) {
    for (step, pair) in experience.steps {
      stepCorrections[step] = pair.counted.factor(over: pair.guessed)
    }
    for (id, pair) in experience.reading {
      readingCorrections[id] = pair.counted.factor(over: pair.guessed)
    }
    for (id, pair) in experience.writing {
      writingCorrections[id] = pair.counted.factor(over: pair.guessed)
    }
  }
}
