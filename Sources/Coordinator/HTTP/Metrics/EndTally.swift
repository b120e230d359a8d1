import Synchronization

/// How many jobs ended since this process began, by how; fed with everything that jobs publish.
final class EndTally: Sendable {
  private let counts = Mutex<[JobStage: Int]>([:])

  /// A job published its progress; of every job the last one is final.
  func note(_ event: ProgressEvent) {
    if event.stage.isFinal { counts.withLock { $0[event.stage, default: 0] += 1 } }
  }

  /// All counts so far.
  var all: [JobStage: Int] { counts.withLock { $0 } }
}
