import Logging
import Synchronization

/// What the log says about peers that were turned away; they do not fill it.
final class StrangerLog: Sendable {
  private let log: @Sendable (LogEntry) -> Void
  private let lines = Mutex(StrangerLines(at: Core.now))

  init(_ log: @escaping @Sendable (LogEntry) -> Void) { self.log = log }

  /// A peer was turned away.
  func note(_ address: String, _ reason: String) {
    if lines.withLock({ $0.take(address, at: Core.now) }) {
      log(.warning("\(address) was turned away: \(reason)"))
    }
  }

  /// To be called about once a second.
  func tick() {
    guard let left = lines.withLock({ $0.sweep(at: Core.now) }) else { return }
    log(.warning("\(left) more peers were turned away, without a line about each"))
  }
}
