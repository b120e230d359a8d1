/// How often a job's planning was begun and broke off; decides whether it may begin again. Pure.
package struct PlanningRecord: Equatable, Sendable {
  /// A job may break the planning process so often.
  package static let maximumBreaks = 2
  /// Attempts that ended with the coordinator itself, perhaps for no fault of the job, are forgiven so often.
  package static let maximumAttempts = 5

  /// Attempts whose end nobody saw: the coordinator went meanwhile.
  package var attempts: Int
  /// Attempts whose process ended without a result.
  package var breaks: Int
  /// Why the last process ended.
  package var fault: String?
  /// Computations for the job, after it was planned, that ended with the coordinator itself.
  package var computations: Int

  /// A job's record; nothing was begun yet unless given.
  package init(attempts: Int = 0, breaks: Int = 0, fault: String? = nil, computations: Int = 0) {
    self.attempts = attempts
    self.breaks = breaks
    self.fault = fault
    self.computations = computations
  }

  /// Why nothing must be computed for the job any more; nil where it may.
  package var burden: String? {
    if computations < Self.maximumAttempts { return nil }
    return "the coordinator itself ended \(computations) times while it computed for the job; "
      + "has it memory enough?"
  }

  /// Why planning must not begin again; nil where it may.
  package var verdict: String? {
    if breaks >= Self.maximumBreaks {
      return "\(breaks) attempts ended without a result; the last time \(fault ?? "it ended")"
    }
    if attempts >= Self.maximumAttempts {
      return "the coordinator itself ended \(attempts) times while the job was planned"
    }
    return nil
  }
}
