import Wire

/// One task on this worker, used by its own thread only where it does not say otherwise.
package protocol TaskWork: AnyObject {
  /// Fetches and builds what the task needs; returns the result of a task that has no steps.
  func prepare() throws(TaskFault) -> [UInt8]?

  /// Answers a step of the lockstep rounds.
  func answer(step: UInt8, payload: [UInt8]) throws(TaskFault) -> [UInt8]

  /// Nobody waits for the task any more; comes from any thread, once, while the task's own may be computing.
  func abandon()
}

/// Makes the work for a task.
package protocol TaskFactory: Sendable {
  /// The work; nothing is fetched or computed yet.
  func work(for kind: TaskKind, fetcher: ArtifactFetcher) -> any TaskWork
}
