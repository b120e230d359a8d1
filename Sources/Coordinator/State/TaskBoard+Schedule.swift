import Varuna
import Worker

extension TaskBoard {
  /// Seconds after which a group that waits for room, and would fit idle workers, is not passed by younger ones any more.
  package static let groupPatience: Double = 30
  /// A key may be begun beside others where it takes at most this part of what they take.
  private static let smallPart = 0.125

  /// The tasks a worker holds, oldest first.
  package func held(by worker: WorkerID) -> [BoardTask] {
    tasks.held(by: worker)
  }

  /// The workers that may be counted on for jobs, by id.
  package var enlisted: [BoardWorker] {
    workers.values.filter(\.isEnlisted).sorted { $0.id < $1.id }
  }

  /// How many workers may be counted on for a job.
  package func enlistedCount(for job: JobID) -> Int {
    guard let only = turns[job]?.only else { return enlistedCount }
    return only.count { workers[$0]?.isEnlisted == true }
  }

  /// The workers that may be counted on for a job, by id.
  package func enlisted(for job: JobID) -> [BoardWorker] {
    let turn = turn(of: job)
    return turn.only == nil ? enlisted : enlisted.filter { turn.admits($0.id) }
  }

  /// Workers that may serve a job, each with the tasks of it that it holds: all of them, or of more than so many those with
  /// most tasks, and how many others there are, with how many tasks.
  ///
  /// - Parameter only: the workers that may have its tasks; nil: all.
  package func serving(
    _ job: JobID, only: Set<WorkerID>? = nil, naming most: Int
  ) -> (named: [(worker: BoardWorker, tasks: Int)], others: (count: Int, tasks: Int)) {
    var counts: [WorkerID: Int] = [:]
    for task in tasks.values where task.job == job {
      for worker in [task.holder, task.shadow].compactMap({ $0 }) {
        counts[worker, default: 0] += 1
      }
    }
    let admitted = only.map { only in enlisted.filter { only.contains($0.id) } }
    let count = admitted?.count ?? enlistedCount
    if count <= most {
      return ((admitted ?? enlisted).map { ($0, counts[$0.id] ?? 0) }, (0, 0))
    }
    let holders = counts.filter { workers[$0.key]?.isEnlisted == true }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let named = holders.prefix(most).compactMap { id, tasks in
      workers[id].map { (worker: $0, tasks: tasks) }
    }
    let rest = holders.dropFirst(most).reduce(0) { $0 + $1.value }
    return (named.sorted { $0.worker.id < $1.worker.id }, (count - named.count, rest))
  }

  /// Divides a group of a job among the workers that may have it; nil while it does not fit them.
  package mutating func divide(
    job: JobID, _ group: GroupDemand, limit: Int?, at now: Double
  ) -> Division? {
    if isBehind(job, at: now) { return nil }
    let usage = countUsage()
    looks += group.instances.count + group.matrices.count
    let ready = enlisted(for: job).filter { $0.availability(at: now) == .live }
    let division = policy.divide(group, among: ready.map(usage.view), limit: limit)
    if division != nil {
      waitingGroups[job] = nil
    } else if fitsIdle(group, of: job) {
      waitingGroups[job] = waitingGroups[job] ?? now
    } else {
      // What does not fit at all keeps nobody waiting.
      waitingGroups[job] = nil
    }
    return division
  }

  /// Whether a group of another job has waited so long that this job has to wait for it.
  private func isBehind(_ job: JobID, at now: Double) -> Bool {
    let mine = waitingGroups[job] ?? now
    return waitingGroups.contains { other, since in
      other != job && since < mine && now - since > Self.groupPatience
        && turn(of: other).priority.weight >= turn(of: job).priority.weight
    }
  }

  private func fitsIdle(_ group: GroupDemand, of job: JobID) -> Bool {
    let idle = enlisted(for: job).map {
      WorkerView(id: $0.id, threads: $0.threads, memory: $0.memory)
    }
    return policy.divide(group, among: idle, limit: nil) != nil
  }

  /// The upper median of what was measured of the workers that may be counted on.
  var usualSpeed: Double? {
    let speeds = enlisted.compactMap(\.health.speed).sorted()
    return speeds.isEmpty ? nil : speeds[speeds.count / 2]
  }

  func turn(of job: JobID) -> JobTurn { turns[job] ?? JobTurn(owner: job) }

