/// Buckets of a Pippenger window that collect affine points with shared inversions.
///
/// Additions wait in a batch in which every bucket occurs at most once; a full batch costs one field inversion and
/// about six multiplications per addition, against eleven of a mixed Jacobian addition. A point whose bucket is
/// already in the batch goes to a queue of conflicts, which is tried again with the next batch.
struct BatchBuckets {
  private var buckets: [G1Affine]
  private var isWaiting: [Bool]
  private var batch: [(bucket: Int, point: G1Affine)] = []
  private var conflicts: [(bucket: Int, point: G1Affine)] = []
  private var differences: [Fq] = []
  private let batchSize: Int

  /// Buckets 1 ... count.
  init(count: Int) {
    buckets = [G1Affine](repeating: .identity, count: count)
    isWaiting = [Bool](repeating: false, count: count)
    batchSize = max(16, min(1024, count / 4))
    batch.reserveCapacity(batchSize)
    conflicts.reserveCapacity(batchSize)
    differences.reserveCapacity(batchSize)
  }

  /// Adds ±point to bucket |digit|.
  @inline(__always)
  mutating func add(_ point: G1Affine, digit: Int) {
    let bucket = abs(digit) - 1
    let point = digit < 0 ? -point : point
    if buckets[bucket].isIdentity {
      buckets[bucket] = point
    } else if isWaiting[bucket] {
      conflicts.append((bucket, point))
      if conflicts.count == batchSize { flushConflicts() }
    } else {
      isWaiting[bucket] = true
      batch.append((bucket, point))
      if batch.count == batchSize { flush() }
    }
  }

  /// Adds the batch with one inversion.
  private mutating func flush() {
    differences.removeAll(keepingCapacity: true)
    for (bucket, point) in batch {
      let sum = buckets[bucket]
      let difference = point.x - sum.x
      // Equal x: a doubling divides by 2y, an annihilation divides by nothing (0 stays 0 below).
      differences.append(
        difference.isZero ? (point.y == sum.y ? sum.y.doubled() : .zero) : difference)
    }
    batchInvert(&differences)
    for (index, (bucket, point)) in batch.enumerated() {
      isWaiting[bucket] = false
      let sum = buckets[bucket]
      let inverse = differences[index]
      if inverse.isZero {
        buckets[bucket] = .identity
        continue
      }
      let slope: Fq
      if point.x == sum.x {
        let square = sum.x.squared()
        slope = (square.doubled() + square) * inverse
      } else {
        slope = (point.y - sum.y) * inverse
      }
      let x = slope.squared() - sum.x - point.x
      buckets[bucket] = G1Affine(x: x, y: slope * (sum.x - x) - sum.y)
    }
    batch.removeAll(keepingCapacity: true)
  }

  private mutating func flushConflicts() {
    flush()
    let waiting = conflicts
    conflicts.removeAll(keepingCapacity: true)
    for (bucket, point) in waiting {
      if buckets[bucket].isIdentity {
        buckets[bucket] = point
      } else if isWaiting[bucket] {
        conflicts.append((bucket, point))
      } else {
        isWaiting[bucket] = true
        batch.append((bucket, point))
      }
    }
    // Nearly all scalars equal: batches of one would cost an inversion each.
    if conflicts.count > batchSize / 2 { drainConflicts() }
    if batch.count >= batchSize { flush() }
  }

  /// Adds what waits in conflict by Jacobian additions, one running sum per bucket.
  private mutating func drainConflicts() {
    flush()
    var sums: [Int: G1] = [:]
    for (bucket, point) in conflicts { sums[bucket, default: .identity] += point }
    conflicts.removeAll(keepingCapacity: true)
    for (bucket, sum) in sums { buckets[bucket] = (sum + buckets[bucket]).affine }
  }

  /// sum of i · bucket i, by running sums from the top.
  mutating func weightedSum() -> G1 {
    drainConflicts()
    var running = G1.identity
    var total = G1.identity
    for bucket in buckets.reversed() {
      running += bucket
      total += running
    }
    return total
  }
}
