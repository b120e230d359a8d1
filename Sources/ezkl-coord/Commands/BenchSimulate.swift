import Console
import Coordinator
import Foundation
import Scaling

/// `bench simulate`: what more workers would do.
let benchSimulateCommand = Command(
  "bench simulate", "Plays the jobs of a scaling report on clusters that are not there.",
  options: [
    .value("trace", "FILE", "the report.json of 'bench cluster'", required: true),
    .value("workers", "LIST", "numbers of workers, such as 16,64,256,1024", required: true),
    .value("keys", "LIST", "cold: every key made; warm: keys known (default: cold,warm)"),
    .value("threads", "N", "threads of each worker (default: as measured)"),
    .value("memory", "SIZE", "memory of each worker, such as 4G (default: as measured)"),
    .value(
      "rtt", "TIME", "to a worker and back, such as 5ms (default: the shortest measured answer)"),
    .value("rate", "RATE", "of each worker's line, such as 100mbit (default: without bound)"),
    .value(
      "calibrate", "LIST", "take costs from runs with these numbers of workers only (default: all)"),
    .json,
  ],
  notes: [
    "Who gets which task is decided by the coordinator's own code; tasks, messages and the coordinator's work take what was "
      + "measured. Plans are those of the report: of those cut for no more workers, the one for most.",
    "Where the report has runs with as many workers, they stand beside the simulation. Equal reports give equal answers.",
  ],
  examples: [
    (
      "bench simulate --trace report.json --workers 16,64,256,1024 --rtt 5ms --rate 100mbit",
      "would more machines help?"
    ),
    (
      "bench simulate --trace report.json --workers 1,2,4,8 --calibrate 2",
      "how far the simulation is from what was measured"
    ),
  ],
  exitCodes: [.badInput]
) { arguments in
  let file = try existingFile(arguments.string("trace")!, "--trace")
  guard
    let report = try? JSONDecoder().decode(ScalingReport.self, from: Data(readBytes(file))),
    report.format == ScalingReport.format, report.runs.allSatisfy(\.trace.isSound)
  else {
    throw CommandFailure(.badInput, "'\(file.path)' is no report of 'bench cluster'")
  }
  var question = SimulationReport.Question(
    workers: try arguments.numbers("workers", in: SubmitOptions.workerCounts)!,
    keys: try arguments.keys())
  question.threads = try arguments.int("threads", in: 1...1024)
  question.memory = try arguments.bytes("memory").map(UInt64.init)
  question.calibration = try arguments.numbers("calibrate", in: SubmitOptions.workerCounts)
    .map { Set($0) }
  question.roundTrip = try arguments.link(
    "rtt", "a time such as 5ms, 500us or 0", LinkUnits.seconds)
  question.rate = try arguments.link("rate", "a rate such as 100mbit", LinkUnits.bytesPerSecond)
  guard let answer = SimulationReport(report, question) else {
    throw CommandFailure(.badInput, "'\(file.path)' has no run that costs could be taken from")
  }
  try arguments.has("json") ? printJSON(answer) : printText(answer.text)
  return answer.lines.contains { $0.failure != nil } ? .failed : .success
}

extension Arguments {
  fileprivate func link(
    _ name: String, _ expected: String, _ parse: (String) -> Double?
  ) throws(UsageError) -> Double? {
    guard let text = string(name) else { return nil }
    guard let value = parse(text) else {
      throw .invalidValue(name: "--\(name)", value: text, expected: expected)
    }
    return value
  }
}
