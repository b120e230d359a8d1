/// The radix-2 transform: bit reversal, then butterflies of growing length, in place.
enum Transform {
  /// - Parameter roots: powers of a root of order n = values.count, at least n/2 of them.
  static func run(_ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], threads: Int) {
    let n = values.count
    guard n > 1 else { return }
    let log = n.trailingZeroBitCount
    reverseBits(values, log: log)
    roots.withUnsafeBufferPointer { roots in
      nonisolated(unsafe) let values = values
      nonisolated(unsafe) let roots = roots
      // Blocks that fit the cache take all their stages at once; longer stages are cut by butterflies.
      let blockLog = min(log, 12)
      Parallel.forRanges(n >> blockLog, threads: threads) { blocks in
        for block in blocks {
          let base = values.baseAddress! + block << blockLog
          for stage in 0..<blockLog {
            butterflies(base, range: 0..<(1 << (blockLog - 1)), half: 1 << stage, roots, n: n)
          }
        }
      }
      for stage in blockLog..<log {
        Parallel.forRanges(n / 2, threads: threads, minimum: 1 << 11) { range in
          butterflies(values.baseAddress!, range: range, half: 1 << stage, roots, n: n)
        }
      }
    }
  }

  /// The butterflies numbered `range` of the stage that joins halves of `half` elements.
  @inline(__always)
  private static func butterflies(
    _ values: UnsafeMutablePointer<Fr>, range: Range<Int>, half: Int,
    _ roots: UnsafeBufferPointer<Fr>, n: Int
  ) {
    let step = n / (2 * half)
    var index = range.lowerBound
    while index < range.upperBound {
      let position = index & (half - 1)
      let length = min(half - position, range.upperBound - index)
      let low = values + ((index - position) * 2 + position)
      let high = low + half
      for k in 0..<length {
        let t = high[k] * roots[(position + k) * step]
        let a = low[k]
        low[k] = a + t
        high[k] = a - t
      }
      index += length
    }
  }

  private static func reverseBits(_ values: UnsafeMutableBufferPointer<Fr>, log: Int) {
    let shift = UInt64(64 - log)
    for i in 0..<values.count {
      var bits = UInt64(i)
      bits = (bits & 0x5555_5555_5555_5555) << 1 | (bits >> 1) & 0x5555_5555_5555_5555
      bits = (bits & 0x3333_3333_3333_3333) << 2 | (bits >> 2) & 0x3333_3333_3333_3333
      bits = (bits & 0x0F0F_0F0F_0F0F_0F0F) << 4 | (bits >> 4) & 0x0F0F_0F0F_0F0F_0F0F
      let j = Int(bits.byteSwapped >> shift)
      if i < j { values.swapAt(i, j) }
    }
  }
}
