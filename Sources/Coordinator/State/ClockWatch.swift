/// Whether the wall clock may say how old something is: it may be set, by hand or by the network, and be wrong until then.
///
/// A clock that never goes back runs beside it; where the two do not agree on what passed between two looks, the wall
/// clock was set, and was wrong before or is now.
package struct ClockWatch: Equatable, Sendable {
  /// Seconds by which the clocks may differ from one look to the next; a step that the network makes is smaller.
  package static let tolerance: Double = 300
  /// Seconds of no trust after the clock was set: time for an operator to see it and to set it right.
  package static let quarantine: Double = 86_400
  /// Seconds of no trust at the beginning: machines start with a wrong clock, and the network sets it soon.
  package static let settling: Double = 3_600

  private var offset: Double
  private var trustedFrom: Double

  /// Begins to watch, at these times of the two clocks.
  package init(wall: Double, monotonic: Double) {
    offset = wall - monotonic
    trustedFrom = monotonic + Self.settling
  }

  /// Compares the clocks; returns by how many seconds the wall clock jumped, where it did.
  package mutating func look(wall: Double, monotonic: Double) -> Double? {
    let jump = wall - monotonic - offset
    offset = wall - monotonic
    guard abs(jump) > Self.tolerance else { return nil }
    trustedFrom = max(trustedFrom, monotonic + Self.quarantine)
    return jump
  }

  /// Whether ages may be taken from the wall clock, at a time of the other one.
  package func isTrusted(at monotonic: Double) -> Bool { monotonic >= trustedFrom }
}
