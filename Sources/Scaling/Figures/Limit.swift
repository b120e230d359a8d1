import Coordinator

/// What limits a run, in one sentence.
enum Limit {
  /// The run with most workers, warm where there is one of so many; the middle one by wall time.
  static func widest(_ runs: [ScalingReport.Run]) -> ScalingReport.Run? {
    guard let most = runs.map(\.workers).max() else { return nil }
    let widest = runs.filter { $0.workers == most }
    let warm = widest.filter { $0.keys == .warm }
    let candidates = (warm.isEmpty ? widest : warm).sorted { $0.wall < $1.wall }
    return candidates[(candidates.count - 1) / 2]
  }

  /// The largest part of what the widest run had to wait for; nil without runs.
  static func sentence(_ runs: [ScalingReport.Run]) -> String? {
    guard let run = widest(runs) else { return nil }
    let totals = CriticalPath.totals(run.figures.critical)
    let all = totals.reduce(0) { $0 + $1.seconds }
    guard let (cause, seconds) = totals.first, all > 0 else { return nil }
    let workers = run.workers == 1 ? "1 worker" : "\(run.workers) workers"
    let part = Int((100 * seconds / all).rounded())
    return "With \(workers) and \(run.keys.rawValue) keys, \(part) % of \(decimal(all)) s "
      + words(cause, run)
  }

  private static func words(_ cause: CriticalPath.Segment.Cause, _ run: ScalingReport.Run)
    -> String
  {
    let chunks = run.chunks == 1 ? "is 1 chunk" : "are \(run.chunks) chunks"
    let circuits = run.circuits == 1 ? "1 circuit" : "\(run.circuits) circuits"
    let idle = "; there \(chunks) of \(circuits) to divide."
    switch cause {
    case .turn: return "is waiting for the job's turn: the cluster has other work."
    case .planning: return "is planning at the coordinator, which more workers do not shorten."
    case .key: return "is waiting for one verifying key after the other" + idle
    case .instances: return "is waiting for the slowest share of instances of every round" + idle
    case .matrix:
      return "is waiting for the slowest share of matrices of every round, one for each circuit"
        + idle
    case .bytes: return "is waiting for artifacts on their way to workers."
    case .coordinator:
      return "is the coordinator's own work between rounds, on keys and on the document."
    }
  }
}

/// A number with so many digits after the point, in every locale the same.
package func decimal(_ value: Double, _ digits: Int = 1) -> String {
  guard value.isFinite else { return "–" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let whole = Int(scaled) / Int(scale)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(whole)" }
  let rest = String(Int(scaled) % Int(scale))
  return "\(sign)\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
}
