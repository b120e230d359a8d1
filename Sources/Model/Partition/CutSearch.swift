import Circuit

/// How a graph is cut.
public enum CutStrategy: String, Sendable {
  /// With the smallest predicted time.
  case cheapest
  /// Every stage as long as the limits allow, in the tiling that is then cheapest: what `cheapest` is compared with.
  case greedy
  /// All in one circuit, where that keeps the limits: the quickest answer to whether a graph can be proven.
  case whole
}

/// Searches for the stages and tilings of a graph with the smallest predicted wall time.
///
/// Predictions choose, counting decides: the best stages are cut and their circuits counted, what was counted corrects the
/// predictions, and the search goes on until it finds the same stages again. A stage that turns out too large is excluded;
/// the others stay as they are.
struct CutSearch {
  let flow: Dataflow
  let request: PlanRequest
  /// The largest domains that keep the request's limits.
  let limits: PlanLimits
  private let costs: CostModel
  private let threads: Int
  private let strategy: CutStrategy
  private var predictor: SizePredictor
  private var counter: CircuitCounter
  private var traces: [[Tiling: ScanTrace]]
  private let isFine: Bool
  /// Steps before which a cut may stand although they are small.
  private var additionalCuts: Set<Int> = []
  let table: CostTable
  /// For every step the tiling of its stage in the last path that was counted.
  private(set) var makers: [Tiling?]
  /// For every step how many times its predicted size a tile with it must find room for.
  private var caution: [Double]
  private var excluded: Set<StagePath.Link> = []
  private var shelf = SliceShelf()
  /// The last cut that was counted; the next one mostly shares stages with it.
  private var last: CutGraph?
  /// The step whose smallest tile is largest.
  private var obstacle: (step: Int, size: CircuitSize)?
  /// The stage with most tiles of a path that had too many chunks.
  private var crowd: Stage?

  /// A second of key generation, which is done once for many proofs, counts as this much of a second.
  static let keyShare = 0.25
  /// A second of any worker counts as this much of a second of waiting.
  static let workShare = 0.1
  /// After every count that was over the limits, tiles with these steps must find room for this much more than predicted.
  static let strain = 0.08
  /// Times that a cut is mended where tiles were too large.
  static let repairs = 6
  /// Chunks for each worker that keep all of them busy to the end.
  static let plenty = 8
  /// Searches until the last one; few are needed unless predictions are far off.
  static let rounds = 16
  /// Searches until a fine one gives up: where nothing has been found by then, hardly anything will be.
  static let fineRounds = 6
  /// Chunks beyond which a fine search does not count: nobody would prove them.
  static let fineChunks = 1024
  /// Chunks beyond which no search counts: hours of proving, and minutes of planning.
  static let mostChunks = 16384
  /// Chunks beyond which a cut that keeps the limits is taken as it is.
  static let manyChunks = 2048
  /// A path that is predicted to take this many times the seconds of a cut that has been counted is not.
  static let hopeless = 1.25
  /// Stages that a fine search mends; where more are too large, other stages are better than more tiles.
  static let mendedStages = 8

  /// What searches of one graph have in common and leave to the next one.
  struct Ground {
    /// Predictions before anything has been learnt.
    let predictor: SizePredictor
    /// What tiles of stages are made of, by the cut at the end.
    var traces: [[Tiling: ScanTrace]] = []

    init(_ graph: IntegerGraph, request: PlanRequest) {
      predictor = SizePredictor(Dataflow(graph, limits: request.limits), request: request)
    }
  }

  /// - Parameters:
  ///   - ground: the graph, and what earlier searches have found out about it.
  ///   - counter: knows the circuits that have been counted.
  ///   - isFine: whether cuts may stand inside of steps that would otherwise stay together where these are too large.
  init(
    _ ground: Ground, _ counter: CircuitCounter, request: PlanRequest, costs: CostModel,
    strategy: CutStrategy, reluctance: Double, isFine: Bool = false, threads: Int
  ) {
    self.isFine = isFine
    flow = ground.predictor.flow
    self.request = request
    limits = request.limits.wholeDomains
    self.costs = costs
    self.strategy = strategy
    table = CostTable(costs, keyShare: Self.keyShare, reluctance: reluctance)
    predictor = ground.predictor
    traces = ground.traces
    makers = flow.steps.map { _ in nil }
    caution = flow.steps.map { _ in 1 }
    self.threads = threads
    self.counter = counter
  }

  /// Leaves what it has found out to the next search.
  func leave(_ ground: inout Ground, _ counter: inout CircuitCounter) {
    ground.traces = traces
    counter = self.counter
  }

  /// A cut that keeps the limits, its predicted seconds from exact sizes, and its number of proofs.
  struct Found {
    var cut: CutGraph
    var seconds: Double
    /// On-chain proofs; 0 without a target.
    var proofs = 0

    /// On chain every proof costs money, so fewer proofs come first.
    func isBetter(than other: Found) -> Bool {
      (proofs, seconds) < (other.proofs, other.seconds)
    }
  }

