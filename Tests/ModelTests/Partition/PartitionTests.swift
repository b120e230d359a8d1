import Circuit
import Model
import Testing
import Varuna

@Suite("Partitioning")
struct PartitionTests {
  @Test(
    "a tiled graph computes what the graph computes", arguments: [1_000_000, 4000, 1500, 500, 100])
  func tilingKeepsValues(budget: Int) throws {
    for argmax in [false, true] {
      let toy = try ToyGraph(argmax: argmax)
      let tiled = try TiledGraph(toy.graph, budget: budget)
      let expected = try toy.graph.evaluate(inputs: toy.inputs)
      let found = try tiled.graph.evaluate(inputs: toy.inputs)
      for (output, pieces) in zip(toy.graph.outputs, tiled.outputs) {
        #expect(pieces.flatMap(\.elements) == Array(0..<toy.graph.tensors[output].count))
        #expect(pieces.flatMap { found[$0.tensor] } == expected[output])
      }
    }
  }

  @Test("a small budget makes tiles, and no tile of an operation is more than twice the budget")
  func tilesAreSmall() throws {
    let toy = try ToyGraph()
    let whole = try TiledGraph(toy.graph, budget: 1_000_000)
    let tiled = try TiledGraph(toy.graph, budget: 1000)
    #expect(whole.graph.operations.count == toy.graph.operations.count)
    #expect(tiled.graph.operations.count > whole.graph.operations.count)
    for estimate in Estimate.all(of: tiled.graph.operations, in: tiled.graph) {
      #expect(estimate.constraints <= 2000)
    }
  }

  @Test("the cheapest largest segment is found for every number of segments")
  func segmentation() {
    let costs = [3.0, 1, 4, 1, 5, 9, 2, 6]
    let sum = { (i: Int, j: Int) -> Double? in costs[i..<j].reduce(0, +) }
    let found = Segmentation.minimisingLargest(steps: costs.count, upTo: 4, cost: sum)
    #expect(found.map(\.count) == [1, 2, 3, 4])
    let largest = found.map { $0.map { sum($0.lowerBound, $0.upperBound)! }.max()! }
    #expect(largest == [31, 17, 14, 9])
    for segments in found {
      #expect(segments.flatMap { Array($0) } == Array(costs.indices))
    }
  }

  @Test("limits that exclude every segmentation leave nothing")
  func segmentationLimits() {
    let found = Segmentation.minimisingLargest(steps: 3, upTo: 3) { i, j in
      j - i <= 1 && i != 1 ? 1 : nil
    }
    #expect(found.isEmpty)
  }

  @Test("the longest job goes first to the idlest worker")
  func makespan() {
    #expect(Segmentation.makespan(of: [2, 3, 7, 5], workers: 2) == 9)
    #expect(Segmentation.makespan(of: [2, 3, 7, 5], workers: 1) == 17)
    #expect(Segmentation.makespan(of: [], workers: 3) == 0)
  }
}
