import Synchronization

/// Counts the connections whose peers have not been admitted yet, in all and by address.
///
/// One address gets a quarter of the places, so that it cannot keep all others out.
final class ConnectionLimiter: Sendable {
  private struct Counts {
    var total = 0
    var byHost: [String: Int] = [:]
  }

  private let limit: Int
  private let counts = Mutex(Counts())

  /// Allows `limit` at a time.
  init(limit: Int) { self.limit = limit }

  /// A place for one more connection of anybody, or nil where there is none.
  func acquire() -> Slot? { acquire(nil, most: limit) }

  /// A place for one more connection from an address, or nil where there is none for it.
  func acquire(from host: String) -> Slot? { acquire(host, most: max(1, limit / 4)) }

  private func acquire(_ host: String?, most: Int) -> Slot? {
    counts.withLock { counts in
      guard counts.total < limit else { return nil }
      if let host {
        guard counts.byHost[host, default: 0] < most else { return nil }
        counts.byHost[host, default: 0] += 1
      }
      counts.total += 1
      return Slot(self, host)
    }
  }

  private func release(_ host: String?) {
    counts.withLock { counts in
      counts.total -= 1
      guard let host, let count = counts.byHost[host] else { return }
      counts.byHost[host] = count > 1 ? count - 1 : nil
    }
  }

  /// One place; given back by `release` or when nobody holds it any more.
  final class Slot: Sendable {
    private let limiter: ConnectionLimiter
    private let host: String?
    private let isHeld = Mutex(true)

    fileprivate init(_ limiter: ConnectionLimiter, _ host: String?) {
      self.limiter = limiter
      self.host = host
    }

    deinit { release() }

    func release() {
      let held = isHeld.withLock { held in
        defer { held = false }
        return held
      }
      if held { limiter.release(host) }
    }
  }
}
