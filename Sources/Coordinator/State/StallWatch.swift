/// Finds tasks whose worker is alive and does not answer: a pure clock over open requests.
///
/// A lease tells that a worker is silent; this tells that it is stuck. The patience is far above any
/// prediction, so that a slow or busy worker is never taken for a stuck one: 15 minutes, and a hundred
/// times the predicted seconds of the task.
package struct StallWatch: Sendable {
  /// The least time that a worker gets for one answer, in seconds.
  package static let leastPatience: Double = 900
  /// How often the predicted time of a whole task a worker gets for one answer.
  package static let costFactor: Double = 100

  private var open: [TaskID: (since: Double, patience: Double)] = [:]

  /// A watch over nothing.
  package init() {}

  /// A worker was asked for something of a task that is predicted to take `cost` seconds in all.
  package mutating func asked(_ task: TaskID, cost: Double, at now: Double) {
    open[task] = (now, max(Self.leastPatience, Self.costFactor * cost))
  }

  /// The worker answered, or the task is nobody's any more.
  package mutating func settled(_ task: TaskID) { open[task] = nil }

  /// The tasks whose time is over, oldest first; each is reported once.
  package mutating func stalled(at now: Double) -> [TaskID] {
    let late = open.filter { now - $0.value.since > $0.value.patience }.keys.sorted()
    for task in late { open[task] = nil }
    return late
  }
}
