/// A worker as the task board sees it.
package struct BoardWorker: Equatable, Sendable {
  /// Whether a worker gets new tasks.
  package enum Availability: String, Equatable, Sendable {
    /// Takes tasks.
    case live
    /// Takes none for a moment, after a trouble.
    case resting
    /// Takes one at a time, after a cordon.
    case probation
    /// Finishes what it holds and takes nothing new.
    case draining
    /// Takes nothing new until its time is over or an operator says so.
    case cordoned
    /// Lied and takes nothing from any job until an operator says so.
    case quarantined
  }

  package let id: WorkerID
  package let name: String
  /// Which process it is: another number with the same key is a process that was started anew.
  package let instance: UInt64
  /// Threads it computes with, at least 1.
  package let threads: Int
  /// Memory it says it offers, in bytes.
  package let offered: UInt64
  package internal(set) var health: WorkerHealth
  /// Whether it said itself that it takes nothing new.
  package internal(set) var isLeaving = false
  /// When it joined.
  package internal(set) var joinedAt: Double = 0
  /// When it was last heard.
  package internal(set) var lastHeard: Double = 0

  /// A worker that has just connected.
  package init(
    id: WorkerID, name: String, instance: UInt64 = 0, threads: Int, memory: UInt64,
    health: WorkerHealth = WorkerHealth()
  ) {
    self.id = id
    self.instance = instance
    self.name = name
    self.threads = max(1, threads)
    offered = memory
    self.health = health
  }

  /// Memory it is believed to have, in bytes.
  package var memory: UInt64 { min(offered, health.memory ?? offered) }

  /// Whether it gets tasks at a moment.
  package func availability(at now: Double) -> Availability {
    switch health.cordon?.cause {
    case .lie: return .quarantined
    case .drain: return .draining
    case .troubles, .command: return .cordoned
    case nil: break
    }
    if isLeaving { return .draining }
    if health.restsUntil > now { return .resting }
    return health.isOnProbation ? .probation : .live
  }

  /// Whether it has ever answered anything.
  package var hasAnswered: Bool { health.answers > 0 }

  /// Whether it works, or will without anybody's doing: it may be counted on.
  package var isEnlisted: Bool { health.cordon == nil && !isLeaving }
}
