/// Adds up many groups of points at once: pairs in every group, then pairs of their sums, until one point is left.
///
/// All pairs of a level go through the arena's batched additions together, however small the groups are.
struct PointGroups {
  private let arena: PointArena
  private let scratch: PointArena.Scratch
  /// The points of all groups, group by group; those of group g begin at starts[g].
  private var references: [PointArena.Reference] = []
  /// References to the points of `pairCount` pairs, and room for more.
  private var pairs: [PointArena.Reference] = []
  private var pairCount = 0
  private var starts: [Int32] = []
  private var counts: [Int32] = []

  init(arena: PointArena) {
    self.arena = arena
    scratch = PointArena.Scratch(for: arena)
  }

  /// Makes room for groups of these sizes, to be filled.
  mutating func start(counts: [Int32]) {
    self.counts = counts
    starts.removeAll(keepingCapacity: true)
    starts.reserveCapacity(counts.count)
    var total = Int32(0)
    for count in counts {
      starts.append(total)
      total += count
    }
    references.removeAll(keepingCapacity: true)
    references.append(contentsOf: repeatElement(0, count: Int(total)))
    fillLevels = starts
  }

  /// Where the next point of each group goes.
  private var fillLevels: [Int32] = []

  /// Calls `body` with the places of all points and, per group, where its next point goes.
  mutating func fill(
    _ body: (
      _ places: UnsafeMutablePointer<PointArena.Reference>, _ next: UnsafeMutablePointer<Int32>
    ) -> Void
  ) {
    guard !references.isEmpty else { return }
    fillLevels.withUnsafeMutableBufferPointer { levels in
      references.withUnsafeMutableBufferPointer { references in
        body(references.baseAddress!, levels.baseAddress!)
      }
    }
  }

  /// Makes a group of slots 0 and 1, one of slots 2 and 3, …
  mutating func start(pairsOf slots: [PointArena.Reference?]) {
    clear()
    for pair in 0..<slots.count / 2 {
      starts.append(Int32(references.count))
      let (a, b) = (slots[2 * pair], slots[2 * pair + 1])
      if let a { references.append(a) }
      if let b { references.append(b) }
      counts.append((a == nil ? 0 : 1) + (b == nil ? 0 : 1))
    }
  }

  /// Makes a group of every list.
  mutating func start(lists: some Sequence<[PointArena.Reference]>) {
    clear()
    for list in lists {
      starts.append(Int32(references.count))
      references += list
      counts.append(Int32(list.count))
    }
  }

  private mutating func clear() {
    references.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
  }

  /// Reduces every group to at most one point; sums go to positions from `free` on.
  ///
  /// - Returns: the first position that is free afterwards.
  @discardableResult
  mutating func addUp(from free: Int) -> Int {
    var free = free
    while true {
      let first = free
      pairUp(&free)
      guard free > first else { return free }
      let identities = pairs.withUnsafeBufferPointer {
        arena.addPairs(UnsafeBufferPointer(rebasing: $0[..<(2 * pairCount)]), to: first, scratch)
      }
      if identities { dropIdentities(from: first) }
    }
  }

  /// The sum of a group after ``addUp(from:)``, nil for the identity.
  func sum(of group: Int) -> PointArena.Reference? {
    counts[group] == 0 ? nil : references[Int(starts[group])]
  }

  /// Moves pairs from the groups to `pairs` and puts the position of the sum in their place.
  private mutating func pairUp(_ free: inout Int) {
    let most = references.count / 2 * 2
    if pairs.count < most {
      pairs.append(contentsOf: repeatElement(0, count: most - pairs.count))
    }
    var written = 0
    var paired = 0
    references.withUnsafeMutableBufferPointer { references in
      pairs.withUnsafeMutableBufferPointer { pairs in
        starts.withUnsafeMutableBufferPointer { starts in
          counts.withUnsafeMutableBufferPointer { counts in
            for group in counts.indices {
              let count = Int(counts[group])
              var next = Int(starts[group])
              starts[group] = Int32(written)
              counts[group] = Int32((count + 1) / 2)
              for _ in 0..<count / 2 {
                pairs[paired] = references[next]
                pairs[paired + 1] = references[next + 1]
                references[written] = PointArena.Reference(free)
                next += 2
                paired += 2
                written += 1
                free += 1
              }
              if count % 2 == 1 {
                references[written] = references[next]
                written += 1
              }
            }
          }
        }
      }
    }
    references.removeLast(references.count - written)
    pairCount = paired / 2
  }

  /// Removes sums that are the identity. Rare: opposite points met.
  private mutating func dropIdentities(from first: Int) {
    var kept: [PointArena.Reference] = []
    for group in counts.indices {
      let points = references[Int(starts[group])..<Int(starts[group] + counts[group])]
      let start = kept.count
      kept += points.filter {
        $0 < first || $0 & PointArena.negated != 0 || !arena.isIdentity(at: Int($0))
      }
      starts[group] = Int32(start)
      counts[group] = Int32(kept.count - start)
    }
    references = kept
  }
}