  /// The best cut found, nil if there is none.
  mutating func best() throws(CircuitError) -> Found? {
    guard strategy != .whole else { return try whole() }
    if isFine { try predictor.learnTables() }
    let initial = predictor
    var best: Found?
    var tried: Set<[Stage]> = []
    for round in 0..<(isFine ? Self.fineRounds : Self.rounds) {
      PlanningProgress.say("cutting: what \(flow.steps.count) steps take in tiles")
      let options = options()
      obstacle = options.cuts.indices.dropLast().max {
        options.smallest[$0].points < options.smallest[$1].points
      }.map { (step: options.cuts[$0 + 1] - 1, size: options.smallest[$0]) }
      let possible = paths(options)
      noteCrowd(possible)
      if isFine, possible.contains(where: { $0.stages.chunkCount > mostChunks }) { return best }
      let paths = possible.filter { tried.insert($0.stages).inserted && isPromising($0, best) }
      let repetitions =
        strategy == .cheapest
        ? repetitions(options).filter { tried.insert($0.stages).inserted } : []
      if paths.isEmpty, repetitions.isEmpty {
        guard best == nil, isFine, makers.contains(where: { $0 != nil }) else { return best }
        // What was learnt from cuts that came out too large need not hold for others.
        makers = flow.steps.map { _ in nil }
        predictor = initial
        continue
      }
      var experience = SizePredictor.Experience()
      var allFit = true
      for (place, path) in (paths + repetitions).enumerated() {
        let cut = try count(path.stages, &experience)
        let excess = excess(of: cut)
        // Stages that only were to repeat others say nothing about how far to trust predictions.
        for (link, excess) in zip(path.links, excess) where excess > 1 && place < paths.count {
          excluded.insert(link)
          for step in link.stage.steps { caution[step] += Self.strain }
          allFit = false
        }
        guard let found = try mended(cut, excess, &experience) else { continue }
        if best.map({ found.isBetter(than: $0) }) ?? true { best = found }
      }
      // Another look at so many chunks takes as long as the first, and seldom finds a better cut.
      if let best, best.cut.chunks.count > Self.manyChunks { return best }
      // What was right the first time is not worth improving for long.
      if best != nil, round >= (allFit ? 2 : 3) { return best }
      predictor.learn(experience)
    }
    return best
  }

  /// The options for stages; where not even a single run of steps between two cuts has one, its steps are taken apart.
  private mutating func options() -> StageOptions {
    while true {
      let options = StageOptions(
        predictor, limits: limits, costs: table, caution: caution, additionalCuts: additionalCuts,
        traces: &traces, threads: threads)
      guard isFine else { return options }
      let tooLarge = options.cuts.indices.dropLast().filter { options[$0..<$0 + 1].isEmpty }
      let inside = tooLarge.flatMap { options.cuts[$0] + 1..<options.cuts[$0 + 1] }
      guard !inside.isEmpty else { return options }
      additionalCuts.formUnion(inside)
    }
  }

  /// The graph as one circuit; nil where that does not keep the limits.
  private mutating func whole() throws(CircuitError) -> Found? {
    guard !flow.steps.isEmpty else { return nil }
    let stage = Stage(steps: 0..<flow.steps.count, tiling: .whole)
    let cut = try counter.cut(try TiledGraph(flow, stages: [stage]), stages: [stage])
    guard cut.keeps(request.limits) else { return nil }
    return Found(
      cut: cut, seconds: cut.seconds(costs, workers: request.workers), proofs: proofs(of: cut))
  }

  /// Cuts the graph into tiles and counts their circuits.
  private mutating func count(
    _ stages: [Stage], _ experience: inout SizePredictor.Experience
  ) throws(CircuitError) -> CutGraph {
    PlanningProgress.say("cutting: \(stages.count) stages, \(stages.chunkCount) chunks")
    let slices = shelf.slices(of: stages, in: flow, threads: threads)
    let tiled = try TiledGraph(flow, stages: stages, slices: slices, earlier: last?.tiled)
    let cut = try counter.cut(tiled, stages: stages, earlier: last)
    last = cut
    for circuit in cut.circuits {
      let chunk = circuit.chunks[0]
      predictor.add(
        cut.tiled.tiles[chunk], of: cut.tiled, chunk: cut.chunks[chunk], circuit: circuit,
        stages: stages, to: &experience)
    }
    for stage in stages { for step in stage.steps { makers[step] = stage.tiling } }
    return cut
  }

  /// For every stage how many times the limits its largest circuit needs.
  private func excess(of cut: CutGraph) -> [Double] {
    var excess = [Double](repeating: 0, count: cut.stages.count)
    for circuit in cut.circuits {
      for chunk in circuit.chunks {
        let stage = cut.tiled.tiles[chunk].stage
        excess[stage] = max(excess[stage], limits.excess(of: circuit))
      }
    }
    return excess
  }

