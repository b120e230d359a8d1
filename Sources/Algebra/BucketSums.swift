/// The windows of one task of a multi-scalar multiplication: fills buckets and adds them up, weighted.
struct BucketSums {
  /// A point that counts 2^bit times.
  struct Term {
    var bit: Int
    var point: G1Affine
  }

  private let arena: PointArena
  private let room: Range<Int>
  private let terms: WindowedScalars
  private let windows: Range<Int>
  private var groups: PointGroups

  private var bucketCount: Int { 1 << (terms.width - 1) }

  /// Digits that are sorted into buckets together: enough for large batches, few enough to stay near.
  private static let digitsAtOnce = 1 << 15

  /// Positions that a task needs: for the sums of one pass over the terms, for what stays in the buckets, and for adding
  /// that up (every bucket belongs to one list per bit of its weight, but a list is no longer than half a level).
  static func room(terms: Int, windows: Int, width: Int) -> Int {
    let buckets = windows << (width - 1)
    let kept = min(windows * terms, buckets)
    return max(terms, digitsAtOnce) + 2 * kept + min(kept * width, buckets)
  }

  init(arena: PointArena, room: Range<Int>, terms: WindowedScalars, windows: Range<Int>) {
    (self.arena, self.room, self.terms, self.windows) = (arena, room, terms, windows)
    groups = PointGroups(arena: arena)
  }

  /// The windows' part of the sum over a range of terms.
  mutating func run(over range: Range<Int>) -> [Term] {
    let windowsAtOnce = max(1, Self.digitsAtOnce / max(1, range.count))
    var kept = room.lowerBound
    // One slot per bucket of every window, nil where the bucket is empty.
    var buckets: [PointArena.Reference?] = []
    buckets.reserveCapacity(windows.count * bucketCount)
    for first in stride(from: windows.lowerBound, to: windows.upperBound, by: windowsAtOnce) {
      let some = first..<min(first + windowsAtOnce, windows.upperBound)
      sort(range, windows: some)
      groups.addUp(from: kept + min(some.count * range.count, some.count * bucketCount))
      // The sums that are needed move down; everything above is free again.
      for group in 0..<some.count * bucketCount {
        guard let sum = groups.sum(of: group) else {
          buckets.append(nil)
          continue
        }
        if sum & ~PointArena.negated < room.lowerBound {
          buckets.append(sum)  // a single base
        } else {
          arena.copy(Int(sum), to: kept)
          buckets.append(PointArena.Reference(kept))
          kept += 1
        }
      }
    }
    return weightedSums(buckets, from: kept)
  }

  /// Groups the terms by their digits: one group per window and magnitude.
  private mutating func sort(_ range: Range<Int>, windows: Range<Int>) {
    let digits = UnsafeMutablePointer<Int32>.allocate(capacity: range.count)
    defer { digits.deallocate() }
    var counts = [Int32](repeating: 0, count: windows.count * bucketCount)
    for (k, window) in windows.enumerated() {
      terms.digits(window: window, range, into: digits)
      counts.withUnsafeMutableBufferPointer { counts in
        let base = k * bucketCount - 1
        for i in 0..<range.count where digits[i] != 0 {
          counts[base + Int(digits[i].magnitude)] += 1
        }
      }
    }
    groups.start(counts: counts)
    for (k, window) in windows.enumerated() {
      if windows.count > 1 { terms.digits(window: window, range, into: digits) }
      let base = k * bucketCount - 1
      groups.fill { places, next in
        for i in 0..<range.count where digits[i] != 0 {
          let sign = digits[i] < 0 ? PointArena.negated : 0
          let bucket = base + Int(digits[i].magnitude)
          places[Int(next[bucket])] = PointArena.Reference(range.lowerBound + i) | sign
          next[bucket] += 1
        }
      }
    }
  }

  /// sum over the buckets b = 0, 1, … of each window of (b + 1) · bucket, as terms 2^bit · point.
  ///
  /// With T_j = B_2j + B_2j+1, the sum of b B_b is the sum of the odd B plus twice the sum of j T_j: each bit of the
  /// weights takes one level of pairs, and leaves a list of points that count 2^bit times.
  private mutating func weightedSums(_ buckets: [PointArena.Reference?], from free: Int) -> [Term] {
    var free = free
    var slots = buckets
    var lists: [(bit: Int, points: [PointArena.Reference])] = []
    for level in 0..<terms.width - 1 {
      let perWindow = bucketCount >> level
      for (k, window) in windows.enumerated() {
        let odd = stride(from: k * perWindow + 1, to: (k + 1) * perWindow, by: 2)
        lists.append((window * terms.width + level, odd.compactMap { slots[$0] }))
      }
      groups.start(pairsOf: slots)
      free = groups.addUp(from: free)
      slots = (0..<slots.count / 2).map { groups.sum(of: $0) }
    }
    // What is left of each window is the sum of its buckets: the one in b + 1.
    for (k, window) in windows.enumerated() {
      lists.append((window * terms.width, slots[k].map { [$0] } ?? []))
    }
    groups.start(lists: lists.lazy.map(\.points))
    groups.addUp(from: free)
    return lists.indices.compactMap { i in
      groups.sum(of: i).map { Term(bit: lists[i].bit, point: arena.point($0)) }
    }
  }
}
