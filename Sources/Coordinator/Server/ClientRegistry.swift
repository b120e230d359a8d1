import Foundation

/// The clients that are connected, by key: how many there may be, how fast they may ask, and who has to go.
final class ClientRegistry: @unchecked Sendable {
  /// Connections of one key at a time.
  static let maximumPerKey = 256
  /// Requests of one key that are answered at once, however fast they come.
  static let burst = 200.0
  /// Requests of one key per second beyond that; what comes faster waits, and nobody else notices.
  static let requestsPerSecond = 50.0

  private let lock = NSLock()
  // All are touched only under `lock`.
  private var sessions: [String: [ObjectIdentifier: ClientSession]] = [:]
  private var rates: [String: RateMeter] = [:]
  private var pending = KeyedCount(limit: Core.plansPerMember)
  private var isClosed = false

  /// Ids of the members that are connected.
  var connected: Set<String> { locked { Set(sessions.keys) } }

  /// Whether one more connection of a member is welcome; nil: it is.
  func obstacle(to member: String) -> String? {
    locked {
      if isClosed { return "the coordinator is shutting down" }
      guard (sessions[member]?.count ?? 0) < Self.maximumPerKey else {
        return "this key has \(Self.maximumPerKey) connections already; close some"
      }
      return nil
    }
  }

  /// Takes a session in; false where the coordinator is shutting down.
  func add(_ session: ClientSession) -> Bool {
    locked {
      if isClosed { return false }
      sessions[session.caller.id, default: [:]][ObjectIdentifier(session)] = session
      return true
    }
  }

  /// A session ended.
  func remove(_ session: ClientSession) {
    locked {
      let member = session.caller.id
      sessions[member]?[ObjectIdentifier(session)] = nil
      guard sessions[member]?.isEmpty == true else { return }
      sessions[member] = nil
      // A key that comes back at once has its old bucket; one that stays away leaves nothing behind.
      if rates.count > 4096 { rates = rates.filter { sessions[$0.key] != nil } }
    }
  }

  /// Seconds that a request of a member has to wait.
  func delay(of member: String, at now: Double) -> Double {
    locked {
      let fresh = RateMeter(capacity: Self.burst, perSecond: Self.requestsPerSecond)
      return rates[member, default: fresh].reserve(at: now)
    }
  }

  /// A plan or submission of a member begins, on whichever connection; false where it has as many under way as it may.
  func beginPlan(of member: String) -> Bool { locked { pending.begin(member) } }

  /// A plan or submission that began has been answered.
  func endPlan(of member: String) { locked { pending.end(member) } }

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
