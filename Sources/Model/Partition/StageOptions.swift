import Algebra
import Circuit

/// One way to prove a run of steps: its tiling, and what the largest of its tiles is predicted to take.
struct StageOption {
  let stage: Stage
  /// What the steps of a tile take, and handing on what they make.
  let made: CircuitSize
  /// What the tile reads.
  let reads: [ReadingCost]
  /// Distinct circuits among the tiles.
  let circuits: Int
  /// How many times its predicted size a tile must find room for: more where that has been too little before.
  let caution: Double

  /// The size of a tile if nothing that it reads is cut into pieces.
  var size: CircuitSize {
    reads.reduce(made) { $0 + $1.size(after: .whole) }
  }

  /// The size of a tile after a certain stage.
  /// - Parameter makers: for every step the tiling that its stage is believed to have, if it is another one.
  func size(after before: Stage, makers: [Tiling?]) -> CircuitSize {
    reads.reduce(made) { size, cost in
      let isKnown = cost.maker < 0 || before.steps.contains(cost.maker)
      return size + cost.size(after: isKnown ? before.tiling : makers[cost.maker] ?? before.tiling)
    }
  }

  /// Seconds of one core for the proofs of all tiles of this size, and a share of those for the keys.
  func seconds(_ size: CircuitSize, _ costs: CostTable) -> Double {
    let tile = costs[size]
    return Double(stage.tiling.count) * tile.instance + Double(circuits) * tile.circuit
  }
}

/// For runs of steps the cheapest tilings that keep the limits.
///
/// For each place where a stage may end and each tiling, two neighbouring tiles are sliced backwards step by step until they
/// get too large; every beginning passed on the way is an option. That takes time in proportion to steps times tilings
/// times the number of steps that fit a chunk, not to the square of the steps.
struct StageOptions {
  /// Steps before which a cut may stand, 0 and the number of steps included.
  let cuts: [Int]
  /// By the cut at the end, then by number of cuts passed less one.
  private let byEnd: [[[StageOption]]]
  /// For every cut but the first the smallest size that the steps before it, back to the last cut, were predicted to have.
  let smallest: [CircuitSize]

  /// Stages over more cuts are not looked at.
  static let longest = 96

  /// The options from one cut to another.
  subscript(segment: Range<Int>) -> [StageOption] {
    let ends = byEnd[segment.upperBound]
    return segment.count <= ends.count ? ends[segment.count - 1] : []
  }

  /// - Parameters:
  ///   - caution: for every step how many times its predicted size a tile with it must find room for.
  ///   - additionalCuts: where cuts may stand beside the usual ones.
  ///   - traces: what earlier searches of the same graph have found out, by the cut at the end.
  init(
    _ predictor: SizePredictor, limits: PlanLimits, costs: CostTable, caution: [Double],
    additionalCuts: Set<Int>, traces: inout [[Tiling: ScanTrace]], threads: Int
  ) {
    let cuts = additionalCuts.union(Self.cuts(predictor, limits: limits)).sorted()
    // Other cuts, other traces.
    let known = traces.count == cuts.count - 1 ? traces : cuts.dropFirst().map { _ in [:] }
    let found = Parallel.map(cuts.count - 1, threads: threads) { place in
      StagesEndingAt(
        place + 1, of: cuts, predictor: predictor, limits: limits, costs: costs, caution: caution,
        traces: known[place])
    }
    traces = found.map(\.traces)
    self.cuts = cuts
    byEnd = [[]] + found.map(\.options)
    smallest = found.map(\.smallest)
  }

  /// Many small steps stay together: a cut stands where the steps since the last one, or the next step, are worth it.
  private static func cuts(_ predictor: SizePredictor, limits: PlanLimits) -> [Int] {
    let count = predictor.flow.steps.count
    guard count > 2 * longest else { return Array(0...count) }
    let sizes = predictor.wholeSizes
    var cuts = [0]
    var sum = 0.0
    for step in 0..<count {
      if step > cuts[cuts.count - 1], max(sum, sizes[step]) >= Double(limits.constraints) / 128 {
        cuts.append(step)
        sum = 0
      }
      sum += sizes[step]
    }
    return cuts + [count]
  }
}

/// The options for stages with a common end: for every beginning, axis and size of domains the cheapest.
private struct StagesEndingAt {
  private(set) var options: [[StageOption]] = []
  private(set) var smallest = CircuitSize(constraints: 1e15, variables: 1e15, nonzeros: 1e15)

