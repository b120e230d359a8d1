/// What lasts between requests over HTTP.
final class WebState: Sendable {
  /// Uploads that wait for a job.
  let held: HeldUploads
  /// Submissions with keys that are under way.
  let underWay = RequestsUnderWay()
  /// Requests that wait for planning or for their turn.
  let waiting = RequestPlaces(
    for: "requests of one token that wait", limit: RequestPlaces.waiting)
  /// Requests whose body is on its way.
  let bodies = RequestPlaces(
    for: "requests of one token with a body under way", limit: RequestPlaces.bodies)
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
