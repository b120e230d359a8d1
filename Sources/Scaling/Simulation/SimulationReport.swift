import Console
import Coordinator

/// What `bench simulate` found.
package struct SimulationReport: Codable, Equatable, Sendable {
  /// One number of workers.
  package struct Line: Codable, Equatable, Sendable {
    package var workers: Int
    package var keys: ScalingReport.Keys
    /// For how many workers the plan was cut that was played.
    package var planWorkers: Int
    /// Seconds from submission to the verified document at the coordinator.
    package var wall: Double
    /// Against the line with fewest workers and the same keys.
    package var speedUp, efficiency: Double
    package var planning, indexing, proving: Double
    /// The part of the workers' time between planning and the document that they were busy.
    package var busy: Double
    /// Workers that got no task.
    package var withoutTask: Int
    /// What most of the time was waited for.
    package var limit: CriticalPath.Segment.Cause?
    /// Tasks and workers that the scheduler looked at.
    package var looks: Int
    /// The median of what was measured with as many workers, and how much longer the simulation takes than that, as a part
    /// of it; nil where nothing was.
    package var measured, difference: Double?
    /// Why it did not end well; nil: it did.
    package var failure: String?
  }

  /// What is asked of a simulation.
  package struct Question: Equatable, Sendable {
    package var workers: [Int]
    package var keys: [ScalingReport.Keys]
    /// Threads and memory of each; nil: the median of the measured workers'.
    package var threads: Int?
    package var memory: UInt64?
    /// Seconds to a worker and back; nil: the shortest that an answer took.
    package var roundTrip: Double?
    /// Bytes per second of a worker's line; nil: without bound.
    package var rate: Double?
    /// Only runs with these numbers of workers tell the costs; nil: all.
    package var calibration: Set<Int>?

    /// Asks about numbers of workers.
    package init(workers: [Int], keys: [ScalingReport.Keys] = ScalingReport.Keys.allCases) {
      (self.workers, self.keys) = (workers, keys)
    }
  }

  package var format = "ezkl-simulation/1"
  package var model: String
  package var threads: Int
  package var roundTrip: Double
  package var rate: Double?
  package var lines: [Line]

  /// Plays the report's jobs on clusters that are not there; nil where the report has no run that can tell costs.
  package init?(_ report: ScalingReport, _ question: Question) {
    let told = report.runs.filter { question.calibration?.contains($0.workers) ?? true }
    let plans = Workload.list(report.runs)
    guard !told.isEmpty, !plans.isEmpty else { return nil }
    model = report.model
    threads =
      question.threads
      ?? max(1, Int(median(told.flatMap(\.trace.workers).map { Double($0.threads) }).rounded()))
    roundTrip = question.roundTrip ?? told.compactMap(\.figures.leastAnswer).min() ?? 0
    rate = question.rate
    let memory =
      question.memory
      ?? UInt64(max(0, median(told.flatMap(\.trace.workers).map { Double($0.memory) })))
    lines = []
    for keys in question.keys {
      // Cold runs have the keys, warm ones the steadier rounds; where one kind is missing the other has to do.
      let own = told.filter { $0.keys == keys }
      let costs = MeasuredCosts(keys == .cold || own.isEmpty ? told : own)
      var first: Line?
      for count in question.workers.sorted() {
        guard let plan = Workload.best(of: plans, for: count) else { continue }
        let cluster = SimulatedCluster(
          workers: count, threads: threads, memory: memory, roundTrip: roundTrip, rate: rate)
        let outcome = Simulator.run(plan, costs, on: cluster, keys: keys)
        var line = Self.line(outcome, keys, plan, count)
        let base = first ?? line
        first = base
        line.speedUp = line.wall > 0 ? base.wall / line.wall : 0
        line.efficiency = line.speedUp * Double(base.workers) / Double(count)
        let measured = report.runs.filter { $0.workers == count && $0.keys == keys }
        if !measured.isEmpty, line.failure == nil {
          let wall = median(measured.map(\.figures.wall))
          (line.measured, line.difference) = (wall, line.wall / wall - 1)
        }
        lines.append(line)
      }
    }
  }

  private static func line(
    _ outcome: Simulator.Outcome, _ keys: ScalingReport.Keys, _ plan: Workload, _ count: Int
  ) -> Line {
    let figures = RunFigures(outcome.trace)
    let window = outcome.trace.window
    let all = (window.to - window.from) * Double(count)
    return Line(
      workers: count, keys: keys, planWorkers: plan.workers, wall: figures.wall, speedUp: 1,
      efficiency: 1, planning: figures.seconds(.planning), indexing: figures.seconds(.indexing),
      proving: figures.seconds(.proving),
      busy: all > 0 ? figures.workers.reduce(0) { $0 + $1.busy } / all : 0,
      withoutTask: figures.workers.count { $0.answers == 0 },
      limit: CriticalPath.totals(figures.critical).first?.cause, looks: outcome.looks,
      failure: outcome.failure)
  }

  /// The table for people.
  package var text: String {
    var table = Table([
      .number("workers"), .text("keys"), .number("plan for"), .number("wall s"),
      .number("speed-up"), .number("efficiency"), .number("plan s"), .number("keys s"),
      .number("proof s"), .number("busy"), .number("without task"), .text("waits most for"),
      .number("measured s"), .number("difference"),
    ])
    for line in lines {
      table.add([
        "\(line.workers)", line.keys.rawValue, "\(line.planWorkers)",
        line.failure == nil ? decimal(line.wall, 2) : "–", decimal(line.speedUp, 2),
        percent(line.efficiency), decimal(line.planning, 2), decimal(line.indexing, 2),
        decimal(line.proving, 2), percent(line.busy), "\(line.withoutTask)",
        line.failure ?? line.limit?.rawValue ?? "", line.measured.map { decimal($0, 2) } ?? "",
        line.difference.map { ($0 > 0 ? "+" : "") + percent($0) } ?? "",
      ])
    }
    let speed = rate.map { ", \(decimal($0 / 125e3, 1)) Mbit/s each" } ?? ""
    return table.rendered()
      + "workers of \(threads) threads, \(decimal(1000 * roundTrip, 1)) ms away\(speed); "
      + "plans as measured, costs as measured\n"
  }
}