  /// Why a group that was not divided has to wait; nil while there are no workers.
  package func obstacle(for job: JobID, _ group: GroupDemand, at now: Double) -> String? {
    let enlisted = enlisted(for: job)
    if enlisted.isEmpty { return outOfService ?? Self.nobody }
    if isBehind(job, at: now) { return "waiting for an older job that needs much room" }
    let offered = enlisted.reduce(UInt64(0)) { $0 &+ $1.memory }
    if fitsIdle(group, of: job) {
      return resting(at: now) ?? Self.waitsForMemory
    }
    let kept =
      "waiting for workers: a batch keeps about \(MemoryText.needed(group.heldBytes)) between its rounds"
    let there =
      "the \(enlisted.count) connected ones offer \(MemoryText.available(offered)) together"
    if UInt64(clamping: group.heldBytes) > offered {
      return "\(kept), \(there)" + lowered(enlisted)
    }
    // It looks as if it fitted: then it is the parts that do not.
    let largest = enlisted.map(\.memory).max() ?? 0
    return
      "\(kept), and one worker needs up to \(MemoryText.needed(group.largestPart)) "
      + "for a part of it while it computes; \(there), one of them \(MemoryText.available(largest)) at most, "
      + "and the parts do not fit them"
      + lowered(enlisted)
  }

  /// Why a waiting task of a job cannot be placed; nil where it can be or nothing waits.
  package func obstacle(for job: JobID, at now: Double) -> String? {
    guard let task = waiting.first(where: { $0.job == job && $0.kind == .share }) ?? stuckIndex(job)
    else { return nil }
    let enlisted = enlisted(for: job)
    let able = enlisted.filter { !task.excluded.contains($0.id) }
    if enlisted.isEmpty { return outOfService ?? Self.nobody }
    if able.isEmpty { return "waiting for a worker that can do a task" }
    if task.undecided.count >= Self.witnesses {
      return "waiting for workers that were lost with a task, or for the end of their lease: "
        + task.table
    }
    let largest = able.map(\.memory).max() ?? 0
    if task.memory.total > largest {
      return "a task needs \(MemoryText.needed(task.memory.total)) of memory, "
        + "the largest worker offers " + MemoryText.available(largest) + lowered(able)
    }
    if task.hasFailedOften {
      return "waiting for a worker that has not tried a task that failed elsewhere: \(task.table)"
    }
    return resting(at: now) ?? Self.waitsForMemory
  }

  /// Says where workers are believed to have less than they offer.
  private func lowered(_ workers: [BoardWorker]) -> String {
    let names = workers.filter { $0.memory < $0.offered }.map(\.name)
    if names.isEmpty { return "" }
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return " (less than it says at \(names.prefix(3).joined(separator: ", "))\(more): it was lost)"
  }

  private static let nobody = "waiting for workers: none is connected"

  /// Where nobody may be counted on: who is there and why not; nil where nobody is there, or somebody may be counted on.
  package var outOfService: String? {
    let there = workers.values.sorted { $0.id < $1.id }
    if there.isEmpty || there.contains(where: \.isEnlisted) { return nil }
    let list = there.prefix(3).map {
      "\($0.name) is \($0.availability(at: 0).rawValue)"
        + ($0.health.cordon.map { ": \($0.reason)" } ?? "")
    }
    return "waiting for workers: of \(there.count) connected, \(list.joined(separator: "; "))"
  }

  /// Where all who may be counted on take a rest.
  private func resting(at now: Double) -> String? {
    let enlisted = enlisted
    guard !enlisted.isEmpty, enlisted.allSatisfy({ $0.availability(at: now) == .resting }),
      let first = enlisted.min(by: { $0.health.restsUntil < $1.health.restsUntil })
    else { return nil }
    return "waiting for \(first.name), which rests after a trouble: "
      + (first.health.lastTrouble ?? "unknown")
  }

  private static let waitsForMemory = "waiting for memory that other shares hold"

  /// Shares of a job that wait although every worker that may have them was asked.
  package func blockedShares(of job: JobID) -> Set<TaskID> {
    Set(waiting.filter { $0.job == job && $0.kind == .share }.map(\.id))
  }

  /// The oldest task that is a share of a group; ids grow with time.
  package var oldestShare: TaskID? { tasks.values.filter { $0.kind == .share }.map(\.id).min() }

  /// Gives waiting tasks to workers until none can be placed: of the owner, and of his job, that is furthest behind in its
  /// fair share, the oldest task.
  ///
  /// Where looking takes too long for one event, what was looked at in vain is passed over until all others have been.
  mutating func schedule(at now: Double, _ actions: inout [Action]) {
    var queues: [JobID: [BoardTask]] = [:]
    for task in tasks.waiting.reversed() where !passedOver.contains(task.id) {
      queues[task.job, default: []].append(task)
    }
    if queues.isEmpty {
      passedOver = []
      return
    }
    var search = PlaceSearch(self, countUsage(), at: now)
    var vain: [TaskID] = []
    while let job = queues.keys.min(by: { precedes($0, $1, queues) }) {
      if search.left <= 0 {
        passedOver.formUnion(vain)
        return
      }
      let task = queues[job]!.removeLast()
      if let worker = place(task, &search, at: now) {
        tasks[task.id]!.holder = worker
        tasks[task.id]!.fetchingSeconds =
          workers[worker]?.health.troublesInARow ?? 0 > 0 ? 0 : FetchingPatience.constant
        search.assign(task, to: worker)
        fairness.got(task.cost, job, turn(of: job))
        actions.append(.assign(task.id, to: worker))
      } else {
        vain.append(task.id)
        while let next = queues[job]!.last, search.isInVain(next) {
          vain.append(next.id)
          queues[job]!.removeLast()
        }
      }
      if queues[job]!.isEmpty { queues[job] = nil }
    }
    passedOver = []
  }

