/// Lines of the log about peers that were turned away: of each address a few, of all together some, and the others counted. Pure.
package struct StrangerLines: Equatable, Sendable {
  /// Lines about all addresses that are written however fast they come, and per second beyond that.
  static let (burst, perSecond) = (50.0, 0.2)
  /// Seconds between two lines that say how many were left out.
  static let sweepSeconds = 60.0
  /// Addresses that are told apart at a time.
  static let mostHosts = 1000

  private var hosts = LineMeter()
  private var all = RateMeter(
    capacity: StrangerLines.burst, perSecond: StrangerLines.perSecond)
  private var left = 0
  private var swept: Double

  /// Nothing was written yet.
  package init(at now: Double) { swept = now }

  /// Whether a line about a peer at HOST:PORT is to be written. Time is that of a clock that never goes back, in seconds.
  package mutating func take(_ address: String, at now: Double) -> Bool {
    let host = address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
    let key = hosts.count < Self.mostHosts ? host : ""
    if hosts.take(key, at: now) != nil, all.take(at: now) { return true }
    left += 1
    return false
  }

  /// How many lines were left out of late; nil: none, or that was asked a moment ago.
  package mutating func sweep(at now: Double) -> Int? {
    guard now - swept >= Self.sweepSeconds else { return nil }
    swept = now
    _ = hosts.sweep()
    defer { left = 0 }
    return left > 0 ? left : nil
  }
}
