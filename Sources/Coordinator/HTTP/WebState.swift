/// What lasts between requests over HTTP.
final class WebState: Sendable {
  /// Uploads that wait for a job.
  let held: HeldUploads
  /// Submissions with keys that are under way.
  let underWay = RequestsUnderWay()
  /// What jobs published of late.
  let events = EventLog()
  /// Which steps jobs went through.
  let steps = StepLog()

  init(core: Core) {
    held = HeldUploads(core.uploads)
    core.followers.watch { [events, steps] in
      events.note($0)
      steps.note($0, at: Core.wallClock)
    }
  }
}
