/// How urgent a job is; a job of the next class gets four times as much of what is scarce.
public enum JobPriority: String, Codable, Sendable, CaseIterable {
  /// When nobody else wants the workers.
  case low
  /// Unless something else is asked for.
  case normal
  /// Before others.
  case high

  /// Its part of what is scarce, beside others'.
  package var weight: Double {
    switch self {
    case .low: 1
    case .normal: 4
    case .high: 16
    }
  }
}

/// Whose a job is and how urgent: what decides when its work is done.
package struct JobTurn: Equatable, Sendable {
  /// Whose it is; owners share the workers evenly, then their jobs do.
  package let owner: String
  package let priority: JobPriority
  /// Grows with the time of submission.
  package let number: Int
  /// The workers that may have its tasks; nil: all.
  package let only: Set<WorkerID>?

  /// A job's turn.
  package init(
    owner: String, priority: JobPriority = .normal, number: Int = 0, only: Set<WorkerID>? = nil
  ) {
    self.owner = owner
    self.priority = priority
    self.number = number
    self.only = only
  }

  /// Whether a worker may have its tasks.
  package func admits(_ worker: WorkerID) -> Bool { only?.contains(worker) ?? true }
}
