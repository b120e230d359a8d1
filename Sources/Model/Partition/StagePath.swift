/// Stages that follow each other from the first step to the last.
struct StagePath {
  /// In order.
  let stages: [Stage]
  /// Predicted sizes of the largest tile of each.
  let sizes: [CircuitSize]
  /// Distinct circuits of each.
  let circuits: [Int]

  /// A stage and how the one before it is tiled.
  struct Link: Hashable {
    let stage: Stage
    let before: Tiling
  }

  /// The stages with their predecessors' tilings.
  var links: [Link] {
    zip(stages, [.whole] + stages.map(\.tiling)).map { Link(stage: $0, before: $1) }
  }

  /// Paths that end at one place and differ in the last tiling; the dearest beyond this number are dropped.
  private static let width = 24

  /// The path whose proofs take the fewest seconds of one core, nil if none is predicted to find room.
  ///
  /// Dynamic programming over cuts and the tiling of the last stage, because that decides into how many pieces its results
  /// are cut, and with it what the next stage pays for reading them.
  /// - Parameters:
  ///   - level: logarithm of the largest domain of constraints and variables allowed.
  ///   - makers: for every step the tiling that its stage had in the last path, where that is known.
  ///   - excluded: stages that have been counted, after these tilings, and found too large.
  static func cheapest(
    _ options: StageOptions, upTo level: Int, limits: PlanLimits, costs: CostTable,
    makers: [Tiling?],
    excluded: Set<Link>
  ) -> StagePath? {
    var arrivals: [[Arrival]] = [
      [Arrival(seconds: 0, stage: .none, option: nil, size: CircuitSize(), from: (0, 0))]
    ]
    for end in 1..<options.cuts.count {
      var found: [Tiling: Arrival] = [:]
      for start in max(0, end - StageOptions.longest)..<end where !arrivals[start].isEmpty {
        for option in options[start..<end] {
          for (place, before) in arrivals[start].enumerated() {
            let size = option.size(after: before.stage, makers: makers)
            guard limits.hold(size, caution: option.caution), size.level <= level else { continue }
            let seconds = before.seconds + option.seconds(size, costs)
            let tiling = option.stage.tiling
            guard seconds < found[tiling]?.seconds ?? .infinity,
              excluded.isEmpty
                || !excluded.contains(Link(stage: option.stage, before: before.stage.tiling))
            else { continue }
            found[tiling] = Arrival(
              seconds: seconds, stage: option.stage, option: option, size: size,
              from: (start, place))
          }
        }
      }
      arrivals.append(Array(found.values.sorted(by: Arrival.precedes).prefix(width)))
    }
    return arrivals[arrivals.count - 1].first.map { StagePath(to: $0, arrivals) }
  }

  /// The path of stages that are as long as they can be, one after the other; nil where a step finds no room.
  static func greedy(
    _ options: StageOptions, limits: PlanLimits, costs: CostTable, makers: [Tiling?]
  ) -> StagePath? {
    var (chosen, start, before) = ([StageOption](), 0, Stage.none)
    let last = options.cuts.count - 1
    while start < last {
      let ends = start + 1...min(last, start + StageOptions.longest)
      let longest = ends.reversed().lazy.compactMap { end in
        options[start..<end].map { (option: $0, size: $0.size(after: before, makers: makers), end) }
          .filter { limits.hold($0.size, caution: $0.option.caution) }
          .min { $0.option.seconds($0.size, costs) < $1.option.seconds($1.size, costs) }
      }.first
      guard let (option, _, end) = longest else { return nil }
      chosen.append(option)
      (start, before) = (end, option.stage)
    }
    return StagePath(chosen, makers: makers)
  }

  private struct Arrival {
    let seconds: Double
    let stage: Stage
    let option: StageOption?
    let size: CircuitSize
    /// The cut where the last stage begins, and the arrival there.
    let from: (cut: Int, place: Int)

    static func precedes(_ a: Arrival, _ b: Arrival) -> Bool {
      let (s, t) = (a.stage.tiling, b.stage.tiling)
      return (a.seconds, s.count, s.axis) < (b.seconds, t.count, t.axis)
    }
  }

  private init(to last: Arrival, _ arrivals: [[Arrival]]) {
    var (stages, sizes, circuits) = ([Stage](), [CircuitSize](), [Int]())
    var arrival = last
    while let option = arrival.option {
      stages.append(option.stage)
      sizes.append(arrival.size)
      circuits.append(option.circuits)
      arrival = arrivals[arrival.from.cut][arrival.from.place]
    }
    self.stages = stages.reversed()
    self.sizes = sizes.reversed()
    self.circuits = circuits.reversed()
  }

  /// Options that follow each other.
  init(_ options: [StageOption], makers: [Tiling?]) {
    stages = options.map(\.stage)
    sizes = zip(options, [.none] + options.map(\.stage)).map { $0.size(after: $1, makers: makers) }
    circuits = options.map(\.circuits)
  }

  /// Domains, instances and number of the circuits of each stage.
  var work: [(domains: CostModel.Domains, instances: Int, circuits: Int)] {
    stages.indices.map { (sizes[$0].domains, stages[$0].tiling.count, circuits[$0]) }
  }
}
