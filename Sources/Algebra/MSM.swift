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

    // One task per range of windows; ranges of terms too when there are fewer windows than threads.
    let windowParts = min(max(1, threads), terms.windows)
    let termParts = max(1, min(threads / windowParts, terms.count / 4096))
    let tasks = windowParts * termParts
    let partTerms = (terms.count + termParts - 1) / termParts
    let partWindows = (terms.windows + windowParts - 1) / windowParts
    let room = BucketSums.room(terms: partTerms, windows: partWindows, width: terms.width)
    let arena = PointArena(bases, terms.indices, room: room * tasks, threads: threads)
    let results = Parallel.map(tasks, threads: threads) { task in
      let (w, t) = (task % windowParts, task / windowParts)
      var sums = BucketSums(
        arena: arena, room: terms.count + task * room..<terms.count + (task + 1) * room,
        terms: terms,
        windows: terms.windows * w / windowParts..<terms.windows * (w + 1) / windowParts)
      return sums.run(over: terms.count * t / termParts..<terms.count * (t + 1) / termParts)
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
}
