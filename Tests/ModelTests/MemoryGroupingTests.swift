import Model
import TestSupport
import Testing
import Varuna

@Suite struct MemoryGroupingTests {
  private static let domains = CostModel.Domains(
    constraints: 1 << 14, variables: 1 << 14, nonzeros: [1 << 15, 1 << 14, 1 << 14])
  private static let memory = GroupMemory(
    domains, batch: CostModel.Domains(batch: [domains]))

  private func groups(_ chunks: [Int], _ workers: [Int]) -> [Plan.Group] {
    var next = 0
    let circuits = chunks.map { count in
      defer { next += count }
      return (domains: Self.domains, chunks: Array(next..<next + count))
    }
    return MemoryGrouping(circuits: circuits, workers: workers).groups
  }

  /// Bytes of a worker that holds so many chunks with a circuit each.
  private func bytes(_ count: Int) -> Int {
    (0..<count).reduce(Self.memory.share) { sum, _ in
      sum + Self.memory.instance + Self.memory.matrices
    }.total
  }

  @Test func whatFitsIsOneProof() {
    let chunks = [1, 1, 1, 1]
    #expect(groups(chunks, []).count == 1)
    #expect(groups(chunks, [bytes(2), bytes(2)]).count == 1)
    #expect(groups(chunks, [bytes(2), bytes(2) - 1]).count > 1)
  }

  @Test(arguments: [1, 2, 3, 7]) func everyProofFitsAndNoChunkIsLost(capacity: Int) {
    for workers in 1...3 {
      let memory = [Int](repeating: bytes(capacity), count: workers)
      let chunks = [3, 1, 9, 1, 1, 4]
      let result = groups(chunks, memory)
      let all = result.flatMap { $0.circuits.flatMap(\.chunks) }
      #expect(all.sorted() == Array(0..<chunks.reduce(0, +)))
      for group in result {
        var bins = MemoryBins(memory)
        for member in group.circuits {
          #expect(bins.place(Self.memory.matrices) != nil)
          for _ in member.chunks {
            #expect(bins.place(Self.memory.instance, share: Self.memory.share) != nil)
          }
        }
        #expect(Set(group.circuits.map(\.circuit)).count == group.circuits.count)
      }
    }
  }

  @Test func instancesOfACircuitStayTogether() {
    // Half of a worker holds about two chunks with their circuits, or three chunks of one circuit.
    let result = groups([1, 3, 1, 3], [bytes(5)])
    #expect(result.count > 1)
    #expect(result.allSatisfy { $0.circuits.allSatisfy { [1, 3].contains($0.chunks.count) } })
  }

  @Test func aSmallWorkerBesideALargeOneIsUsed() {
    #expect(groups([Int](repeating: 1, count: 6), [bytes(5), bytes(1)]).count == 1)
  }

  /// A heap finds whom a look at everybody would find: where most is free, of equal ones the first.
  @Test(arguments: 0..<50) func eachTaskGoesWhereMostIsFree(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func memory(_ most: Int) -> TaskMemory {
      TaskMemory(
        shared: .random(in: 0...2, using: &random), held: .random(in: 0...most, using: &random),
        step: .random(in: 0...most, using: &random))
    }
    let capacities = (0..<Int.random(in: 1...8, using: &random)).map { _ in
      Int.random(in: 10...40, using: &random)
    }
    var bins = MemoryBins(capacities)
    var used = [TaskMemory](repeating: .none, count: capacities.count)
    var hasShare = [Bool](repeating: false, count: capacities.count)
    for run in 0..<6 {
      let (task, share) = (memory(5), run % 2 == 0 ? nil : memory(3))
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        func free(_ place: Int) -> Int {
          let first = hasShare[place] ? nil : share
          return capacities[place] - (used[place] + task + (first ?? .none)).total
        }
        let expected = capacities.indices.filter { free($0) >= 0 }.max {
          (free($0), -$0) < (free($1), -$1)
        }
        let place = share.map { bins.place(task, share: $0) } ?? bins.place(task)
        #expect(place == expected, "seed \(seed) run \(run)")
        guard let expected else { continue }
        used[expected] += task + (hasShare[expected] ? .none : share ?? .none)
        if share != nil { hasShare[expected] = true }
      }
    }
  }
}
