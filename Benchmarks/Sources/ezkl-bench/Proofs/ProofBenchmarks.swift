import Algebra
import Profiling
import Varuna

/// Index, prove per step and verify, on synthetic circuits with full-size values.
enum ProofBenchmarks {
  static func run(into report: inout Report, logSizes: [Int], threads: Int) throws {
    guard let largest = logSizes.max() else { return }
    let srs = SRS.development(seed: "benchmark", degree: 1 << largest, threads: threads)
    for log in logSizes { try run(into: &report, log: log, srs: srs, threads: threads) }
  }

  private static func run(into report: inout Report, log: Int, srs: SRS, threads: Int) throws {
    let circuit = SyntheticCircuit(.square(log2: log)).circuit
    var session = ProofSession([.init(circuit)], srs: srs, threads: threads)
    try report.measure("index", "verifying key", logSize: log, runs: 1) { try session.index() }
    try report.measure("prove", "whole proof", logSize: log, runs: 3) { try session.prove() }
    for (share, step) in session.steps {
      let points = step.sizes(.multiScalar).reduce(0, +)
      report.add(
        "prove", "\(share), step \(step.step.rawValue) \(step.step.name), \(points) points",
        logSize: log, seconds: step.seconds, runs: 1)
    }
    try report.measure("verify", "one instance", logSize: log, runs: 5) { try session.verify() }
  }
}
