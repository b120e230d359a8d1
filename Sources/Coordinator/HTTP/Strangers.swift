import Foundation

/// How often addresses were wrong about their tokens of late: guessing is slow, and costs nobody anything.
final class Strangers: @unchecked Sendable {
  /// Wrong tokens of one address that are looked at however fast they come.
  static let burst = 20
  private static let perSecond = 0.2
  /// Addresses that are remembered; where there are more, all are forgotten.
  private static let most = 4096

  private let lock = NSLock()
  // Touched only under `lock`.
  private var meters: [String: RateMeter] = [:]
  private var barred: [String: Double] = [:]

  /// Seconds until anything from an address is looked at again; nil: now.
  func delay(of address: String, at now: Double) -> Double? {
    lock.lock()
    defer { lock.unlock() }
    guard let end = barred[address] else { return nil }
    if end > now { return end - now }
    barred[address] = nil
    return nil
  }

  /// A token from an address was wrong.
  func note(_ address: String, at now: Double) {
    lock.lock()
    defer { lock.unlock() }
    if meters.count >= Self.most { meters = [:] }
    if barred.count >= Self.most { barred = [:] }
    let fresh = RateMeter(capacity: Double(Self.burst), perSecond: Self.perSecond)
    let wait = meters[address, default: fresh].reserve(at: now)
    if wait > 0 { barred[address] = now + min(wait, 60) }
  }
}
