/// Multi-scalar multiplication in G1: sums of scalar multiples.
///
/// Pippenger's bucket method with signed windows, on affine additions that share inversions. All additions are done by
/// ``PointArena`` in large batches: the points of a bucket are added in pairs, then their sums in pairs, and so on, in all
/// buckets at once, and so are the weighted sums of the buckets. variableTime: in scalars and points.
public enum MSM {
  /// sum_i scalars[i] · bases[i]; there may be more bases than scalars.
  public static func g1(
    _ bases: ArraySlice<G1Affine>, _ scalars: ArraySlice<Fr>, threads: Int
  ) -> G1 {
    precondition(scalars.count <= bases.count, "\(scalars.count) scalars, \(bases.count) bases")
    return bases.withUnsafeBufferPointer { bases in
      scalars.withUnsafeBufferPointer { scalars in g1(bases, scalars, threads: threads) }
    }
  }

  /// sum_i scalars[i] · bases[i] over buffers; there may be more bases than scalars.
  public static func g1(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) -> G1 {
    precondition(scalars.count <= bases.count, "\(scalars.count) scalars, \(bases.count) bases")
    if scalars.count <= interleavedLimit { return interleaved(bases, scalars) }
    return g1Counted(bases, scalars, threads: threads).sum
  }

  /// The sum, and how many multiplications in Fq it took: squarings count as one, inversions not at all.
  public static func g1Counted(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) -> (sum: G1, multiplications: Int) {
    precondition(scalars.count <= bases.count, "\(scalars.count) scalars, \(bases.count) bases")
    let terms = WindowedScalars(bases, scalars, threads: threads)
    guard terms.count > 0 else { return (.identity, 0) }

    let split = Split(
      terms: terms.count, windows: terms.windows, width: terms.width, threads: threads)
    let arena = PointArena(
      bases, terms.indices, room: split.room * split.tasks, threads: threads)
    let results = Parallel.map(split.tasks, threads: threads) { task in
      let start = terms.count + task * split.room
      var sums = BucketSums(
        arena: arena, room: start..<start + split.room, terms: terms,
        windows: split.windows(of: task))
      return sums.run(over: split.terms(of: task))
    }

    var total = G1.identity
    var byBit = [[G1Affine]](repeating: [], count: terms.windows * terms.width)
    for term in results.joined() { byBit[term.bit].append(term.point) }
    for points in byBit.reversed() {
      total = total.doubled()
      for point in points { total += point }
    }
    let doublings = 7 * byBit.count
    let mixedAdditions = 11 * byBit.reduce(0) { $0 + $1.count }
    return (total, arena.multiplications + doublings + mixedAdditions)
  }

  /// The definition, by double and add: the oracle of the fast version.
  public static func g1Reference(_ bases: [G1Affine], _ scalars: [Fr]) -> G1 {
    zip(bases, scalars).reduce(.identity) { $0 + $1.0 * $1.1 }
  }

  /// The bytes that a sum of so many terms with scalars of full length takes beside its operands.
  public static func temporaryBytes(count: Int, threads: Int) -> Int {
    let bits = Fr.bitCount - 1
    var bitCounts = [Int](repeating: 0, count: bits + 1)
    bitCounts[bits] = count
    let width = WindowWidth.best(bitCounts: bitCounts)
    let split = Split(
      terms: count, windows: WindowWidth.windows(bits: bits, width: width), width: width,
      threads: threads)
    let positions = count + split.room * split.tasks
    // Limbs, signs and references; digits and pairs of the running tasks. Not all of the room is ever touched, which
    // pays for what is held twice while it is collected.
    return positions * PointArena.bytesPerPoint + count * (32 + 4 + 1)
      + min(threads, split.tasks) * 12 * count
  }
}

/// How a sum is split over tasks: one per range of windows, ranges of terms too when windows are fewer than threads.
private struct Split {
  private let termCount: Int
  private let windowCount: Int
  private let windowParts: Int
  private let termParts: Int
  /// Positions of the arena per task.
  let room: Int

  var tasks: Int { windowParts * termParts }

  init(terms: Int, windows: Int, width: Int, threads: Int) {
    (termCount, windowCount) = (terms, windows)
    windowParts = min(max(1, threads), windows)
    termParts = max(1, min(threads / windowParts, terms / 4096))
    room = BucketSums.room(
      terms: (terms + termParts - 1) / termParts,
      windows: (windows + windowParts - 1) / windowParts, width: width)
  }

  func windows(of task: Int) -> Range<Int> {
    let part = task % windowParts
    return windowCount * part / windowParts..<windowCount * (part + 1) / windowParts
  }

  func terms(of task: Int) -> Range<Int> {
    let part = task / windowParts
    return termCount * part / termParts..<termCount * (part + 1) / termParts
  }
}
