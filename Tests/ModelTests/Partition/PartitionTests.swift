import Circuit
import Model
import TestSupport
import Testing
import Varuna

@Suite("Partitioning")
struct PartitionTests {
  /// Stages of a number of steps each, all tiled alike.
  private static func stages(_ steps: Int, by length: Int, _ tiling: Tiling) -> [Stage] {
    stride(from: 0, to: steps, by: length).map {
      Stage(steps: $0..<min(steps, $0 + length), tiling: tiling)
    }
  }

  @Test(
    "a tiled graph computes what the graph computes, whatever the stages and tiles",
    arguments: [1, 2, 3, 7], [1, 2, 3, 5, 64])
  func tilingKeepsValues(length: Int, tiles: Int) throws {
    for axis in 0..<4 {
      let toy = try ToyGraph(argmax: axis % 2 == 1)
      let stages = Self.stages(
        toy.graph.operations.count, by: length, Tiling(axis: axis, count: tiles))
      let tiled = try TiledGraph(toy.graph, stages: stages)
      let expected = try toy.graph.evaluate(inputs: toy.inputs)
      let found = try tiled.graph.evaluate(inputs: toy.inputs)
      for (output, pieces) in zip(toy.graph.outputs, tiled.outputs) {
        #expect(pieces.flatMap(\.elements) == Array(0..<toy.graph.tensors[output].count))
        #expect(pieces.flatMap { found[$0.tensor] } == expected[output])
      }
      #expect(tiled.tiles.flatMap { Array($0.operations) } == Array(tiled.graph.operations.indices))
    }
  }

  @Test("the parts of a tensor are all of its elements, none twice")
  func parts() {
    for shape in [[], [7], [1, 12], [2, 3, 4], [1, 4, 6, 5]] {
      let total = shape.reduce(1, *)
      for axis in 0..<4 {
        for count in 1...total + 2 {
          let tiling = Tiling(axis: axis, count: count)
          let parts = (0..<count).map { tiling.part($0, of: shape) }
          #expect(parts.joined().sorted() == Array(0..<total))
          #expect(parts.allSatisfy { $0 == $0.sorted() })
        }
      }
    }
  }

  @Test("bands hold the same rows of every channel")
  func bands() {
    #expect(Tiling(axis: 1, count: 2).part(1, of: [2, 4, 2]) == [4, 5, 6, 7, 12, 13, 14, 15])
  }

  @Test("inner bands read their rows and their neighbours' in pieces, and are one circuit")
  func piecesOfBands() throws {
    let side = 16
    let toy = try ToyGraph(side: side, channels: 2)
    // Convolution whole, then the rest of the first layer in bands, pooled two rows to one.
    let stages = [
      Stage(steps: 0..<3, tiling: Tiling(axis: 2, count: 4)),
      Stage(steps: 3..<4, tiling: Tiling(axis: 2, count: 8)),
      Stage(steps: 4..<toy.graph.operations.count, tiling: .whole),
    ]
    let tiled = try TiledGraph(toy.graph, stages: stages)
    let pooling = try tiled.tiles.filter { $0.stage == 1 }.map {
      try tiled.graph.chunk(operations: Array($0.operations)) {
        .smallest(for: tiled.graph.tensors[$0].range, salted: true)
      }
    }
    // A band of the first stage has four rows; a tile of the second reads just two of them.
    for chunk in pooling {
      #expect(chunk.inputs.map { tiled.graph.tensors[$0].count } == [2 * 2 * side])
    }
    #expect(Set(pooling.map(\.program.digest)).count == 1)
    let last = tiled.tiles.last!
    let whole = try tiled.graph.chunk(operations: Array(last.operations)) {
      .smallest(for: tiled.graph.tensors[$0].range, salted: true)
    }
    #expect(whole.inputs.count == 8)
  }

  @Test("what no tile reads is not handed on, and small pieces with other readers go together")
  func piecesThatNobodyReads() throws {
    let toy = try ToyGraph(side: 8, channels: 2)
    for count in [1, 2, 8] {
      let stages = [
        Stage(steps: 0..<3, tiling: Tiling(axis: 1, count: 2)),
        Stage(steps: 3..<toy.graph.operations.count, tiling: Tiling(axis: 1, count: count)),
      ]
      let tiled = try TiledGraph(toy.graph, stages: stages)
      for tile in tiled.tiles where tile.stage == 0 {
        let chunk = try tiled.graph.chunk(operations: Array(tile.operations)) {
          .smallest(for: tiled.graph.tensors[$0].range, salted: true)
        }
        // 64 elements of 11 bits take one permutation: dividing them would only cost more.
        #expect(chunk.outputs.count == 1)
      }
    }
  }

