import Synchronization

/// How many connections are open, in all and by address, and which of them are beyond what there should be.
///
/// Those get a place in the reserve: whoever probes whether the server lives must get an answer also while all places are taken.
final class ConnectionCensus: Sendable {
  private struct Counts {
    var total = 0
    var byHost: [String: Int] = [:]
  }

  private let limits: (total: Int, host: Int)
  private let counts = Mutex(Counts())

  /// So many connections, of one address so many, are outside the reserve.
  init(total: Int, perHost: Int) { limits = (total, perHost) }

  /// One more connection of an address.
  func enter(_ host: String) -> Place {
    counts.withLock { counts in
      counts.total += 1
      counts.byHost[host, default: 0] += 1
      return Place(
        self, host,
        isInReserve: counts.total > limits.total || counts.byHost[host, default: 0] > limits.host)
    }
  }

  private func leave(_ host: String) {
    counts.withLock { counts in
      counts.total -= 1
      let rest = (counts.byHost[host] ?? 1) - 1
      counts.byHost[host] = rest > 0 ? rest : nil
    }
  }

  /// One open connection; it counts while somebody holds this.
  final class Place: Sendable {
    let isInReserve: Bool
    private let census: ConnectionCensus
    private let host: String

    fileprivate init(_ census: ConnectionCensus, _ host: String, isInReserve: Bool) {
      self.census = census
      self.host = host
      self.isInReserve = isInReserve
    }

    deinit { census.leave(host) }
  }
}
