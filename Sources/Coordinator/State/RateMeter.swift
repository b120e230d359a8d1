/// A bucket of permits that fills again at a steady rate; pure.
package struct RateMeter: Equatable, Sendable {
  private let capacity: Double
  private let perSecond: Double
  private var level: Double
  private var last: Double?

  /// A full bucket of `capacity` permits, into which `perSecond` come back.
  package init(capacity: Double, perSecond: Double) {
    precondition(capacity >= 1 && perSecond > 0)
    self.capacity = capacity
    self.perSecond = perSecond
    level = capacity
  }

  /// Takes a permit where there is one. Time is that of a clock that never goes back, in seconds.
  package mutating func take(at now: Double) -> Bool {
    refill(at: now)
    guard level >= 1 else { return false }
    level -= 1
    return true
  }

  /// Takes a permit, if need be one that is not there yet, and returns the seconds until it is.
  package mutating func reserve(at now: Double) -> Double {
    refill(at: now)
    level -= 1
    return level >= 0 ? 0 : -level / perSecond
  }

  private mutating func refill(at now: Double) {
    level = min(capacity, level + max(0, now - (last ?? now)) * perSecond)
    last = max(last ?? now, now)
  }
}