  private let predictor: SizePredictor
  private let limits: PlanLimits
  private let costs: CostTable
  private let caution: [Double]
  private let cuts: [Int]
  private(set) var traces: [Tiling: ScanTrace]

  init(
    _ place: Int, of cuts: [Int], predictor: SizePredictor, limits: PlanLimits, costs: CostTable,
    caution: [Double], traces: [Tiling: ScanTrace]
  ) {
    self.traces = traces
    (self.predictor, self.limits, self.costs) = (predictor, limits, costs)
    self.caution = caution
    self.cuts = Array(cuts[max(0, place - StageOptions.longest)...place])
    let end = cuts[place]
    let flow = predictor.flow
    let shape = flow.graph.tensors[flow.operation(end - 1).output].shape
    let axes = shape.indices.filter { shape[$0] > 1 }
    for (number, axis) in (axes.isEmpty ? [0] : axes).enumerated() {
      let counts = Tiling.counts(for: shape, axis: axis)
      for count in counts where number == 0 || count > 1 {
        if scan(end, Tiling(axis: axis, count: count)).isFineEnough { break }
      }
    }
  }

  /// How far a scan came.
  private struct Reach {
    /// What the shortest stage takes of a tile, with what it reads; nil if not even that was passed.
    var shortest: CircuitSize?
    /// The level of the longest stage, if all of its steps were passed.
    var level: Int?
    let limits: PlanLimits

    /// Whether no finer tiling is worth a look: long stages would be small, or tiles would hold next to nothing.
    var isFineEnough: Bool {
      level.map { $0 <= 11 } ?? false
        || shortest.map {
          256 * $0.constraints < Double(limits.constraints)
            && 256 * $0.nonzeros < Double(limits.nonzeros)
        } ?? false
    }
  }

  /// Goes backwards from the end, recording every beginning that keeps the limits.
  private mutating func scan(_ end: Int, _ tiling: Tiling) -> Reach {
    let flow = predictor.flow
    var trace = traces.removeValue(forKey: tiling) ?? ScanTrace(flow, end: end, tiling: tiling)
    defer {
      trace.rest()
      traces[tiling] = trace
    }
    var made = [CircuitSize](repeating: CircuitSize(), count: trace.tiles.count)
    var caution = 1.0
    var reach = Reach(limits: limits)
    let first = cuts[0]
    var passed = 0
    for start in (first..<end).reversed() {
      let output = flow.operation(start).output
      let isCut = start == cuts[cuts.count - 2 - passed]
      let step = trace.step(end - 1 - start, predictor, isCut: isCut)
      caution = max(caution, self.caution[start])
      for (index, part) in step.parts.enumerated() {
        guard let part else { continue }
        made[index] += predictor.size(part.guesses)
        if part.handedOn > 0 {
          made[index] += predictor.size(writing: output, elements: part.handedOn)
        }
      }
      guard made.allSatisfy({ limits.hold($0, caution: caution) }) else {
        if passed == 0 { note(made.max { $0.points < $1.points }!) }
        break
      }
      guard isCut else { continue }
      passed += 1
      let largest = made.indices.map { index in
        StageOption(
          stage: Stage(steps: start..<end, tiling: tiling), made: made[index],
          reads: step.reads[index].map(predictor.cost), circuits: step.circuits, caution: caution)
      }.max { $0.size.points < $1.size.points }!
      let size = largest.size
      if passed == 1 {
        reach.shortest = size
        note(size)
      }
      guard limits.hold(size, caution: caution) else { continue }
      if start == first { reach.level = size.level }
      record(largest, size, passed)
    }
    return reach
  }

  /// Takes note of what the shortest stage needs, or the part of it that was too much already.
  private mutating func note(_ size: CircuitSize) {
    if size.points < smallest.points { smallest = size }
  }

  private mutating func record(_ option: StageOption, _ size: CircuitSize, _ passed: Int) {
    while options.count < passed { options.append([]) }
    let (axis, level) = (option.stage.tiling.axis, size.level)
    let place = options[passed - 1].firstIndex {
      $0.stage.tiling.axis == axis && $0.size.level == level
    }
    guard let place else { return options[passed - 1].append(option) }
    let known = options[passed - 1][place]
    if option.seconds(size, costs) < known.seconds(known.size, costs) {
      options[passed - 1][place] = option
    }
  }
}
