/// A place at the planning desk, as seen by what plans there.
struct PlanningPlace: Sendable {
  /// The place that this thread plans in; nil where it asked for none, as one that checks a key.
  @TaskLocal static var current: PlanningPlace?

  /// To be told when what plans was stopped because others have the memory, and when it goes on.
  let sleeps: @Sendable (Bool) -> Void
}
