import Algebra

/// What the tiles of stages compute, kept from one cut of a graph to the next: cuts that follow each other share most stages.
struct SliceShelf {
  private var slices: [Stage: [TileSlice.Whole]] = [:]

  /// All tiles of each stage; tiles of stages that are not among these are forgotten.
  ///
  /// - Parameters:
  ///   - stages: distinct stages of one graph, always the same one.
  ///   - threads: width; it does not change the result.
  mutating func slices(
    of stages: [Stage], in flow: Dataflow, threads: Int
  ) -> [[TileSlice.Whole]] {
    let missing = stages.filter { slices[$0] == nil }.flatMap { stage in
      (0..<stage.tiling.count).map { (stage: stage, tile: $0) }
    }
    let made = Parallel.map(missing.count, threads: threads) {
      TileSlice.whole(missing[$0].stage, tile: missing[$0].tile, in: flow)
    }
    var rest = made[...]
    var kept: [Stage: [TileSlice.Whole]] = [:]
    for stage in stages {
      if let known = slices[stage] {
        kept[stage] = known
      } else {
        kept[stage] = Array(rest.prefix(stage.tiling.count))
        rest = rest.dropFirst(stage.tiling.count)
      }
    }
    slices = kept
    return stages.map { kept[$0]! }
  }
}
