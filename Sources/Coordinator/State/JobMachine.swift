/// The life of one job as a pure state machine: events and the time in, actions out.
///
/// submitted (waits for workers) → planning → indexing (keys) → proving (groups) → verifying → done;
/// failed and cancelled can follow any of them. One that meets a full disk is held, and begins again. The machine knows numbers only: circuits and groups
/// by their place in the plan.
package struct JobMachine: Equatable, Sendable {
  /// How often one group may be proven again with fresh randomness.
  package static let maximumAttempts = 5
  /// How long a job that wants several workers waits for all of them once one is there.
  package static let workerPatience: Double = 20

  /// What became of one group.
  package enum Group: Equatable, Sendable {
    case waiting(attempt: Int)
    case running(attempt: Int)
    case proved
  }

  package private(set) var stage: JobStage = .submitted
  /// When a job has to be done.
  package struct Deadline: Equatable, Sendable {
    /// Seconds from its submission.
    package let seconds: Double
    /// The machine's time.
    package let end: Double

    /// A deadline.
    package init(seconds: Double, end: Double) { (self.seconds, self.end) = (seconds, end) }
  }

  /// When the job has to be done; nil: whenever.
  package let deadline: Deadline?
  /// The workers the user asked for; nil: any.
  package let wanted: Int?
  /// Workers that may serve the job now.
  package private(set) var eligible = 0
  /// Circuits whose keys are not known yet.
  package private(set) var missingKeys: Set<Int> = []
  package private(set) var circuits = 0
  package private(set) var groups: [Group] = []
  /// The circuits of each group.
  private var circuitsOfGroups: [Set<Int>] = []
  private var firstWorker: Double?
  /// Whether the job waits for room on the disk; nothing of it is under way meanwhile.
  package private(set) var isHeld = false

  /// What happened.
  package enum Event: Equatable, Sendable {
    /// The number of workers that may serve the job changed.
    case workers(Int)
    /// Planning is over: every group's circuits; `proved` and `attempts` describe groups that an earlier process began.
    case planned(
      circuits: Int, missingKeys: Set<Int>, groups: [Set<Int>], proved: Set<Int>, attempts: [Int])
    case keyMade(Int)
    case groupProved(Int)
    /// A share was wrong: the group needs fresh randomness.
    case groupFaulted(Int)
    /// No worker had room for the group when it was to begin, or its shares had to make room for others.
    case groupDeferred(Int)
    case documentVerified
    /// The disk is full: the job begins again when there is room.
    case noRoom
    /// There is room again.
    case room
    /// Something ended the job.
    case failed(String)
    case cancel
    case tick
  }

  /// What must be done about it.
  package enum Action: Equatable, Sendable {
    /// Quantise, cut for this many workers, evaluate.
    case plan(workers: Int)
    case makeKeys([Int])
    case prove(group: Int, attempt: Int)
    /// Put the document together and verify it.
    case assemble
    /// Drop its tasks, and forget what is not stored.
    case letGo
    /// The job ended: drop its tasks and record why.
    case end(JobStage, reason: String)
  }

  /// A job that has just been stored.
  package init(wanted: Int?, deadline: Deadline? = nil) {
    self.wanted = wanted
    self.deadline = deadline
  }

  /// Takes one event at the time `now` in seconds.
  package mutating func handle(_ event: Event, at now: Double) -> [Action] {
    if stage.isFinal { return [] }
    if let deadline, now >= deadline.end, event != .documentVerified {
      return end(.failed, "it was not done within \(Int(deadline.seconds)) s of its submission")
    }
    switch event {
    case .workers(let count):
      eligible = count
      if count > 0, firstWorker == nil { firstWorker = now }
      return advance(at: now)
    case .tick:
      return advance(at: now)
    case .planned(let circuits, let missing, let members, let proved, let attempts):
      guard stage == .planning else { return [] }
      self.circuits = circuits
      missingKeys = missing
      circuitsOfGroups = members
      groups = members.indices.map {
        proved.contains($0) ? .proved : .waiting(attempt: $0 < attempts.count ? attempts[$0] : 0)
      }
      stage = .indexing
      return (missing.isEmpty ? [] : [.makeKeys(missing.sorted())]) + advance(at: now)
    case .keyMade(let circuit):
      guard missingKeys.remove(circuit) != nil else { return [] }
      return advance(at: now)
    case .groupProved(let number):
      guard case .running? = group(number) else { return [] }
      groups[number] = .proved
      return advance(at: now)
    case .groupFaulted(let number):
      guard case .running(let attempt)? = group(number) else { return [] }
      if attempt + 1 >= Self.maximumAttempts {
        return end(
          .failed, "group \(number + 1) was proven \(attempt + 1) times and never was right")
      }
      groups[number] = .waiting(attempt: attempt + 1)
      return advance(at: now)
    case .groupDeferred(let number):
      guard case .running(let attempt)? = group(number) else { return [] }
      groups[number] = .waiting(attempt: attempt)
      return []
    case .documentVerified:
      guard stage == .verifying else { return [] }
      return end(.done, "")
    case .noRoom:
      if isHeld { return [] }
      (stage, isHeld) = (.submitted, true)
      (circuits, missingKeys, groups, circuitsOfGroups) = (0, [], [], [])
      return [.letGo]
    case .room:
      isHeld = false
      return advance(at: now)
    case .failed(let reason): return end(.failed, reason)
    case .cancel: return end(.cancelled, "cancelled by a user")
    }
  }

  /// Groups whose proof is finished.
  package var groupsDone: Int { groups.filter { $0 == .proved }.count }

  /// What the job waits for, in words; nil while it does not wait for workers.
  package var waitingForWorkers: String? {
    if stage.isFinal || isHeld || stage == .planning || stage == .verifying { return nil }
    if stage != .submitted && eligible > 0 { return nil }
    let needed = max(1, wanted ?? 1)
    return eligible >= needed ? nil : "waiting for workers: \(eligible) of \(needed) joined"
  }

  private func group(_ number: Int) -> Group? {
    groups.indices.contains(number) ? groups[number] : nil
  }

  private mutating func end(_ final: JobStage, _ reason: String) -> [Action] {
    stage = final
    return [.end(final, reason: reason)]
  }

  private mutating func advance(at now: Double) -> [Action] {
    if isHeld { return [] }
    if stage == .submitted {
      guard enoughWorkers(at: now) else { return [] }
      stage = .planning
      return [.plan(workers: max(1, wanted ?? eligible))]
    }
    guard stage == .indexing || stage == .proving else { return [] }
    if groups.allSatisfy({ $0 == .proved }), missingKeys.isEmpty {
      stage = .verifying
      return [.assemble]
    }
    let begun = startGroups()
    if !begun.isEmpty || missingKeys.isEmpty { stage = .proving }
    return begun
  }

  /// Groups whose keys are there, two at a time for every worker: one's rounds fill the other's waits.
  private mutating func startGroups() -> [Action] {
    var running = groups.reduce(0) { if case .running = $1 { $0 + 1 } else { $0 } }
    var actions: [Action] = []
    for number in groups.indices {
      guard case .waiting(let attempt) = groups[number] else { continue }
      if running >= 2 * eligible { break }
      guard circuitsOfGroups[number].isDisjoint(with: missingKeys) else { continue }
      groups[number] = .running(attempt: attempt)
      running += 1
      actions.append(.prove(group: number, attempt: attempt))
    }
    return actions
  }

  private func enoughWorkers(at now: Double) -> Bool {
    if eligible >= max(1, wanted ?? 1) { return true }
    guard eligible > 0, let firstWorker else { return false }
    return now - firstWorker >= Self.workerPatience
  }
}
