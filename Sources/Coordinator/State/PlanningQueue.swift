/// Who may plan now: a few at a time, senders in turn, and nobody long behind a giant. Pure.
///
/// Among one sender's own, what somebody waits for at a connection comes first, then jobs by their priority.
///
/// A planning gives its place away once it has lasted `patience`: it goes on, but the next one begins. So a small job waits
/// for a few seconds at most, however long others plan, while no more than `most` take memory side by side.
package struct PlanningQueue: Sendable {
  /// Plannings that begin side by side.
  package static let places = 2
  /// Seconds after which a planning gives its place away.
  package static let patience: Double = 5
  /// The most that run at a time.
  package static let most = 6
  /// The most of one sender, so that giants of one are not all that run.
  package static let mostOfOne = 3

  /// One planning, waiting or running.
  package typealias Ticket = UInt64

  private struct Entry {
    let sender: String
    let isLimited: Bool
    let rank: Int
    var began: Double?
  }

  private var entries: [Ticket: Entry] = [:]
  private var next: Ticket = 0

  /// Nobody waits.
  package init() {}

  /// Plannings that wait or run.
  package var count: Int { entries.count }

  /// A planning joins the queue; nil where its sender has `limit` there already that have a limit.
  ///
  /// Of one sender's, those of lower `rank` come first.
  package mutating func enter(_ sender: String, limit: Int?, rank: Int = 0) -> Ticket? {
    if let limit, entries.values.count(where: { $0.sender == sender && $0.isLimited }) >= limit {
      return nil
    }
    next += 1
    entries[next] = Entry(sender: sender, isLimited: limit != nil, rank: rank, began: nil)
    return next
  }

  /// A planning has ended, or nobody wants it any more.
  package mutating func leave(_ ticket: Ticket) { entries[ticket] = nil }

  /// The plannings that may begin now: those of senders with the fewest running first, then by rank, then the oldest.
  package mutating func admit(at now: Double) -> [Ticket] {
    var admitted: [Ticket] = []
    while let ticket = next(at: now) {
      entries[ticket]!.began = now
      admitted.append(ticket)
    }
    return admitted
  }

  private func next(at now: Double) -> Ticket? {
    let running = entries.values.filter { $0.began != nil }
    let fresh = running.count { now - $0.began! < Self.patience }
    guard running.count < Self.most, fresh < Self.places else { return nil }
    var shares: [String: Int] = [:]
    for entry in running { shares[entry.sender, default: 0] += 1 }
    return entries.filter {
      $0.value.began == nil && shares[$0.value.sender] ?? 0 < Self.mostOfOne
    }.min {
      (shares[$0.value.sender] ?? 0, $0.value.rank, $0.key)
        < (shares[$1.value.sender] ?? 0, $1.value.rank, $1.key)
    }?.key
  }
}
