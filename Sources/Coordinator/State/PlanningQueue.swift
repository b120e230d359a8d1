/// Who may plan now: a few at a time, senders in turn, and nobody long behind a giant. Pure.
///
/// Among one sender's own, what somebody waits for at a connection comes first, then jobs by their priority.
///
/// A planning gives its place away once it has lasted `patience`: it goes on, but the next one begins. So a small job waits
/// for a few seconds at most, however long others plan, while no more than `most` run side by side.
///
/// A planning that was stopped because others have the memory runs not, and keeps nobody waiting; but it keeps what it holds, so
/// that one sender has few of them, and all that have begun are a bounded number.
package struct PlanningQueue: Sendable {
  /// Plannings that begin side by side.
  package static let places = 2
  /// Seconds after which a planning gives its place away.
  package static let patience: Double = 5
  /// The most that run at a time. The last place is for a sender that has none.
  package static let most = 6
  /// The most that have begun, running or asleep; the last place is for a sender that has none.
  ///
  /// So many have room side by side as `PlanningMemory` shares it out.
  package static let mostBegun = Int(PlanningMemory.parts)
  /// The most of one sender that have begun, so that giants of one are not all that run.
  package static let mostOfOne = 3
  /// A sender with so many asleep begins no further ones.
  package static let mostAsleepOfOne = 2

  /// One planning, waiting or running.
  package typealias Ticket = UInt64

  private struct Entry {
    let sender: String
    let isLimited: Bool
    let rank: Int
    var began: Double?
    var isAsleep = false
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

  /// A planning that runs was stopped until there is memory for it, or goes on.
  package mutating func sleep(_ ticket: Ticket, _ isAsleep: Bool) {
    if entries[ticket]?.began != nil { entries[ticket]?.isAsleep = isAsleep }
  }

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
    let begun = entries.values.filter { $0.began != nil }
    let running = begun.filter { !$0.isAsleep }
    let fresh = running.count { now - $0.began! < Self.patience }
    guard fresh < Self.places else { return nil }
    let room = min(Self.most - running.count, Self.mostBegun - begun.count)
    var shares: [String: (begun: Int, asleep: Int)] = [:]
    for entry in begun {
      shares[entry.sender, default: (0, 0)].begun += 1
      if entry.isAsleep { shares[entry.sender]!.asleep += 1 }
    }
    func share(_ entry: Entry) -> (begun: Int, asleep: Int) { shares[entry.sender] ?? (0, 0) }
    return entries.filter { _, entry in
      let own = share(entry)
      return entry.began == nil && own.begun < Self.mostOfOne && own.asleep < Self.mostAsleepOfOne
        && room > (own.begun == 0 ? 0 : 1)
    }.min {
      (share($0.value).begun, $0.value.rank, $0.key)
        < (share($1.value).begun, $1.value.rank, $1.key)
    }?.key
  }
}
