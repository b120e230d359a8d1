import Aleo
import Circuit
import Model
import TestSupport
import Testing
import Varuna

/// Random graphs, cut in random ways, compute what they computed, and what crosses a cut is made once and read where it was made.
///
/// Nothing here looks at how cuts are made: the values of the whole graph are what all is compared with.
@Suite("Random partitions") struct RandomPartitionTests {
  /// A random graph whose tensors have random shapes, one of its inputs perhaps a committed parameter, and inputs for it.
  struct Subject {
    let graph: IntegerGraph
    let inputs: [[Int64]]
    /// Values of all tensors.
    let values: [[Int64]]
    var random: SeededGenerator

    init(seed: UInt64) throws {
      // Some graphs declare ranges that no random input keeps: then the next one.
      for attempt in 0..<10 {
        if let found = try? Self(graphSeed: seed + 1000 * UInt64(attempt)) {
          self = found
          return
        }
      }
      throw CircuitError.invalidGraph(place: "seed \(seed)", reason: "no inputs are accepted")
    }

    private init(graphSeed seed: UInt64) throws {
      random = SeededGenerator(seed: seed ^ 0x5eed)
      var sketch = RandomGraph(seed: seed, size: .large)
      let plain = try sketch.graph(operations: 18)
      var tensors = plain.tensors
      for id in tensors.indices {
        tensors[id].shape = Self.shape(of: tensors[id].count, &random)
      }
      if plain.inputs.count > 1, !plain.outputs.contains(plain.inputs[1]),
        Bool.random(using: &random)
      {
        tensors[plain.inputs[1]].isParameter = true
      }
      graph = try IntegerGraph(
        tensors: tensors, operations: plain.operations, inputs: plain.inputs,
        outputs: plain.outputs)
      inputs = try graph.acceptedInputs(seed: seed)
      values = try graph.evaluate(inputs: inputs)
    }

    /// Up to four axes, some of length 1.
    private static func shape(of count: Int, _ random: inout SeededGenerator) -> [Int] {
      var (shape, rest) = ([Int](), count)
      while shape.count < 3, rest > 1 || Bool.random(using: &random) {
        let length = (1...rest).filter { rest % $0 == 0 }.randomElement(using: &random)!
        shape.append(length)
        rest /= length
      }
      return shape + [rest]
    }

    /// Stages that cover some steps, each with a tiling of its own.
    mutating func stages(of steps: Int) -> [Stage] {
      var stages: [Stage] = []
      var start = 0
      while start < steps {
        let end = min(steps, start + Int.random(in: 1...6, using: &random))
        let count = [1, 2, 3, 4, 7, 64].randomElement(using: &random)!
        stages.append(
          Stage(
            steps: start..<end,
            tiling: Tiling(axis: Int.random(in: 0...3, using: &random), count: count)))
        start = end
      }
      return stages
    }

    /// Limits, workers and visibilities that any plan might be asked for.
    mutating func request() -> PlanRequest {
      let size = Int.random(in: 9...13, using: &random)
      return PlanRequest(
        workers: Int.random(in: 1...5, using: &random),
        limits: PlanLimits(
          constraints: 1 << size, variables: 1 << size, nonzeros: 1 << (size + 2)),
        inputVisibility: Visibility.allCases.randomElement(using: &random)!,
        outputVisibility: Visibility.allCases.randomElement(using: &random)!,
        parameterVisibility: graph.inputs.contains { graph.tensors[$0].isParameter }
          ? [.hashed, .private].randomElement(using: &random)! : nil,
        aggregation: Bool.random(using: &random) ? .batch : .none,
        target: Int.random(in: 0..<4, using: &random) == 0 ? .mainnet : nil)
    }
  }

  private static let seeds = Array(UInt64(1)...60)

  @Test(
    "pieces are the original's elements, each made by one tile, and other tiles read them",
    arguments: seeds)
  func tiled(seed: UInt64) throws {
    var subject = try Subject(seed: seed)
    // Without limits inputs are whole, under these they come in blocks of a few elements.
    let small = PlanLimits(constraints: 256, variables: 256, nonzeros: 256)
    for number in 0..<6 {
      let stages = subject.stages(of: Self.steps(of: subject.graph))
      let tiled = try TiledGraph(
        subject.graph, stages: stages, limits: number % 2 == 0 ? nil : small)
      try check(tiled, of: subject, "\(stages)")
    }
  }

  /// Operations that something depends on, but for constants: what stages count.
  static func steps(of graph: IntegerGraph) -> Int {
    var needed = Set(graph.outputs)
    return graph.operations.reversed().filter { operation in
      guard needed.contains(operation.output) else { return false }
      if case .linear(let map) = operation.kind, map.entryCount == 0,
        !graph.outputs.contains(operation.output)
      {
        return false
      }
      needed.formUnion(operation.inputs)
      return true
    }.count
  }

