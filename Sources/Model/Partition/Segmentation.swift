/// Cuts a sequence of costed steps into consecutive segments, and spreads segments over workers.
package enum Segmentation {
  /// For every number of segments up to `count`, the segmentation whose dearest segment is cheapest.
  ///
  /// Dynamic programming over (number of segments, end): O(count · steps²) comparisons, and every cost is asked
  /// once. Numbers of segments for which no segmentation keeps the limits are left out.
  /// - Parameter cost: the cost of the steps `i..<j`, or nil if they break a limit.
  package static func minimisingLargest(
    steps: Int, upTo count: Int, cost: (Int, Int) -> Double?
  ) -> [[Range<Int>]] {
    precondition(steps > 0 && count > 0)
    let table = (0..<steps).map { i in ((i + 1)...steps).map { j in cost(i, j) } }
    var best = [Double](repeating: .infinity, count: steps + 1)
    best[0] = 0
    var choices: [[Int]] = []
    var found: [[Range<Int>]] = []
    for _ in 0..<min(count, steps) {
      var next = [Double](repeating: .infinity, count: steps + 1)
      var choice = [Int](repeating: -1, count: steps + 1)
      for start in 0..<steps where best[start] < .infinity {
        for end in (start + 1)...steps {
          guard let value = table[start][end - start - 1] else { continue }
          let largest = max(best[start], value)
          if largest < next[end] { (next[end], choice[end]) = (largest, start) }
        }
      }
      choices.append(choice)
      best = next
      if best[steps] < .infinity { found.append(segments(steps: steps, choices: choices)) }
    }
    return found
  }

  private static func segments(steps: Int, choices: [[Int]]) -> [Range<Int>] {
    var segments: [Range<Int>] = []
    var end = steps
    for choice in choices.reversed() {
      segments.append(choice[end]..<end)
      end = choice[end]
    }
    return segments.reversed()
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
