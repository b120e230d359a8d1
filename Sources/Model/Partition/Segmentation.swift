/// Cuts a sequence of costed steps into consecutive segments, and spreads segments over workers.
package enum Segmentation {
  /// The segmentation whose costs have the smallest sum, nil if none keeps the limits.
  ///
  /// Dynamic programming over the ends of segments: the cheapest way to an end is the cheapest way to the beginning of
  /// some last segment, and that segment. O(steps * longest).
  /// - Parameters:
  ///   - longest: the most steps of a segment.
  ///   - cost: the cost of the steps of a segment, or nil if they break a limit.
  package static func cheapest(
    steps: Int, longest: Int = .max, cost: (Range<Int>) -> Double?
  ) -> [Range<Int>]? {
    var best = [Double](repeating: .infinity, count: steps + 1)
    var begin = [Int](repeating: 0, count: steps + 1)
    best[0] = 0
    for end in stride(from: 1, through: steps, by: 1) {
      for start in max(0, end - min(end, longest))..<end where best[start] < .infinity {
        guard let own = cost(start..<end), best[start] + own < best[end] else { continue }
        best[end] = best[start] + own
        begin[end] = start
      }
    }
    guard best[steps] < .infinity else { return nil }
    var segments: [Range<Int>] = []
    var end = steps
    while end > 0 {
      segments.append(begin[end]..<end)
      end = begin[end]
    }
    return segments.reversed()
  }

  /// Fills every segment with as many steps as keep the limits: what `cheapest` is compared with.
  package static func greedy(
    steps: Int, longest: Int = .max, cost: (Range<Int>) -> Double?
  ) -> [Range<Int>]? {
    var segments: [Range<Int>] = []
    var start = 0
    while start < steps {
      let ends = (start + 1)...min(steps, start + min(steps, longest))
      guard let end = ends.last(where: { cost(start..<$0) != nil }) else { return nil }
      segments.append(start..<end)
      start = end
    }
    return segments
  }

  /// The makespan of giving jobs, dearest first, to the worker that is free first (Graham's LPT rule).
  package static func makespan(of costs: [Double], workers: Int) -> Double {
    var load = [Double](repeating: 0, count: max(1, workers))
    for cost in costs.sorted(by: >) {
      let least = load.indices.min { load[$0] < load[$1] }!
      load[least] += cost
    }
    return load.max() ?? 0
  }
}