  private func check(_ tiled: TiledGraph, of subject: Subject, _ how: Comment) throws {
    let (graph, original) = (tiled.graph, subject.graph)
    #expect(tiled.tiles.flatMap { Array($0.operations) } == Array(graph.operations.indices), how)
    // Which tile makes a tensor; inputs are made by none.
    var maker = [TensorID: Int]()
    for (number, tile) in tiled.tiles.enumerated() {
      for operation in graph.operations[tile.operations] { maker[operation.output] = number }
    }
    var readers = [TensorID: Set<Int>]()
    for (number, tile) in tiled.tiles.enumerated() {
      for operation in graph.operations[tile.operations] {
        for input in operation.inputs where maker[input] != number {
          readers[input, default: []].insert(number)
          #expect(maker[input] ?? -1 < number, how)
        }
      }
    }

    // What is given: the inputs whole, parameters by what is read of them.
    var given = [TensorID: [Int64]]()
    for (id, values) in zip(original.inputs, subject.inputs) {
      for piece in tiled.pieces(of: id) {
        #expect(maker[piece.tensor] == nil, how)
        given[piece.tensor] = piece.elements.map { values[$0] }
      }
    }
    let values = try graph.evaluate(inputs: graph.inputs.map { try #require(given[$0], how) })

    // Every piece holds the elements that it says, and no element is in two of them.
    var pieces = Set<TensorID>()
    for id in original.tensors.indices {
      var held = Set<Int>()
      for piece in tiled.pieces(of: id) {
        #expect(pieces.insert(piece.tensor).inserted, how)
        #expect(zip(piece.elements, piece.elements.dropFirst()).allSatisfy(<), how)
        #expect(held.isDisjoint(with: piece.elements), how)
        held.formUnion(piece.elements)
        #expect(values[piece.tensor] == piece.elements.map { subject.values[id][$0] }, how)
      }
    }
    // What crosses from tile to tile is pieces, and pieces cross or are results.
    let results = Set(graph.outputs)
    #expect(pieces.isSuperset(of: readers.keys), how)
    for piece in pieces where maker[piece] != nil {
      #expect(readers[piece] != nil || results.contains(piece), how)
    }
    #expect(tiled.outputs.count == original.outputs.count)
    for (output, pieces) in zip(original.outputs, tiled.outputs) {
      #expect(pieces.flatMap(\.elements) == Array(0..<original.tensors[output].count), how)
      #expect(pieces.flatMap { values[$0.tensor] } == subject.values[output], how)
    }
  }

  @Test(
    "chunk by chunk, from nothing but boundaries, a plan computes what the graph computes",
    arguments: seeds)
  func planned(seed: UInt64) throws {
    var subject = try Subject(seed: seed)
    for _ in 0..<2 {
      let request = subject.request()
      let plan: Plan
      do { plan = try Plan.make(graph: subject.graph, request: request) } catch .doesNotFit {
        continue
      }
      try check(plan, of: subject)
    }
  }

  private func check(_ plan: Plan, of subject: Subject) throws {
    let how = Comment("\(plan.request)")
    let data = subject.graph.inputs.indices.filter {
      !subject.graph.tensors[subject.graph.inputs[$0]].isParameter
    }
    let parameters = subject.graph.inputs.indices.filter { !data.contains($0) }
    var held = [Plan.BoundaryID: [Int64]]()
    for (pieces, input) in zip(plan.inputs, data) {
      let count = pieces.reduce(0) { $0 + $1.count }
      #expect(count == subject.inputs[input].count && pieces.first?.start == 0, how)
    }
    for (pieces, input) in zip(plan.inputs + plan.parameters, data + parameters) {
      for piece in pieces {
        #expect(held[piece.boundary] == nil, how)
        held[piece.boundary] = Array(subject.inputs[input][piece.start..<piece.start + piece.count])
      }
    }
    for (number, chunk) in plan.chunks.enumerated() {
      // The circuit that the chunk is an instance of, which may have been made of another chunk.
      let graph = plan.circuits[chunk.circuit].program.graph
      let values = try graph.evaluate(
        inputs: chunk.inputs.map { try #require(held[$0], "chunk \(number) reads nothing, \(how)") }
      )
      #expect(graph.outputs.count == chunk.outputs.count, how)
      for (boundary, output) in zip(chunk.outputs, graph.outputs) {
        #expect(held[boundary] == nil, "boundary \(boundary) is made twice, \(how)")
        held[boundary] = values[output]
      }
    }
    for (output, pieces) in zip(subject.graph.outputs, plan.outputs) {
      var next = 0
      for piece in pieces {
        #expect(piece.start == next && held[piece.boundary]?.count == piece.count, how)
        next += piece.count
      }
      #expect(pieces.flatMap { held[$0.boundary] ?? [] } == subject.values[output], how)
    }

    // The statement: who commits to a boundary, linked so that all of them are one.
    let assignment = try PlanAssignment(
      plan: plan, inputs: data.map { subject.inputs[$0] },
      parameters: parameters.map { subject.inputs[$0] },
      seed: ProverSeed([UInt8](repeating: 3, count: 32)))
    #expect(assignment.outputs == subject.graph.outputs.map { subject.values[$0] }, how)
    var joined = [Plan.Position: Plan.Position]()
    for link in plan.links {
      #expect(joined[link.to] == nil && joined[link.from] == nil, how)
      joined[link.to] = link.from
    }
    var places = 0
    for (number, boundary) in plan.boundaries.enumerated() {
      let positions = [boundary.producer].compactMap { $0 } + boundary.consumers
      places += positions.count
      for position in positions {
        let chunk = plan.chunks[position.chunk]
        #expect((chunk.inputs + chunk.outputs)[position.index - 1] == number, how)
        #expect((joined[position] ?? position) == positions[0], how)
      }
      if !positions.isEmpty { #expect(assignment.values[boundary.tensor] == held[number], how) }
    }
    #expect(places == plan.chunks.reduce(0) { $0 + $1.inputs.count + $1.outputs.count }, how)
  }

  @Test("the random graphs are cut: many requests have a plan, most plans have several chunks")
  func variety() throws {
    var (plans, cut, parameters) = (0, 0, 0)
    for seed in Self.seeds.prefix(30) {
      var subject = try Subject(seed: seed)
      guard let plan = try? Plan.make(graph: subject.graph, request: subject.request()) else {
        continue
      }
      plans += 1
      cut += plan.chunks.count > 1 ? 1 : 0
      parameters += plan.parameters.isEmpty ? 0 : 1
    }
    #expect(plans >= 12 && cut >= 10 && parameters >= 2)
  }
}
