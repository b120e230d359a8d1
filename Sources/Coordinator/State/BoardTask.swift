import Varuna

/// The id of a task, unique in the life of a home folder.
package typealias TaskID = UInt64
/// The id of a worker: the start of its key's hash.
package typealias WorkerID = String
/// The id of a job.
package typealias JobID = String

/// A piece of work as the task board sees it: what it needs, and who has it.
package struct BoardTask: Equatable, Sendable {
  /// How a task occupies a worker.
  package enum Kind: Equatable, Sendable {
    /// Computed in one go; a worker has one per thread and one that waits.
    case index
    /// Held through all rounds of a group; a worker may hold many.
    case share
  }

  package let id: TaskID
  package let job: JobID
  package let kind: Kind
  /// Predicted seconds on one thread.
  package let cost: Double
  /// Predicted memory while it is held.
  package let memory: TaskMemory
  /// The worker that the policy had in mind when it divided a group.
  package let preferred: WorkerID?
  /// Who has it; nil while it waits.
  package internal(set) var holder: WorkerID?
  /// Times that a worker said it failed; these count against the limit.
  package internal(set) var failures = 0
  /// Times that its worker disappeared; these do not.
  package internal(set) var losses = 0
  /// Workers that are tried again only if nobody else is there.
  package internal(set) var avoided: Set<WorkerID> = []
  /// Workers that said they can never do it.
  package internal(set) var excluded: Set<WorkerID> = []

  /// A task that waits.
  package init(
    id: TaskID, job: JobID, kind: Kind, cost: Double, memory: TaskMemory, preferred: WorkerID? = nil
  ) {
    self.id = id
    self.job = job
    self.kind = kind
    self.cost = cost
    self.memory = memory
    self.preferred = preferred
  }
}

/// A worker as the task board sees it.
package struct BoardWorker: Equatable, Sendable {
  /// Whether a worker gets new tasks.
  package enum Availability: String, Equatable, Sendable {
    /// Takes tasks.
    case live
    /// Finishes what it holds and takes nothing new.
    case draining
    /// Gave a wrong share too often and takes nothing from any job.
    case quarantined
    /// Its key is barred.
    case revoked
  }

  package let id: WorkerID
  package let name: String
  /// Threads it computes with, at least 1.
  package let threads: Int
  /// Memory it offers, in bytes.
  package let memory: UInt64
  package internal(set) var availability: Availability = .live
  /// When it was last heard.
  package internal(set) var lastHeard: Double = 0

  /// A worker that has just connected.
  package init(id: WorkerID, name: String, threads: Int, memory: UInt64) {
    self.id = id
    self.name = name
    self.threads = max(1, threads)
    self.memory = memory
  }
}