  @Test("a large input is copied, so that one chunk hands on the pieces of all others")
  func inputPieces() throws {
    let toy = try ToyGraph(side: 32, channels: 4)
    let limits = PlanLimits(constraints: 1 << 15, variables: 1 << 15, nonzeros: 1 << 16)
    let plan = try Plan.make(
      graph: toy.graph, request: PlanRequest(workers: 2, limits: limits))
    let readers = plan.boundaries[plan.inputs[0][0].boundary].consumers.count
    #expect(plan.chunks.count > 2 && plan.circuits.count < plan.chunks.count)
    #expect(readers == 1 && plan.inputs[0].count == 1)
    let values = try plan.graph.evaluate(inputs: toy.inputs)
    let expected = try toy.graph.evaluate(inputs: toy.inputs)
    let found = plan.outputs[0].flatMap { values[plan.boundaries[$0.boundary].tensor] }
    #expect(found == expected[toy.graph.outputs[0]])
  }

  /// No circuit has room for all of the input: whoever reads some of it hashes the blocks that it stands in.
  @Test("an input that no circuit has room for comes in blocks, the same for every cut")
  func inputBlocks() throws {
    let toy = try ToyGraph(side: 32, channels: 4)
    let limits = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 14)
    var cuts: [[Plan.OutputPiece]] = []
    for workers in [1, 2, 5] {
      let plan = try Plan.make(
        graph: toy.graph, request: PlanRequest(workers: workers, limits: limits))
      let pieces = plan.inputs[0]
      #expect(pieces.count > 1 && pieces.allSatisfy { $0.count > 0 })
      #expect(
        pieces.map(\.start) == pieces.indices.map { pieces[..<$0].reduce(0) { $0 + $1.count } })
      #expect(pieces.reduce(0) { $0 + $1.count } == toy.inputs[0].count)
      cuts.append(pieces.map { .init(boundary: 0, start: $0.start, count: $0.count) })
      let assignment = try PlanAssignment(
        plan: plan, inputs: toy.inputs, seed: ProverSeed([UInt8](repeating: 3, count: 32)))
      let expected = try toy.graph.evaluate(inputs: toy.inputs)
      #expect(assignment.outputs == toy.graph.outputs.map { expected[$0] })
    }
    #expect(cuts.allSatisfy { $0 == cuts[0] })
  }

  @Test("inputs put one after the other are no copy of the first", arguments: [1, 2])
  func concatenatedInputs(first: Int) throws {
    func tensor(_ name: String, _ count: Int) -> IntegerTensor {
      IntegerTensor(name: name, shape: [count], range: -128...127, scaleBits: 0)
    }
    let counts = [first, 4 - first]
    let graph = try IntegerGraph(
      tensors: [
        tensor("a", counts[0]), tensor("b", counts[1]), tensor("ab", 4), tensor("y", 2),
      ],
      operations: [
        IntegerOperation(
          name: "concat", kind: .linear(.selecting([0, 1, 2, 3], of: 4)), inputs: [0, 1], output: 2),
        IntegerOperation(
          name: "max", kind: .maximum(windows: [[0, 2], [1, 3]]), inputs: [2], output: 3),
      ], inputs: [0, 1], outputs: [3])
    let limits = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 14)
    let plan = try Plan.make(graph: graph, request: PlanRequest(workers: 2, limits: limits))
    let numbers: [Int64] = [5, -3, 7, -128]
    let inputs = [Array(numbers.prefix(first)), Array(numbers.dropFirst(first))]
    let values = try plan.graph.evaluate(inputs: inputs)
    let found = plan.outputs[0].flatMap { values[plan.boundaries[$0.boundary].tensor] }
    #expect(found == [7, -3])
  }

  @Test("the best cut is no slower than the greedy one", arguments: [13, 14, 15])
  func greedy(level: Int) throws {
    let toy = try ToyGraph(side: 16, channels: 4)
    let limits = PlanLimits(
      constraints: 1 << level, variables: 1 << level, nonzeros: 1 << (level + 1))
    let request = PlanRequest(workers: 2, limits: limits)
    let best = try Plan.make(graph: toy.graph, request: request)
    let greedy = try Plan.make(graph: toy.graph, request: request, strategy: .greedy)
    #expect(best.predictedSeconds(.search) <= greedy.predictedSeconds(.search))
    for plan in [best, greedy] {
      #expect(plan.circuits.allSatisfy { $0.domains.constraints <= 1 << level })
    }
  }

  @Test("the longest job goes first to the idlest worker")
  func makespan() {
    #expect(Makespan.seconds(of: [2, 3, 7, 5], workers: 2) == 9)
    #expect(Makespan.seconds(of: [2, 3, 7, 5], workers: 1) == 17)
    #expect(Makespan.seconds(of: [], workers: 3) == 0)
  }
}
