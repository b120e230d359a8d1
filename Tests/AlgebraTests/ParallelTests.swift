import Algebra
import Synchronization
import Testing

@Suite("The parallel primitive")
struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 100], [1, 2, 5, 1000])
  func everyIndexOnce(count: Int, threads: Int) {
    let ranges = Mutex([Int](repeating: 0, count: count))
    Parallel.forRanges(count, threads: threads) { range in
      ranges.withLock { for i in range { $0[i] += 1 } }
    }
    #expect(ranges.withLock { $0.allSatisfy { $0 == 1 } })
    let single = Mutex([Int](repeating: 0, count: count))
    Parallel.forEach(count, threads: threads) { i in single.withLock { $0[i] += 1 } }
    #expect(single.withLock { $0.allSatisfy { $0 == 1 } })
    #expect(Parallel.map(count, threads: threads) { $0 * $0 } == (0..<count).map { $0 * $0 })
  }

  @Test func smallPiecesAreNotSplit() {
    let pieces = Mutex(0)
    Parallel.forRanges(100, threads: 8, minimum: 40) { _ in pieces.withLock { $0 += 1 } }
    #expect(pieces.withLock { $0 } == 2)
  }
}
