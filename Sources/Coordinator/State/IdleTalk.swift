/// What one connection says that nobody asked for: how much of it is taken, and how many heartbeats are answered. Pure.
///
/// Such messages cost their sender nothing: thousands of them fit into one record. Now and then each is in order, as words cross
/// on the wire; who keeps sending them is better cut off.
package struct IdleTalk: Equatable, Sendable {
  /// Messages that are taken however fast they come.
  static let burst = 2000.0
  /// Messages per second beyond that.
  static let perSecond = 50.0

  private var heartbeats = RateMeter(capacity: 2, perSecond: 1)
  private var others = RateMeter(capacity: IdleTalk.burst, perSecond: IdleTalk.perSecond)

  /// What is done about a heartbeat.
  package enum Verdict: Equatable, Sendable {
    case answer
    /// It came soon after others: the answers to those say as much.
    case ignore
    case cut
  }

  /// Nothing was said.
  package init() {}

  /// A heartbeat came. Time is that of a clock that never goes back, in seconds.
  package mutating func heartbeat(at now: Double) -> Verdict {
    if heartbeats.take(at: now) { return .answer }
    return others.take(at: now) ? .ignore : .cut
  }

  /// Something else came that nobody asked for; false: it was too much.
  package mutating func take(at now: Double) -> Bool { others.take(at: now) }
}
