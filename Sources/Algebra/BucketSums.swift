/// The digits of one task of a multi-scalar multiplication: fills buckets and adds them up, weighted.
struct BucketSums {
  /// A point that counts 2^bit times.
  struct Term {
    var bit: Int
    var point: G1Affine
  }

  /// Some of the digits of a window.
  struct Segment {
    var window: Int
    var terms: Range<Int>
  }

  private let arena: PointArena
  private let room: Range<Int>
  private let terms: WindowedScalars
  private let segments: [Segment]
  private var groups: PointGroups

  private var bucketCount: Int { 1 << (terms.width - 1) }

  /// Digits that are sorted into buckets together: enough for large batches, few enough to stay near.
  private static let digitsAtOnce = 1 << 15

  /// Positions that a task needs: for the sums of one pass, for what stays in the buckets, and for adding that up (every
  /// bucket belongs to one list per bit of its weight, but a list is no longer than half a level).
  static func room(segments: [Segment], width: Int) -> Int {
    let buckets = segments.count << (width - 1)
    let kept = segments.reduce(0) { $0 + min($1.terms.count, 1 << (width - 1)) }
    let pass = segments.reduce(digitsAtOnce) { max($0, $1.terms.count) }
    return pass + 2 * kept + min(kept * width, buckets)
  }

  init(arena: PointArena, room: Range<Int>, terms: WindowedScalars, segments: [Segment]) {
    (self.arena, self.room, self.terms, self.segments) = (arena, room, terms, segments)
    groups = PointGroups(arena: arena)
  }

  /// The segments' part of the sum.
  mutating func run() -> [Term] {
    var kept = room.lowerBound
    // One slot per bucket of every segment, nil where the bucket is empty.
    var buckets: [PointArena.Reference?] = []
    buckets.reserveCapacity(segments.count * bucketCount)
    var rest = segments[...]
    while !rest.isEmpty {
      let some = Self.prefix(of: rest)
      rest = rest.dropFirst(some.count)
      sort(some)
      groups.addUp(from: kept + some.reduce(0) { $0 + min($1.terms.count, bucketCount) })
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

  /// The first segments, at least one, whose digits are sorted together.
  private static func prefix(of segments: ArraySlice<Segment>) -> ArraySlice<Segment> {
    var digits = 0
    return segments.prefix { segment in
      digits += segment.terms.count
      return digits <= digitsAtOnce || digits == segment.terms.count
    }
  }

  /// Groups terms by their digits: one group per segment and magnitude.
  private mutating func sort(_ segments: ArraySlice<Segment>) {
    var counts = [Int32](repeating: 0, count: segments.count * bucketCount)
    counts.withUnsafeMutableBufferPointer { counts in
      for (k, segment) in segments.enumerated() {
        let base = k * bucketCount - 1
        for digit in terms.digits(window: segment.window, segment.terms) where digit != 0 {
          counts[base + Int(digit.magnitude)] += 1
        }
      }
    }
    groups.start(counts: counts)
    for (k, segment) in segments.enumerated() {
      let digits = terms.digits(window: segment.window, segment.terms)
      let base = k * bucketCount - 1
      groups.fill { places, next in
        for i in digits.indices where digits[i] != 0 {
          let sign = digits[i] < 0 ? PointArena.negated : 0
          let bucket = base + Int(digits[i].magnitude)
          places[Int(next[bucket])] = PointArena.Reference(segment.terms.lowerBound + i) | sign
          next[bucket] += 1
        }
      }
    }
  }

  /// sum over the buckets b = 0, 1, … of each segment of (b + 1) · bucket, as terms 2^bit · point.
  ///
  /// With T_j = B_2j + B_2j+1, the sum of b B_b is the sum of the odd B plus twice the sum of j T_j: each bit of the
  /// weights takes one level of pairs, and leaves a list of points that count 2^bit times.
  private mutating func weightedSums(_ buckets: [PointArena.Reference?], from free: Int) -> [Term] {
    var free = free
    var slots = buckets
    var lists: [(bit: Int, points: [PointArena.Reference])] = []
    for level in 0..<terms.width - 1 {
      let perSegment = bucketCount >> level
      for (k, segment) in segments.enumerated() {
        let odd = stride(from: k * perSegment + 1, to: (k + 1) * perSegment, by: 2)
        lists.append((segment.window * terms.width + level, odd.compactMap { slots[$0] }))
      }
      groups.start(pairsOf: slots)
      free = groups.addUp(from: free)
      slots = (0..<slots.count / 2).map { groups.sum(of: $0) }
    }
    // What is left of each segment is the sum of its buckets: the one in b + 1.
    for (k, segment) in segments.enumerated() {
      lists.append((segment.window * terms.width, slots[k].map { [$0] } ?? []))
    }
    groups.start(lists: lists.lazy.map(\.points))
    groups.addUp(from: free)
    return lists.indices.compactMap { i in
      groups.sum(of: i).map { Term(bit: lists[i].bit, point: arena.point($0)) }
    }
  }
}
