import Model
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
}
