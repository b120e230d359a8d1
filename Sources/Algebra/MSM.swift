/// Multi-scalar multiplication in G1: sums of scalar multiples.
///
/// Pippenger's bucket method with signed windows, on affine additions that share inversions. All additions are done by
/// `PointArena` in large batches: the points of a bucket are added in pairs, then their sums in pairs, and so on, in all
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

    let split = Split(reach: terms.reach, width: terms.width, threads: threads)
    let arena = PointArena(
      bases, UnsafeBufferPointer(terms.indices), room: split.room, threads: threads)
    let results = Parallel.map(split.tasks.count, threads: threads) { number in
      let task = split.tasks[number]
      let start = terms.count + task.start
      var sums = BucketSums(
        arena: arena, room: start..<start + task.room, terms: terms, segments: task.segments)
      return sums.run()
    }

    var total = G1.identity
    var byBit = [[G1Affine]](repeating: [], count: terms.reach.count * terms.width)
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
  ///
  /// What the most demanding kernels take, whichever are in use: machines of a network count alike.
  public static func temporaryBytes(count: Int, threads: Int) -> Int {
    Kernels.allCases.map { temporaryBytes(count: count, threads: threads, $0) }.max() ?? 0
  }

  private static func temporaryBytes(count: Int, threads: Int, _ kernels: Kernels) -> Int {
    let bits = Fr.bitCount - 1
    var bitCounts = [Int](repeating: 0, count: bits + 1)
    bitCounts[bits] = count
    let width = WindowWidth.best(bitCounts: bitCounts, kernels)
    let windows = WindowWidth.windows(bits: bits, width: width)
    let split = Split(
      reach: [Int](repeating: count, count: windows), width: width, threads: threads)
    // Limbs, references, digits and pairs of the running tasks. Not all of the room is ever touched, which pays for
    // blocks that are larger than what is asked for.
    return (count + split.room) * PointArena.bytesPerPoint(kernels) + count * (32 + 4 + 2 * windows)
      + min(threads, split.tasks.count) * 12 * count
  }
}

/// How a sum is split over tasks: each takes a run of the digits, counted window by window, that costs as much as the
/// others'.
private struct Split {
  struct Task {
    var segments: [BucketSums.Segment]
    /// Where its positions begin, and how many they are.
    var start: Int
    var room: Int
  }

  let tasks: [Task]
  /// Positions of all tasks.
  let room: Int

  /// Fewer digits are not worth a thread.
  private static let fewest = 4096

  init(reach: [Int], width: Int, threads: Int) {
    // Every digit is an addition, and every full bucket one more.
    let costs = reach.map { $0 + min($0, 1 << (width - 1)) }
    let total = costs.reduce(0, +)
    let parts = max(1, min(threads, reach.reduce(0, +) / Self.fewest))
    var segments = [[BucketSums.Segment]](repeating: [], count: parts)
    var before = 0
    for (window, cost) in costs.enumerated() {
      var first = 0
      for part in 0..<parts where first < reach[window] {
        let end = total * (part + 1) / parts - before
        let last = end >= cost ? reach[window] : max(0, end) * reach[window] / cost
        // No crumbs: they would fill as many buckets as a whole window.
        guard last - first >= min(Self.fewest, reach[window]) || last == reach[window] else {
          continue
        }
        let next = reach[window] - last < Self.fewest ? reach[window] : last
        segments[part].append(BucketSums.Segment(window: window, terms: first..<next))
        first = next
      }
      before += cost
    }
    var tasks: [Task] = []
    var free = 0
    for segments in segments where !segments.isEmpty {
      let room = BucketSums.room(segments: segments, width: width)
      tasks.append(Task(segments: segments, start: free, room: room))
      free += room
    }
    (self.tasks, room) = (tasks, free)
  }
}
