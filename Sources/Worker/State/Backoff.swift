/// Waiting times between attempts to connect: doubling from one second to a cap, with jitter.
package struct Backoff: Equatable, Sendable {
  /// Seconds before the second attempt, without jitter.
  package static let first = 1.0
  /// The longest wait in seconds, without jitter.
  package static let cap = 60.0

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