  private func precedes(_ a: JobID, _ b: JobID, _ queues: [JobID: [BoardTask]]) -> Bool {
    let (placeA, placeB) = (
      fairness.place(a, turn(of: a)), fairness.place(b, turn(of: b))
    )
    if placeA != placeB { return placeA < placeB }
    return (queues[a]?.last?.id ?? 0) < (queues[b]?.last?.id ?? 0)
  }

  private var waiting: [BoardTask] { tasks.waiting }

  /// Counts what workers have: once for all decisions of an event.
  mutating func countUsage() -> Usage {
    looks += tasks.count + workers.count
    return Usage(self)
  }

  /// An index task that waits although its job has none at any worker.
  private func stuckIndex(_ job: JobID) -> BoardTask? {
    tasks.values.contains { $0.job == job && $0.holder != nil }
      ? nil : waiting.first { $0.job == job }
  }

  private mutating func place(
    _ task: BoardTask, _ search: inout PlaceSearch, at now: Double
  ) -> WorkerID? {
    // So many workers were lost with it that first it must be known why.
    if task.undecided.count >= Self.witnesses || search.isInVain(task) { return nil }
    func rank(_ worker: BoardWorker, _ hasOthers: Bool) -> Int? {
      guard let view = candidate(task, worker, search.usage, hasOthers, at: now) else { return nil }
      // Who has not tried it; where others have, who has ever answered; then what may have ended a worker is kept away from
      // the tasks of others.
      return (task.hasLeft(view.id) ? 0 : 4) + (task.hasLeftSomebody && !worker.hasAnswered ? 0 : 2)
        + (search.usage.mayHave(task, view.id) ? 1 : 0)
    }
    let hasOthers = !task.shortOfMemory.isEmpty && hasRoomElsewhere(task)
    // Whom the policy had in mind, where nobody is better.
    if let preferred = task.preferred.flatMap({ workers[$0] }), rank(preferred, hasOthers) == 7 {
      return preferred.id
    }
    looks += search.ready.count
    search.looked(search.ready.count)
    var (best, candidates): (Int, [WorkerView]) = (0, [])
    for worker in search.ready {
      guard let rank = rank(worker, hasOthers), rank >= best else { continue }
      if rank > best { (best, candidates) = (rank, []) }
      candidates.append(search.usage.view(worker))
    }
    // What only some may have says nothing about what others may.
    if candidates.isEmpty, turn(of: task.job).only == nil { search.failed(task) }
    if let preferred = task.preferred, candidates.contains(where: { $0.id == preferred }) {
      return preferred
    }
    return policy.choose(Demand(cost: task.cost, memory: task.memory), among: candidates)
  }

  /// A worker as the policy sees it, where it may have a task now.
  private func candidate(
    _ task: BoardTask, _ worker: BoardWorker, _ usage: Usage, _ hasOthers: Bool, at now: Double
  ) -> WorkerView? {
    if task.excluded.contains(worker.id) || !turn(of: task.job).admits(worker.id) { return nil }
    let view = usage.view(worker)
    guard view.fits(task.memory) else { return nil }
    if task.tries[worker.id] != nil, task.hasFailedOften { return nil }
    if hasOthers, task.shortOfMemory.contains(worker.id) { return nil }
    switch worker.availability(at: now) {
    case .live: break
    case .probation: if usage.hasTasks(worker.id) { return nil }
    default: return nil
    }
    return task.kind == .share || hasTurn(task, worker, usage) ? view : nil
  }

  /// Whether a worker that has not tried a task is believed to have the memory for it.
  private mutating func hasRoomElsewhere(_ task: BoardTask) -> Bool {
    looks += workers.count
    let turn = turn(of: task.job)
    return workers.values.contains {
      $0.isEnlisted && turn.admits($0.id) && task.tries[$0.id] == nil
        && !task.excluded.contains($0.id)
        && UInt64(task.memory.total) <= $0.memory
    }
  }

  /// Whether a worker has a place for a key: one per thread and one that waits, and one more for a small one.
  private func hasTurn(_ task: BoardTask, _ worker: BoardWorker, _ usage: Usage) -> Bool {
    let costs = usage.keyCosts[worker.id] ?? []
    if costs.count <= worker.threads { return true }
    return costs.count == worker.threads + 1
      && task.cost <= Self.smallPart * (costs.min() ?? 0)
  }
}
