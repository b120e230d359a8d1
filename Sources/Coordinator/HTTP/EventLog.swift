import Foundation
import Wire

/// What jobs published of late, numbered: who lost the connection goes on where it was.
final class EventLog: @unchecked Sendable {
  /// One thing that a job published.
  struct Entry: Sendable {
    let number: UInt64
    let event: ProgressEvent
  }

  /// A place between two entries, as clients send it back.
  struct Place: Equatable, Sendable {
    let epoch: String
    let number: UInt64

    /// Nil where it is no place of any log.
    init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
      self.init(epoch: String(parts[0]), number: number)
    }

    init(epoch: String, number: UInt64) { (self.epoch, self.number) = (epoch, number) }

    var text: String { "\(epoch)-\(number)" }
  }

  /// Entries that are kept.
  static let capacity = 4096
  /// Streams that may be open, of all tokens, of all viewers', of all but operators' and admins', and of one; each has a thread.
  static let streams = (all: 64, viewers: 40, others: 52, perToken: 16)

  /// Another one in every process: places of an earlier one mean nothing here.
  let epoch = SystemRandom.name()
  private let capacity: Int
  private let state = MonotonicCondition()
  // All are touched only under `state`.
  private var entries: [Entry] = []
  private var last: UInt64 = 0
  private var open: [String: (role: TokenRole, count: Int)] = [:]

  init(capacity: Int = EventLog.capacity) { self.capacity = capacity }

  /// A job published its progress.
  func note(_ event: ProgressEvent) {
    state.locked {
      last += 1
      entries.append(Entry(number: last, event: event))
      // Seldom, and then many at once.
      if entries.count >= 2 * capacity { entries.removeFirst(entries.count - capacity) }
      state.broadcast()
    }
  }

  /// The place after all that is there.
  var end: Place { state.locked { Place(epoch: epoch, number: last) } }

  /// What came after a place, oldest first; nil where some of it is not kept any more, or the place is another log's.
  func entries(after place: Place) -> [Entry]? {
    state.locked {
      guard place.epoch == epoch, place.number <= last else { return nil }
      let first = last - UInt64(entries.count)
      guard place.number >= first else { return nil }
      return Array(entries.dropFirst(Int(place.number - first)))
    }
  }

  /// Waits until something comes after a place, `isOver` says so at a wake-up, or the time runs out.
  func wait(after place: Place, seconds: Double, until isOver: () -> Bool) {
    let deadline = MonotonicCondition.uptime + seconds
    state.locked {
      while last <= place.number, !isOver(), state.wait(untilUptime: deadline) {}
    }
  }

  /// Wakes all that wait.
  func wake() { state.locked { state.broadcast() } }

  /// Begins a stream of a member. Those of lower roles leave places for others.
  ///
  /// - Throws: `tooMany` where there are as many as there may be, of this member or of all.
  func enter(_ member: String, _ role: TokenRole) throws(CoordinatorError) {
    let refusal: CoordinatorError? = state.locked {
      let own = open[member]?.count ?? 0
      if own >= Self.streams.perToken {
        return .tooMany(what: "event streams of one token", limit: Self.streams.perToken)
      }
      func count(upTo highest: TokenRole) -> Int {
        open.values.reduce(0) { $1.role > highest ? $0 : $0 + $1.count }
      }
      let shares = [
        (TokenRole.viewer, Self.streams.viewers), (.client, Self.streams.others),
        (.admin, Self.streams.all),
      ]
      for (highest, limit) in shares where role <= highest && count(upTo: highest) >= limit {
        return .tooMany(
          what: "event streams of all tokens of this role and those below", limit: limit)
      }
      open[member] = (role, own + 1)
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Ends a stream.
  func leave(_ member: String) {
    state.locked {
      guard let own = open[member] else { return }
      open[member] = own.count > 1 ? (own.role, own.count - 1) : nil
    }
  }
}
