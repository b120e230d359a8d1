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

  /// An attempt that went wrong.
  package struct Mishap: Equatable, Sendable {
    package let worker: WorkerID
    /// The name the worker gave itself.
    package let name: String
    /// Why it ended.
    package let reason: String
  }

  /// Mishaps that are remembered word for word.
  private static let remembered = 12

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
  /// Who does it as well, because the holder takes too long: the first answer wins.
  package internal(set) var shadow: WorkerID?
  /// Since when the shadow owes an answer; what is fetched for it puts that off.
  package internal(set) var shadowSince: Double = 0
  /// Since when the holder owes an answer; nil while nobody waits for it.
  package internal(set) var openSince: Double?
  /// Whether this holder has answered anything of it yet.
  package internal(set) var isWarm = false
  /// Thread-seconds that the holder had for its answers.
  package internal(set) var spent: Double = 0
  /// Times that a worker said it failed or did not answer.
  package internal(set) var failures = 0
  /// Times that its worker disappeared.
  package internal(set) var losses = 0
  /// How much of its troubles is its own: 1 for a failure; for a loss its part of what the worker held.
  package internal(set) var blame: Double = 0
  /// The parts of losses of which it is not known yet whether the worker's process ended.
  package internal(set) var undecided: [WorkerID: Double] = [:]
  /// Workers whose loss was the network's once: a try in vain of the same worker then counts.
  private var forgiven: Set<WorkerID> = []
  /// What each round of losses was put down to it.
  private var rounds: [Int: Double] = [:]
  /// The code of its last trouble.
  package internal(set) var lastCode = "lost"
  /// Workers that said that they have too little memory for it.
  package internal(set) var shortOfMemory: Set<WorkerID> = []
  /// Seconds that fetching may still put off the time at which an answer is overdue.
  package internal(set) var fetchingSeconds = FetchingPatience.constant
  /// Whether its holder was overtaken at another task without having answered anything: it has no more patience to expect.
  package internal(set) var isHurried = false
  /// How often each worker tried it in vain since it was last answered; they are tried again only if nobody else is there.
  package internal(set) var tries: [WorkerID: Int] = [:]
  /// Workers that said since it was last answered that they have too much to do, or leave: others have it first.
  package internal(set) var declined: Set<WorkerID> = []
  /// Workers that said they can never do it.
  package internal(set) var excluded: Set<WorkerID> = []
  /// The last of its mishaps.
  package private(set) var mishaps: [Mishap] = []
  /// How many more there were before.
  private var forgotten = 0

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

  /// Whether a loss was put down to it, at least in part: it is kept away from other jobs' tasks.
  package var isSuspect: Bool { losses > 0 && (blame > 0 || !undecided.isEmpty) }

  /// Whether a worker has had it in vain, or has declined it, since it was last answered.
  func hasLeft(_ worker: WorkerID) -> Bool { tries[worker] != nil || declined.contains(worker) }

  /// Whether anybody has.
  var hasLeftSomebody: Bool { !tries.isEmpty || !declined.isEmpty }

  /// Whether a worker has it, as holder or as shadow.
  package func isHeld(by worker: WorkerID) -> Bool { holder == worker || shadow == worker }

  /// Remembers an attempt that went wrong.
  mutating func note(_ mishap: Mishap, blame part: Double) {
    mishaps.append(mishap)
    if mishaps.count > Self.remembered {
      mishaps.removeFirst()
      forgotten += 1
    }
    tries[mishap.worker, default: 0] += 1
    blame += part
  }

  /// It is known what became of a worker that was lost with it: a part of that loss is the task's own.
  ///
  /// Of the losses of one round, which have one cause, the largest part counts. A worker whose network failed has not
  /// tried it; that is said of a worker once.
  mutating func decide(_ worker: WorkerID, isNetwork: Bool, factor: Double, round: Int) {
    guard let part = undecided.removeValue(forKey: worker) else { return }
    if isNetwork, forgiven.insert(worker).inserted, let count = tries[worker] {
      tries[worker] = count > 1 ? count - 1 : nil
    }
    let counted = rounds[round] ?? 0
    rounds[round] = max(counted, part * factor)
    blame += rounds[round]! - counted
  }

  /// The task was answered by somebody: it can be done.
  mutating func absolve() {
    tries = [:]
    declined = []
    undecided = [:]
    forgiven = []
    rounds = [:]
    shortOfMemory = []
    blame = 0
  }

  /// Who tried it in vain and why: one entry per worker and reason. Workers of one name are told apart by their ids.
  package var table: String {
    var counts: [(text: String, count: Int)] = []
    for mishap in mishaps {
      let isShared = mishaps.contains { $0.name == mishap.name && $0.worker != mishap.worker }
      let text = "\(mishap.name)\(isShared ? " (\(mishap.worker))" : ""): \(mishap.reason)"
      if let place = counts.firstIndex(where: { $0.text == text }) {
        counts[place].count += 1
      } else {
        counts.append((text, 1))
      }
    }
    let entries = counts.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) times)" }
    return (entries + (forgotten > 0 ? ["and \(forgotten) times before"] : []))
      .joined(separator: "; ")
  }
}
