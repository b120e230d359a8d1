/// Waiting times between attempts to connect: doubling from half a second to a cap, with jitter.
///
/// After an outage of whatever length a worker is back within the cap, the deadline for opening a connection and the
/// handshake: under ten seconds. The jitter spreads many workers over the last wait.
package struct Backoff: Equatable, Sendable {
  /// Seconds before the second attempt, without jitter.
  package static let first = 0.5
  /// The longest wait in seconds, without jitter.
  package static let cap = 4.0

  private var next = first

  /// Starts at the first waiting time.
  package init() {}

  /// The next waiting time in seconds: between half and all of the doubled value, so that workers spread.
  package mutating func wait(using generator: inout some RandomNumberGenerator) -> Double {
    defer { next = min(Self.cap, next * 2) }
    return next * Double.random(in: 0.5...1, using: &generator)
  }

  /// Begins again after a connection that worked.
  package mutating func reset() { next = Self.first }
}
