import CLimbs

/// Transforms of a power of two of values, in place.
enum Transform {
  /// Values at the powers of a root from coefficients, or, `inverse`, coefficients from values.
  ///
  /// - Parameter roots: all n powers of a root of order n = values.count.
  static func run(
    _ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], inverse: Bool, threads: Int
  ) {
    let scale = inverse ? Fr(UInt64(values.count)).inverse()! : .one
    if Kernels.current == .ifma, values.count >= smallestMatrix {
      asMatrix(values, roots: roots, inverse: inverse, scale: scale, threads: threads)
      return
    }
    stageByStage(values, roots: roots, threads: threads)
    guard inverse else { return }
    // Values at g^-i are those at g^i in reverse order, element 0 apart.
    var afterFirst = UnsafeMutableBufferPointer(rebasing: values[1...])
    afterFirst.reverse()
    nonisolated(unsafe) let values = values
    Parallel.forRanges(values.count, threads: threads, minimum: 1 << 12) { range in
      for i in range { values[i] *= scale }
    }
  }

  // MARK: - On lanes

  /// Rows and columns come in groups of eight.
  private static let smallestMatrix = 64

  /// The four-step transform: columns, then rows of a matrix that is as square as possible, eight at a time.
  ///
  /// Memory is passed twice; columns and rows themselves fit the cache.
  private static func asMatrix(
    _ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], inverse: Bool, scale: Fr, threads: Int
  ) {
    let log = values.count.trailingZeroBitCount
    let (logRows, logColumns) = (Int32((log + 1) / 2), Int32(log / 2))
    let scratchWords = climbs_fr_transform_scratch_words(logRows)
    nonisolated(unsafe) let values = values
    withUnsafeTemporaryAllocation(of: Fr.self, capacity: values.count) { columns in
      nonisolated(unsafe) let columns = columns
      roots.withUnsafeBufferPointer { roots in
        nonisolated(unsafe) let roots = roots
        pass(over: 1 << logColumns, threads: threads, scratchWords) { first, count, scratch in
          withUnsafePointer(to: scale.limbs) { scale in
            climbs_fr_transform_columns(
              columns.limbs, values.limbs, roots.limbs, scale, logRows, logColumns,
              inverse ? 1 : 0, first, count, scratch)
          }
        }
        pass(over: 1 << logRows, threads: threads, scratchWords) { first, count, scratch in
          climbs_fr_transform_rows(
            values.limbs, columns.limbs, roots.limbs, logRows, logColumns, inverse ? 1 : 0,
            first, count, scratch)
        }
      }
    }
  }

  /// Splits rows or columns over threads in multiples of eight, with scratch memory for each.
  private static func pass(
    over count: Int, threads: Int, _ scratchWords: Int,
    _ body: @Sendable (_ first: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>) -> Void
  ) {
    Parallel.forRanges(count / 8, threads: threads, minimum: 2) { groups in
      let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchWords * 8, alignment: 64)
      defer { scratch.deallocate() }
      body(
        groups.lowerBound * 8, groups.count * 8,
        scratch.bindMemory(to: UInt64.self, capacity: scratchWords))
    }
  }

  // MARK: - One by one

  /// The radix-2 transform: bit reversal, then butterflies of growing length.
  private static func stageByStage(
    _ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], threads: Int
  ) {
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
