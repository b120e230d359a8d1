import Coordinator

/// What `bench cluster` measured: every run with its trace, and what follows from all of them.
package struct ScalingReport: Codable, Equatable, Sendable {
  /// The only format.
  package static let format = "ezkl-scaling/1"

  /// Whether verifying keys had to be made.
  package enum Keys: String, Codable, Sendable, CaseIterable {
    case cold
    case warm
  }

  /// One job.
  package struct Run: Codable, Equatable, Sendable {
    /// How many workers might have its tasks.
    package var workers: Int
    package var keys: Keys
    /// Seconds from the submission to the verified document, as the client saw them.
    package var wall: Double
    /// Chunks and circuits of its plan.
    package var chunks, circuits: Int
    package var figures: RunFigures
    package var trace: JobTrace

    /// Reads a trace.
    package init(
      workers: Int, keys: Keys, wall: Double, chunks: Int, circuits: Int, trace: JobTrace
    ) {
      (self.workers, self.keys, self.wall) = (workers, keys, wall)
      (self.chunks, self.circuits, self.trace) = (chunks, circuits, trace)
      figures = RunFigures(trace)
    }
  }

  /// The medians of all runs with as many workers and the same keys.
  package struct Line: Codable, Equatable, Sendable {
    package var workers: Int
    package var keys: Keys
    package var runs: Int
    package var chunks, circuits: Int
    /// Seconds of the client, and between what least and most they were.
    package var wall, least, most: Double
    /// Times as fast as the line with fewest workers and the same keys, and that divided by how many times as many there
    /// are.
    package var speedUp, efficiency: Double
    package var planning, indexing, proving, verifying: Double
    /// Processor seconds of the coordinator.
    package var coordinatorCPU: Double
    /// The part of the workers' time between planning and the document that they were busy.
    package var busy: Double
    /// Bytes of requests and answers, for one worker.
    package var roundBytesPerWorker: Double
    /// Workers that got no task: the plan has too few.
    package var withoutTask: Int
  }

  package var format = Self.format
  /// The model's file name.
  package var model: String
  /// The coordinator's address and version.
  package var coordinator, version: String
  /// When it was measured, in seconds since 1970.
  package var began: Double
  /// The workers in the order in which runs take them.
  package var pool: [JobTrace.Worker]
  /// Numbers of workers that were asked for and are not there.
  package var unavailable: [Int]
  /// Whether all runs were made that were asked for.
  package var isComplete = false
  package private(set) var runs: [Run] = []
  package private(set) var lines: [Line] = []
  /// Amdahl's law through the lines of one kind; nil with fewer than two numbers of workers.
  package private(set) var coldFit, warmFit: AmdahlFit?
  /// What limits now, in a sentence; empty without runs.
  package private(set) var limit = ""

  /// Nothing was measured yet.
  package init(
    model: String, coordinator: String, version: String, began: Double, pool: [JobTrace.Worker],
    unavailable: [Int]
  ) {
    (self.model, self.coordinator, self.version) = (model, coordinator, version)
    (self.began, self.pool, self.unavailable) = (began, pool, unavailable)
  }

  /// Takes one more run in.
  package mutating func add(_ run: Run) {
    runs.append(run)
    lines = []
    for keys in Keys.allCases {
      let own = runs.filter { $0.keys == keys }
      let counts = Set(own.map(\.workers)).sorted()
      var first: Line?
      for count in counts {
        var line = Self.line(own.filter { $0.workers == count })
        let base = first ?? line
        first = base
        line.speedUp = line.wall > 0 ? base.wall / line.wall : 0
        line.efficiency = line.speedUp * Double(base.workers) / Double(count)
        lines.append(line)
      }
    }
    coldFit = fit(.cold)
    warmFit = fit(.warm)
    limit = Limit.sentence(runs) ?? ""
  }

  /// The lines of one kind.
  package func lines(_ keys: Keys) -> [Line] { lines.filter { $0.keys == keys } }

  /// The run with most workers, warm where there is one: what limits is seen best in it.
  package var widest: Run? { Limit.widest(runs) }

  private func fit(_ keys: Keys) -> AmdahlFit? {
    AmdahlFit(lines(keys).map { ($0.workers, $0.wall) })
  }

  private static func line(_ runs: [Run]) -> Line {
    func middle(_ value: (Run) -> Double) -> Double { median(runs.map(value)) }
    let sample = runs[0]
    return Line(
      workers: sample.workers, keys: sample.keys, runs: runs.count, chunks: sample.chunks,
      circuits: sample.circuits, wall: middle(\.wall), least: runs.map(\.wall).min() ?? 0,
      most: runs.map(\.wall).max() ?? 0, speedUp: 1, efficiency: 1,
      planning: middle { $0.figures.seconds(.planning) },
      indexing: middle { $0.figures.seconds(.indexing) },
      proving: middle { $0.figures.seconds(.proving) },
      verifying: middle { $0.figures.seconds(.verifying) },
      coordinatorCPU: middle { $0.trace.marks.last?.cpuSeconds ?? 0 },
      busy: middle { run in
        let window = run.trace.window
        let all = (window.to - window.from) * Double(run.workers)
        return all > 0 ? run.figures.workers.reduce(0) { $0 + $1.busy } / all : 0
      },
      roundBytesPerWorker: middle { run in
        Double(run.figures.workers.reduce(0) { $0 + $1.roundBytes }) / Double(max(1, run.workers))
      }, withoutTask: max(0, sample.workers - sample.trace.workers.count))
  }
}

/// The middle of some numbers, of two the mean; 0 of none.
package func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return 0 }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
