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
  package static func with<T: BitwiseCopyable, R>(
    count: Int, of type: T.Type, _ body: (UnsafeMutableBufferPointer<T>) -> R
  ) -> R {
    let elements = allocate(count: count, of: type)
    defer { free(elements) }
    return body(elements)
  }

  /// Uninitialised memory, aligned to 64 bytes, until it is given to ``free(_:)``.
  package static func allocate<T: BitwiseCopyable>(
    count: Int, of type: T.Type
  ) -> UnsafeMutableBufferPointer<T> {
    let block = take(max(1, count * MemoryLayout<T>.stride))
    return UnsafeMutableBufferPointer(
      start: block.bindMemory(to: type, capacity: count), count: count)
  }

  /// Gives the memory of ``allocate(count:of:)`` back.
  package static func free<T: BitwiseCopyable>(_ elements: UnsafeMutableBufferPointer<T>) {
    if let start = elements.baseAddress { putBack(start) }
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
  private static func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let (fitting, replaced) = unused.withLock { blocks -> (Block?, Block?) in
      if let i = blocks.firstIndex(where: { $0.byteCount >= byteCount }),
        blocks[i].byteCount / 4 <= byteCount
      {
        return (blocks.remove(at: i), nil)
      }
      let smaller = blocks.lastIndex { $0.byteCount < byteCount && $0.byteCount >= byteCount / 4 }
      return (nil, smaller.map { blocks.remove(at: $0) })
    }
    if let fitting { return fitting.address }
    if let replaced { climbs_free_block(replaced.address) }
    guard let address = climbs_allocate_block(byteCount) else {
      fatalError("no memory: \(byteCount) bytes")
    }
    return address
  }

  private static func putBack(_ address: UnsafeMutableRawPointer) {
    climbs_discard_block(address)
    let block = Block(address: address, byteCount: climbs_block_size(address))
    let dropped = unused.withLock { blocks -> Block? in
      let place = blocks.firstIndex { $0.byteCount >= block.byteCount } ?? blocks.count
      blocks.insert(block, at: place)
      return blocks.count > mostBlocks ? blocks.removeFirst() : nil
    }
    if let dropped { climbs_free_block(dropped.address) }
  }
}
