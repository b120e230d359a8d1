import Synchronization

/// Counts the connections whose peers have not been admitted yet.
final class ConnectionLimiter: Sendable {
  private let limit: Int
  private let count = Mutex(0)

  /// Allows `limit` at a time.
  init(limit: Int) { self.limit = limit }

  /// A place for one more connection, or nil where there is none.
  func acquire() -> Slot? {
    count.withLock { count in
      guard count < limit else { return nil }
      count += 1
      return Slot(self)
    }
  }

  /// One place; given back by `release` or when nobody holds it any more.
  final class Slot: Sendable {
    private let limiter: ConnectionLimiter
    private let isHeld = Mutex(true)

    fileprivate init(_ limiter: ConnectionLimiter) { self.limiter = limiter }

    deinit { release() }

    func release() {
      let held = isHeld.withLock { held in
        defer { held = false }
        return held
      }
      if held { limiter.count.withLock { $0 -= 1 } }
    }
  }
}
