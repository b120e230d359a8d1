import Algebra
import Testing

@Suite("Memory of the kernels", .serialized)
struct WorkMemoryTests {
  @Test(arguments: [0, 1, 1000, 1 << 18, 1 << 20])
  func blocksInUseAreApart(count: Int) {
    let blocks = (0..<3).map { _ in WorkMemory.allocate(count: count, of: UInt64.self) }
    for (number, block) in blocks.enumerated() {
      #expect(block.count == count)
      #expect(Int(bitPattern: block.baseAddress) % 64 == 0)
      block.update(repeating: UInt64(number))
    }
    for (number, block) in blocks.enumerated() {
      #expect(block.allSatisfy { $0 == UInt64(number) })
      WorkMemory.free(block)
    }
  }

  @Test func resultsComeOutOfBlocks() {
    let sum = WorkMemory.with(count: 100, of: Int.self) { block in
      for i in block.indices { block[i] = i }
      return block.reduce(0, +)
    }
    #expect(sum == 4950)
    WorkMemory.release()
  }
}
