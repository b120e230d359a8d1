import Wire

/// One task on this worker, used by its own thread only.
package protocol TaskWork: AnyObject {
  /// Fetches and builds what the task needs; returns the result of a task that has no steps.
  func prepare() throws(TaskFault) -> [UInt8]?

  /// Answers a step of the lockstep rounds.
  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8]
}

/// Makes the work for a task.
package protocol TaskFactory: Sendable {
  /// The work; nothing is fetched or computed yet.
  func work(for kind: TaskKind, fetcher: ArtifactFetcher) -> any TaskWork
}
