/// Which jobs are worked on and which wait for their turn. Pure.
///
/// A few are worked on at a time. One that waits for something it cannot change, workers or memory, counts for nothing: the
/// next one begins. Owners take turns, then priorities, then age.
package struct JobQueue: Sendable {
  /// Jobs that are worked on at a time, but those that are blocked.
  package static let places = 8
  /// Jobs that are worked on at a time, blocked or not: each takes memory of the coordinator.
  package static let most = 64
  /// The same of one owner: whoever has many that nobody can take leaves others room.
  package static let mostOfOne = 16

  private struct Entry {
    let turn: JobTurn
    var isActive = false
    var isBlocked = false
  }

  /// Jobs of one owner that are worked on at a time, but those that are blocked; nil: any number.
  package var perOwner: Int?
  private var entries: [JobID: Entry] = [:]

  /// Nothing waits.
  package init(perOwner: Int? = nil) { self.perOwner = perOwner }

  /// A job waits for its turn.
  package mutating func enter(_ job: JobID, _ turn: JobTurn) { entries[job] = Entry(turn: turn) }

  /// A job has ended.
  package mutating func leave(_ job: JobID) { entries[job] = nil }

  /// A job waits for workers or memory, or does not any more.
  package mutating func set(_ job: JobID, blocked: Bool) { entries[job]?.isBlocked = blocked }

  /// Whether a job is worked on.
  package func isActive(_ job: JobID) -> Bool { entries[job]?.isActive ?? false }

  /// How many jobs are before one that waits.
  package func ahead(of job: JobID) -> Int {
    guard let own = entries[job], !own.isActive else { return 0 }
    return entries.values.count { !$0.isActive && Self.key($0.turn, 0) < Self.key(own.turn, 0) }
  }

  /// The jobs that begin now.
  package mutating func admit() -> [JobID] {
    var admitted: [JobID] = []
    while let job = next() {
      entries[job]!.isActive = true
      admitted.append(job)
    }
    return admitted
  }

  private func next() -> JobID? {
    let active = entries.values.filter(\.isActive)
    let working = active.filter { !$0.isBlocked }
    guard active.count < Self.most, working.count < Self.places else { return nil }
    var shares: [String: Int] = [:]
    for entry in working { shares[entry.turn.owner, default: 0] += 1 }
    var held: [String: Int] = [:]
    for entry in active { held[entry.turn.owner, default: 0] += 1 }
    return entries.filter { entry in
      let owner = entry.value.turn.owner
      return !entry.value.isActive && shares[owner] ?? 0 < perOwner ?? .max
        && held[owner] ?? 0 < Self.mostOfOne
    }.min {
      Self.key($0.value.turn, shares[$0.value.turn.owner] ?? 0)
        < Self.key($1.value.turn, shares[$1.value.turn.owner] ?? 0)
    }?.key
  }

  private static func key(_ turn: JobTurn, _ share: Int) -> (Int, Double, Int) {
    (share, -turn.priority.weight, turn.number)
  }
}
