/// Lines of the log about workers: of each a few, and then one in a while; those left out are counted. Pure.
package struct LineMeter: Equatable, Sendable {
  private struct Entry: Equatable {
    var meter = RateMeter(capacity: LineMeter.burst, perSecond: LineMeter.perSecond)
    var skipped = 0
  }

  /// Lines about one worker that are written however fast they come.
  static let burst = 10.0
  /// Lines about one worker per second beyond that.
  static let perSecond = 1.0 / 30

  private var entries: [WorkerID: Entry] = [:]

  /// Workers of which anything is known.
  package var count: Int { entries.count }

  /// Nothing was written.
  package init() {}

  /// Whether a line about a worker is to be written, and how many before it were not; nil: it is not.
  package mutating func take(_ worker: WorkerID, at now: Double) -> Int? {
    var entry = entries[worker] ?? Entry()
    defer { entries[worker] = entry }
    guard entry.meter.take(at: now) else {
      entry.skipped += 1
      return nil
    }
    defer { entry.skipped = 0 }
    return entry.skipped
  }

  /// How many lines about each worker were left out and have not been counted yet; forgets workers of which there are none.
  package mutating func sweep() -> [WorkerID: Int] {
    let skipped = entries.mapValues(\.skipped).filter { $0.value > 0 }
    entries = entries.filter { skipped[$0.key] != nil }
    for worker in skipped.keys { entries[worker]?.skipped = 0 }
    return skipped
  }
}
