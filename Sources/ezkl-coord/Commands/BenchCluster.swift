import AleoEZKL
import Console
import Coordinator
import Foundation
import Scaling

/// `bench cluster`: how proving grows with the workers that are there.
let benchClusterCommand = Command(
  "bench cluster", "Measures how proving a model grows with the workers of a cluster.",
  positionals: [Positional("MODEL", "the ONNX file")],
  options: [
    .value("input", "FILE", "the model's inputs, as for submit", required: true),
    .value("workers", "LIST", "numbers of workers, such as 1,2,4,8", required: true),
    .value("repeat", "N", "jobs with each number of workers, and with each of --keys (default: 1)"),
    .value("keys", "LIST", "cold: every key made anew; warm: keys known (default: cold,warm)"),
    .value("out", "DIR", "where report.html and report.json go (default: the working folder)"),
  ] + CommandOption.job.filter { $0.name != "workers" } + CommandOption.client,
  notes: [
    "Jobs with one worker after the other get the first of the live workers, by threads, memory and name; others are left to "
      + "whoever needs them, and other jobs keep their share: on a cluster that works the figures are of what is left.",
    "The report is written after every job. Ctrl-C cancels the job under way and leaves what was measured so far.",
    "Jobs are deleted from the coordinator when they have been measured.",
  ],
  examples: [
    (
      "bench cluster model.onnx --input input.json --workers 1,2,4,8 --to 10.0.0.5:9000",
      "speed-up, idle time and what limits"
    ),
    (
      "bench cluster model.onnx --input input.json --workers 4,8 --repeat 5 --keys warm --out scaling",
      "medians of five, with keys known"
    ),
  ],
  exitCodes: ExitCode.ofRuns
) { arguments in
  try reporting(arguments.jobFiles) {
    let counts = try arguments.numbers("workers", in: SubmitOptions.workerCounts)!
    let keys = try arguments.keys()
    let repetitions = try arguments.int("repeat", in: 1...1000) ?? 1
    let model = try existingFile(arguments.positionals[0], "model")
    let input = try existingFile(arguments.string("input")!, "--input")
    let options = try arguments.submitOptions(defaultWorkers: nil, countsWorkers: false)
    let folder = arguments.string("out") ?? "."
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    try checkWritable(folder + "/report.json")
    var bench = try ClusterBench(
      arguments, model: model, input: input, calibration: try arguments.quantizationFile(),
      options: options, counts: counts, folder: folder)
    let code = try bench.measure(keys: keys, repetitions: repetitions)
    try arguments.has("json") ? printJSON(bench.report) : printText(bench.report.text)
    return code
  }
}

extension Arguments {
  /// Kinds of keys with commas between; all unless given.
  func keys() throws(UsageError) -> [ScalingReport.Keys] {
    guard let text = string("keys") else { return ScalingReport.Keys.allCases }
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let keys = words.compactMap { ScalingReport.Keys(rawValue: String($0)) }
    guard keys.count == words.count, Set(keys).count == keys.count else {
      throw .invalidValue(name: "--keys", value: text, expected: "cold, warm or cold,warm")
    }
    return keys
  }
}

/// Jobs one after the other on parts of a cluster.
private struct ClusterBench {
  private(set) var report: ScalingReport
  private let client: JobClient
  private let model, input: URL
  private let calibration: URL?
  private let options: SubmitOptions
  private let counts: [Int]
  private let folder: String
  private let progress: JobProgress
  private let control = CancelControl()

  init(
    _ arguments: Arguments, model: URL, input: URL, calibration: URL?, options: SubmitOptions,
    counts: [Int], folder: String
  ) throws {
    (self.model, self.input, self.calibration) = (model, input, calibration)
    (self.options, self.folder) = (options, folder)
    client = try arguments.client()
    progress = JobProgress(json: false)
    let live = try client.workers().filter { $0.state == "live" }.sorted {
      (-$0.threads, $1.memoryBytes, $0.name, $0.id) < (-$1.threads, $0.memoryBytes, $1.name, $1.id)
    }
    self.counts = Set(counts).sorted().filter { $0 <= live.count }
    guard !self.counts.isEmpty else {
      throw CommandFailure(
        .failed, "\(live.count) workers are live, and the fewest asked for are \(counts.min()!)")
    }
    report = ScalingReport(
      model: model.lastPathComponent, coordinator: client.coordinator,
      version: try client.cluster().version, began: Date().timeIntervalSince1970,
      pool: live.prefix(self.counts.last!).map {
        JobTrace.Worker(id: $0.id, name: $0.name, threads: $0.threads, memory: $0.memoryBytes)
      }, unavailable: Set(counts).sorted().filter { $0 > live.count })
  }

  /// Runs all jobs; returns how the command ends.
  mutating func measure(keys: [ScalingReport.Keys], repetitions: Int) throws -> ExitCode {
    Interrupts.install { [control] in control.request($0) }
    for count in counts {
      for repetition in 1...repetitions {
        for kind in keys {
          progress.note(
            "\(count) workers, \(kind.rawValue) keys, \(repetition) of \(repetitions)")
          let run = try job(workers: count, kind)
          if let cause = control.cause {
            progress.finish()
            try write()
            return cause.exitCode
          }
          if let run { report.add(run) }
          try write()
        }
      }
    }
    progress.finish()
    report.isComplete = true
    try write()
    return .success
  }

  private func job(workers: Int, _ keys: ScalingReport.Keys) throws -> ScalingReport.Run? {
    var options = options
    options.workers = workers
    options.only = report.pool.prefix(workers).map(\.id)
    options.freshKeys = keys == .cold ? true : nil
    options.trace = true
    let began = ProcessInfo.processInfo.systemUptime
    let job = try client.submit(
      model: model, input: input, calibration: calibration, options: options)
    control.attach(client, job)
    let summary = try client.follow(job) { progress.show($0) }
    let wall = ProcessInfo.processInfo.systemUptime - began
    guard summary.stage == .done else {
      if control.cause != nil {
        // What was measured for nothing need not stay.
        try? client.delete(job)
        return nil
      }
      throw CoordinatorError.jobFailed(
        id: job, reason: summary.detail, code: summary.failure)
    }
    let trace = try client.trace(of: job)
    let plan = try JSONDecoder().decode(PlanReport.self, from: client.plan(of: job))
    try client.delete(job)
    return ScalingReport.Run(
      workers: workers, keys: keys, wall: wall, chunks: plan.chunks.count,
      circuits: plan.circuits.count, trace: trace)
  }

  private func write() throws {
    try writeAtomically(
      Data(JSONOutput.text(report, oneLine: true).utf8), to: folder + "/report.json")
    try writeAtomically(Data(report.page.utf8), to: folder + "/report.html")
  }
}
