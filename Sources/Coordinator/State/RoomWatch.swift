/// Finds groups that cannot go on because a share of theirs fits no worker: a pure clock.
///
/// Groups are placed whole, but when a worker leaves, what it held needs room elsewhere. Groups that wait for each other's
/// memory would wait for ever; so after a while every blocked group but the oldest gives up its places, and begins again
/// from its last round when there is room.
package struct RoomWatch: Sendable {
  /// How long a group may wait for a worker to come back before it makes room, in seconds.
  package static let patience: Double = 15

  private var since: [Int: Double] = [:]

  /// A watch over nothing.
  package init() {}

  /// The groups among the blocked ones whose time is over; each is reported once per wait.
  package mutating func overdue(blocked: Set<Int>, at now: Double) -> [Int] {
    since = since.filter { blocked.contains($0.key) }
    for group in blocked where since[group] == nil { since[group] = now }
    let late = since.filter { now - $0.value > Self.patience }.keys.sorted()
    for group in late { since[group] = nil }
    return late
  }
}
