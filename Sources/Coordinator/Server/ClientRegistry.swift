import Foundation

/// The clients that are connected: how many there may be, how fast they may ask, and who has to go.
///
/// Limits are those of accounts: the keys that one token enrolled have them together.
final class ClientRegistry: @unchecked Sendable {
  /// Requests of one account that are answered at once, however fast they come.
  static let burst = 200.0
  /// Requests of one account per second beyond that; what comes faster waits, and nobody else notices.
  static let requestsPerSecond = 50.0

  /// Offers of artifacts of one account that are answered at once.
  static let offerBurst = 1000.0
  /// Offers of one account per second beyond that; each may cost a file.
  static let offersPerSecond = 100.0

  /// Connections at a time, in all and of one account.
  private let limits: (all: Int, perAccount: Int)
  private let lock = NSLock()
  // All are touched only under `lock`.
  private var sessions: [String: [ObjectIdentifier: ClientSession]] = [:]
  private var connections: [String: Int] = [:]
  private var rates: [String: RateMeter] = [:]
  private var offers: [String: RateMeter] = [:]
  private var pending = KeyedCount(limit: Core.plansPerMember)
  private var isClosed = false

  /// Nobody is connected; so many may be as there are descriptors for clients.
  init(_ descriptors: DescriptorBudget) {
    limits = (descriptors.clients, descriptors.clientsPerAccount)
  }

  /// Ids of the members that are connected.
  var connected: Set<String> { locked { Set(sessions.keys) } }

  /// Whether one more connection of an account is welcome; nil: it is.
  func obstacle(to account: String) -> String? {
    locked {
      if isClosed { return "the coordinator is shutting down" }
      guard (connections[account] ?? 0) < limits.perAccount else {
        return "this client has \(limits.perAccount) connections already; close some"
      }
      // Whoever has none is let in a little longer.
      let all = connections.values.reduce(0, +)
      guard all < (connections[account] == nil ? limits.all : limits.all * 7 / 8) else {
        return "clients have \(all) connections here already; try again later"
      }
      return nil
    }
  }

  /// Takes a session in; false where the coordinator is shutting down.
  func add(_ session: ClientSession) -> Bool {
    locked {
      if isClosed { return false }
      sessions[session.caller.id, default: [:]][ObjectIdentifier(session)] = session
      connections[session.caller.account, default: 0] += 1
      return true
    }
  }

  /// A session ended.
  func remove(_ session: ClientSession) {
    locked {
      let (member, account) = (session.caller.id, session.caller.account)
      guard sessions[member]?.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
      if sessions[member]?.isEmpty == true { sessions[member] = nil }
      let rest = (connections[account] ?? 1) - 1
      connections[account] = rest > 0 ? rest : nil
      // Who comes back at once has its old bucket; who stays away leaves nothing behind.
      if rest == 0, rates.count > 4096 { rates = rates.filter { connections[$0.key] != nil } }
      if rest == 0, offers.count > 4096 { offers = offers.filter { connections[$0.key] != nil } }
    }
  }

  /// Seconds that a request of an account has to wait.
  func delay(of account: String, at now: Double) -> Double {
    locked {
      let fresh = RateMeter(capacity: Self.burst, perSecond: Self.requestsPerSecond)
      return rates[account, default: fresh].reserve(at: now)
    }
  }

  /// Seconds that an account's connection has to wait after an offer.
  func delay(ofOffersOf account: String, at now: Double) -> Double {
    locked {
      let fresh = RateMeter(capacity: Self.offerBurst, perSecond: Self.offersPerSecond)
      return offers[account, default: fresh].reserve(at: now)
    }
  }

  /// A plan or submission of an account begins, on whichever connection; false where it has as many under way as it may.
  func beginPlan(of account: String) -> Bool { locked { pending.begin(account) } }

  /// A plan or submission that began has been answered.
  func endPlan(of account: String) { locked { pending.end(account) } }

  /// The sessions of a member.
  func sessions(of member: String) -> [ClientSession] {
    locked { sessions[member].map { Array($0.values) } ?? [] }
  }

  /// Takes nobody in any more, and returns all who are there.
  func close() -> [ClientSession] {
    locked {
      isClosed = true
      return sessions.values.flatMap { $0.values }
    }
  }

  private func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }
}
