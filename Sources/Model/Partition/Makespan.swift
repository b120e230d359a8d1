/// How long workers need for jobs that are given out one by one.
package enum Makespan {
  /// The makespan of giving jobs, dearest first, to the worker that is free first (Graham's LPT rule).
  package static func seconds(of costs: [Double], workers: Int) -> Double {
    var load = [Double](repeating: 0, count: max(1, workers))
    for cost in costs.sorted(by: >) {
      let least = load.indices.min { load[$0] < load[$1] }!
      load[least] += cost
    }
    return load.max() ?? 0
  }
}
