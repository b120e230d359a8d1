import Circuit
import Model
import TestSupport
import Testing

/// Cuts that take over tiles of an earlier cut are the cuts that they would be without it.
@Suite("Copied tiles") struct TileCopyTests {
  @Test(arguments: UInt64(1)...60) func copiesAreTheSameTiles(seed: UInt64) throws {
    var subject = try RandomPartitionTests.Subject(seed: seed)
    let small = PlanLimits(constraints: 256, variables: 256, nonzeros: 256)
    let steps = RandomPartitionTests.steps(of: subject.graph)
    for number in 0..<6 {
      let limits = number % 2 == 0 ? nil : small
      var stages = subject.stages(of: steps)
      var earlier = try TiledGraph(subject.graph, stages: stages, limits: limits)
      // As a search does: some stages in other tiles, again and again.
      for _ in 0..<3 {
        let place = Int.random(in: stages.indices, using: &subject.random)
        stages[place].tiling.count = Int.random(in: 1...8, using: &subject.random)
        let anew = try TiledGraph(subject.graph, stages: stages, limits: limits)
        let copied = try TiledGraph(
          subject.graph, stages: stages, limits: limits, earlier: earlier)
        #expect(copied.graph == anew.graph, "\(stages)")
        #expect(copied.tiles.map(\.operations) == anew.tiles.map(\.operations))
        #expect(copied.outputs == anew.outputs)
        #expect(copied.modelInputs == anew.modelInputs)
        for tensor in subject.graph.tensors.indices {
          #expect(copied.pieces(of: tensor) == anew.pieces(of: tensor))
        }
        earlier = copied
      }
    }
  }

  /// Where one stage changes, only its neighbours are made again.
  @Test func onlyNeighboursAreMadeAgain() throws {
    let graph = try ToyGraph(side: 8, channels: 4).graph
    let steps = RandomPartitionTests.steps(of: graph)
    var stages = (0..<steps).map { Stage(steps: $0..<$0 + 1, tiling: Tiling(axis: 1, count: 2)) }
    let earlier = try TiledGraph(graph, stages: stages)
    stages[steps - 1].tiling = .whole
    let copied = try TiledGraph(graph, stages: stages, earlier: earlier)
    let places = copied.tiles.filter { $0.copied == nil }.map(\.stage)
    #expect(!places.isEmpty && places.allSatisfy { $0 >= steps - 2 })
  }

  /// The sets of readers are those that lists of readers give, kept for every element by itself.
  @Test(arguments: UInt64(0)..<40) func readersAreThoseOfEachElement(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let counts = (0..<4).map { _ in Int.random(in: 0...12, using: &random) }
    let tiles = (0..<Int.random(in: 1...9, using: &random)).map { _ in
      Dictionary(
        uniqueKeysWithValues: counts.indices.map { tensor in
          (tensor, (0..<counts[tensor]).filter { _ in Bool.random(using: &random) })
        })
    }
    let readers = ElementReaders(tiles, counts: counts)
    for (tensor, count) in counts.enumerated() {
      for element in 0..<count {
        let expected = tiles.indices.filter { tiles[$0][tensor]!.contains(element) }
        #expect(readers.readers(of: element, in: tensor).map(Int.init) == expected)
      }
    }
  }
}
