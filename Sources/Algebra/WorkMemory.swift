import CLimbs
import Synchronization

/// Memory that kernels work in, kept from one call to the next.
///
/// Fresh memory costs a page fault and a cleared page every few kilobytes, and giving it back stops other threads for
/// a moment; a share's kernels ask for the same sizes again and again. Large blocks are on huge pages where the system
/// has them. Blocks that are not in use are the system's to take when memory gets scarce.
public enum WorkMemory {
  private struct Block: @unchecked Sendable {
    var address: UnsafeMutableRawPointer
    var byteCount: Int
  }

  /// The unused blocks, smallest first.
  private static let unused = Mutex<[Block]>([])
  /// Blocks to keep; beyond that the smallest go.
  private static let mostBlocks = 16

  /// Calls `body` with uninitialised memory, aligned to 64 bytes, that is valid until it returns.
  static func with<T: BitwiseCopyable, R>(
    count: Int, of type: T.Type, _ body: (UnsafeMutableBufferPointer<T>) -> R
  ) -> R {
    let block = take(max(1, count * MemoryLayout<T>.stride))
    defer { putBack(block) }
    let start = block.address.bindMemory(to: T.self, capacity: count)
    return body(UnsafeMutableBufferPointer(start: start, count: count))
  }

  /// A block that `free(_:)` gives back, for what outlives a call.
  static func allocate(byteCount: Int) -> UnsafeMutableRawBufferPointer {
    let block = take(max(1, byteCount))
    return UnsafeMutableRawBufferPointer(start: block.address, count: block.byteCount)
  }

  /// Gives a block of ``allocate(byteCount:)`` back.
  static func free(_ block: UnsafeMutableRawBufferPointer) {
    guard let address = block.baseAddress else { return }
    putBack(Block(address: address, byteCount: block.count))
  }

  /// Frees all memory that is not in use.
  public static func release() {
    let blocks = unused.withLock { blocks in
      defer { blocks = [] }
      return blocks
    }
    for block in blocks { climbs_free_block(block.address) }
  }

  /// The smallest unused block that is large enough and not far too large, or a new one in place of a smaller one.
  private static func take(_ byteCount: Int) -> Block {
    let (fitting, replaced) = unused.withLock { blocks -> (Block?, Block?) in
      if let i = blocks.firstIndex(where: { $0.byteCount >= byteCount }),
        blocks[i].byteCount / 4 <= byteCount
      {
        return (blocks.remove(at: i), nil)
      }
      let smaller = blocks.lastIndex { $0.byteCount < byteCount && $0.byteCount >= byteCount / 4 }
      return (nil, smaller.map { blocks.remove(at: $0) })
    }
    if let fitting { return fitting }
    if let replaced { climbs_free_block(replaced.address) }
    let size = climbs_block_size(byteCount)
    guard let address = climbs_allocate_block(size) else {
      fatalError("no memory: \(size) bytes")
    }
    return Block(address: address, byteCount: size)
  }

  private static func putBack(_ block: Block) {
    climbs_discard_block(block.address, block.byteCount)
    let dropped = unused.withLock { blocks -> Block? in
      let place = blocks.firstIndex { $0.byteCount >= block.byteCount } ?? blocks.count
      blocks.insert(block, at: place)
      return blocks.count > mostBlocks ? blocks.removeFirst() : nil
    }
    if let dropped { climbs_free_block(dropped.address) }
  }
}
