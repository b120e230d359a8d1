import CLimbs

/// Transforms of a power of two of values, in place.
///
/// The four-step transform (D. H. Bailey, "FFTs in external or hierarchical memory", 1990): the values are a matrix that is
/// as square as possible; its columns are transformed, multiplied by powers of the root, and its rows are transformed and
/// become columns. Memory is passed twice; the columns and rows that a kernel works on fit the cache, and there is no
/// pass that reverses bits.
enum Transform {
  /// Values at the powers of a root from coefficients, or, `inverse`, coefficients from values.
  ///
  /// - Parameter roots: all n powers of a root of order n = values.count.
  static func run(
    _ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], inverse: Bool, threads: Int
  ) {
    guard values.count >= smallestMatrix else {
      directly(values, roots: roots, inverse: inverse)
      return
    }
    let log = values.count.trailingZeroBitCount
    let (logRows, logColumns) = (Int32((log + 1) / 2), Int32(log / 2))
    let scratchWords = climbs_fr_transform_scratch_words(logRows)
    let inverse: Int32 = inverse ? 1 : 0
    // The two passes have to agree on what is between them.
    let level = climbs_level()
    nonisolated(unsafe) let values = values
    WorkMemory.with(count: values.count, of: Fr.self) { columns in
      nonisolated(unsafe) let columns = columns
      roots.withUnsafeBufferPointer { roots in
        nonisolated(unsafe) let roots = roots
        pass(over: 1 << logColumns, threads: threads, scratchWords) { first, count, scratch in
          climbs_fr_transform_columns(
            level, columns.limbs, values.limbs, roots.limbs, logRows, logColumns, inverse, first,
            count,
            scratch)
        }
        pass(over: 1 << logRows, threads: threads, scratchWords) { first, count, scratch in
          climbs_fr_transform_rows(
            level, values.limbs, columns.limbs, roots.limbs, logRows, logColumns, inverse, first,
            count,
            scratch)
        }
      }
    }
  }

  /// Rows and columns come in groups of eight.
  private static let smallestMatrix = 64

  /// Splits rows or columns over threads in multiples of eight, with scratch memory for each.
  private static func pass(
    over count: Int, threads: Int, _ scratchWords: Int,
    _ body: @Sendable (_ first: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>) -> Void
  ) {
    Parallel.forRanges(count / 8, threads: threads, minimum: 2) { groups in
      WorkMemory.with(count: scratchWords, of: UInt64.self) { scratch in
        body(groups.lowerBound * 8, groups.count * 8, scratch.baseAddress!)
      }
    }
  }

  /// The definition, for a few values.
  private static func directly(
    _ values: UnsafeMutableBufferPointer<Fr>, roots: [Fr], inverse: Bool
  ) {
    let n = values.count
    let given = Array(values)
    let scale = inverse ? Fr(UInt64(n)).inverse()! : .one
    for i in 0..<n {
      var sum = Fr.zero
      for j in 0..<n { sum += given[j] * roots[(inverse ? n - i : i) * j & (n - 1)] }
      values[i] = sum * scale
    }
  }
}
