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

  @Test("the segmentation with the smallest sum is found, and the greedy one is no better")
  func segmentation() {
    var generator = SeededGenerator(seed: 5)
    for steps in 1...9 {
      let costs = (0...steps).map { _ in
        (0...steps).map { _ in Double.random(in: 1...9, using: &generator) }
      }
      let cost = { (segment: Range<Int>) -> Double? in
        segment.count > 5 || segment.lowerBound % 4 == 3 && segment.count > 1
          ? nil : costs[segment.lowerBound][segment.upperBound]
      }
      let sum = { (segments: [Range<Int>]) in segments.reduce(0) { $0 + cost($1)! } }
      /// Every subset of the places between steps.
      let all = (0..<1 << (steps - 1)).map { cuts in
        let ends = [0] + (1..<steps).filter { cuts >> ($0 - 1) & 1 == 1 } + [steps]
        return zip(ends, ends.dropFirst()).map { $0..<$1 }
      }
      let best = all.filter { $0.allSatisfy { cost($0) != nil } }.map(sum).min()!
      let found = Segmentation.cheapest(steps: steps, longest: 5, cost: cost)
      let greedy = Segmentation.greedy(steps: steps, longest: 5, cost: cost)
      #expect(abs(sum(found!) - best) < 1e-9)
      #expect(sum(greedy!) >= best - 1e-9)
      for segments in [found!, greedy!] {
        #expect(segments.flatMap { Array($0) } == Array(0..<steps))
      }
    }
  }

  @Test("limits that exclude every segmentation leave nothing")
  func segmentationLimits() {
    let cost = { (segment: Range<Int>) -> Double? in segment.contains(1) ? nil : 1 }
    #expect(Segmentation.cheapest(steps: 3, cost: cost) == nil)
    #expect(Segmentation.greedy(steps: 3, cost: cost) == nil)
  }

  @Test("the longest job goes first to the idlest worker")
  func makespan() {
    #expect(Segmentation.makespan(of: [2, 3, 7, 5], workers: 2) == 9)
    #expect(Segmentation.makespan(of: [2, 3, 7, 5], workers: 1) == 17)
    #expect(Segmentation.makespan(of: [], workers: 3) == 0)
  }
}