  /// A cut whose circuits keep the limits: stages with too large tiles are divided further, all others stay as they are.
  private mutating func mended(
    _ cut: CutGraph, _ excess: [Double], _ experience: inout SizePredictor.Experience
  ) throws(CircuitError) -> Found? {
    var (cut, excess) = (cut, excess)
    if isFine, excess.count(where: { $0 > 1 }) > Self.mendedStages { return nil }
    for _ in 0..<Self.repairs where excess.contains(where: { $0 > 1 }) {
      var stages = cut.stages
      for (place, excess) in excess.enumerated() where excess > 1 {
        guard let finer = finer(stages[place], by: excess) else { return nil }
        stages[place] = finer
      }
      guard stages.chunkCount <= Self.mostChunks else { return nil }
      cut = try count(stages, &experience)
      excess = self.excess(of: cut)
    }
    guard cut.keeps(request.limits) else { return nil }
    return Found(
      cut: cut, seconds: cut.seconds(costs, workers: request.workers), proofs: proofs(of: cut))
  }

  /// The same steps in enough more tiles that each should be smaller by a factor; nil if there is no such tiling.
  private func finer(_ stage: Stage, by factor: Double) -> Stage? {
    let shape = flow.graph.tensors[flow.operation(stage.steps.upperBound - 1).output].shape
    let wanted = (Double(stage.tiling.count) * max(1.15, 0.02 + factor)).rounded(.up)
    let count = Tiling.counts(for: shape, axis: stage.tiling.axis).first { Double($0) >= wanted }
    return count.map {
      Stage(steps: stage.steps, tiling: Tiling(axis: stage.tiling.axis, count: $0))
    }
  }

  /// Predicted wall seconds of chunks, given as circuits with domains, instances and the number of such circuits.
  static func seconds(
    _ work: [(domains: CostModel.Domains, instances: Int, circuits: Int)], _ costs: CostModel,
    workers: Int
  ) -> Double {
    var (jobs, keys) = ([Double](), 0.0)
    let share = costs.shareSeconds(CostModel.Domains(batch: work.map(\.domains)))
    for (domains, instances, circuits) in work {
      jobs += [Double](repeating: costs.instanceSeconds(domains), count: instances)
      jobs += [Double](repeating: costs.matrixSeconds(domains), count: circuits)
      keys += Double(circuits) * costs.indexSeconds(domains)
    }
    let all = jobs.reduce(share * Double(workers), +)
    return share + Makespan.seconds(of: jobs, workers: workers)
      + (keyShare * keys + workShare * all) / Double(workers)
  }

  // MARK: - Candidates

  /// Paths worth counting: off chain the best one alone, on chain all of which some may need the fewest proofs.
  ///
  /// Smaller domains than the limits allow are worth it where they give every worker something to do.
  private func paths(_ options: StageOptions) -> [StagePath] {
    guard strategy == .cheapest else {
      let path = StagePath.greedy(options, limits: limits, costs: table, makers: makers)
      return path.map { [$0] } ?? []
    }
    var found: [(path: StagePath, seconds: Double)] = []
    let highest = Int.bitWidth - max(limits.constraints, limits.variables).leadingZeroBitCount
    for level in (8...max(8, highest)).reversed() {
      let path = StagePath.cheapest(
        options, upTo: level, limits: limits, costs: table, makers: makers, excluded: excluded)
      guard let path else { break }
      found.append((path, Self.seconds(path.work, costs, workers: request.workers)))
      if request.target == nil, path.stages.chunkCount >= Self.plenty * request.workers { break }
    }
    guard request.target != nil, request.aggregation == .batch else {
      return found.min { $0.seconds < $1.seconds }.map { [$0.path] } ?? []
    }
    return found.map(\.path)
  }

  private var mostChunks: Int { isFine ? Self.fineChunks : Self.mostChunks }

  /// Takes note of what has more tiles than anybody would prove.
  private mutating func noteCrowd(_ paths: [StagePath]) {
    guard let path = paths.first(where: { $0.stages.chunkCount > mostChunks }) else { return }
    crowd = path.stages.max { $0.tiling.count < $1.tiling.count }
  }

  /// Whether a path may come out better than the best cut so far, and not too large to be counted.
  private func isPromising(_ path: StagePath, _ best: Found?) -> Bool {
    guard path.stages.chunkCount <= Self.mostChunks else { return false }
    guard let best, request.target == nil, strategy == .cheapest else { return true }
    let predicted = Self.seconds(path.work, costs, workers: request.workers)
    return predicted <= Self.hopeless * best.seconds
  }

  /// The error that says which operation stands in the way of a cut.
  var refusal: PlanError {
    if let crowd {
      return .tooManyChunks(
        operation: flow.operation(crowd.steps.upperBound - 1).name, tiles: crowd.tiling.count,
        most: mostChunks, limits: request.limits)
    }
    guard let obstacle else { return .doesNotFit(nil, limits: request.limits) }
    return .doesNotFit(
      PlanError.Obstacle(flow.operation(obstacle.step), obstacle.size), limits: request.limits)
  }
}
