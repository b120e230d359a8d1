import Coordinator
import Varuna

/// Tasks of a simulation: keys, and the lockstep rounds of groups.
extension Simulator {
  private static let rounds = ShareStep.allCases.map { Int($0.rawValue) }

  /// The steps that a share answers.
  private static func steps(_ kind: JobTrace.Task.Kind) -> [Int] {
    switch kind {
    case .key: [0]
    case .instances: ShareStep.ofInstances.map { Int($0.rawValue) }
    case .matrix: ShareStep.ofMatrices.map { Int($0.rawValue) }
    }
  }

  private mutating func add(_ task: JobTrace.Task) -> TaskID {
    let id = TaskID(trace.tasks.count + 1)
    shares[id] = Share(place: trace.tasks.count, task: task)
    trace.tasks.append(task)
    return id
  }

  /// Puts keys on the board; each is asked for when it has a worker.
  mutating func makeKeys(_ circuits: [Int]) {
    let tasks = circuits.map { circuit in
      let need = workload.keys[circuit]
      let id = add(
        JobTrace.Task(kind: .key, group: nil, number: circuit, instances: 0, cost: need.cost))
      shares[id]!.asked = [0]
      shares[id]!.isOpen = true
      return BoardTask(id: id, job: Self.job, kind: .index, cost: need.cost, memory: need.memory)
    }
    feed(.add(tasks))
  }

  /// Divides a group and begins its first round, or puts it off.
  mutating func prove(_ number: Int, attempt: Int) {
    let needs = workload.groups[number]
    guard
      let division = board.divide(job: Self.job, needs, limit: cluster.workers, at: time)
    else { return advance(.groupDeferred(number)) }
    var tasks: [BoardTask] = []
    for (k, share) in division.instances.enumerated() {
      let demands = share.members.map { needs.instances[$0] }
      let cost = demands.reduce(0) { $0 + $1.cost }
      let id = add(
        JobTrace.Task(
          kind: .instances, group: number, number: k, instances: share.members.count, cost: cost))
      tasks.append(
        BoardTask(
          id: id, job: Self.job, kind: .share, cost: cost,
          memory: demands.reduce(needs.share) { $0 + $1.memory }, preferred: share.worker))
    }
    for (c, worker) in division.matrices.enumerated() {
      let need = needs.matrices[c]
      let id = add(
        JobTrace.Task(kind: .matrix, group: number, number: c, instances: 0, cost: need.cost))
      tasks.append(
        BoardTask(
          id: id, job: Self.job, kind: .share, cost: need.cost, memory: need.memory,
          preferred: worker))
    }
    groups[number] = Group(attempt: attempt, tasks: tasks.map(\.id))
    beginRound(0, of: number)
    feed(.add(tasks))
  }

  /// Opens a round's step of every share that has one.
  private mutating func beginRound(_ round: Int, of number: Int) {
    guard var group = groups[number] else { return }
    let step = Self.rounds[round]
    group.round = round
    group.open = Set(group.tasks.filter { Self.steps(shares[$0]!.task.kind).contains(step) })
    groups[number] = group
    for task in group.open {
      shares[task]!.asked.append(step)
      shares[task]!.isOpen = true
    }
  }

  /// Gives a task to a worker with all that its rounds have seen so far.
  mutating func give(_ task: TaskID, to worker: Int) {
    guard let share = shares[task] else { return }
    var arrival = time + cluster.roundTrip / 2
    if fetched[worker, default: []].insert(task).inserted {
      let bytes =
        costs.artifactBytes[share.task.kind]?.value(Double(share.task.instances)) ?? 0
      // A want goes to the coordinator, and pieces come one after the other.
      let began = arrival + cluster.roundTrip / 2
      let wire = max(began, lineFree[worker]) + (cluster.rate.map { bytes / $0 } ?? 0)
      lineFree[worker] = wire
      arrival = wire + cluster.roundTrip / 2
      if bytes > 0 {
        trace.fetches.append(
          JobTrace.Fetch(
            task: share.place, worker: worker, began: began, ended: wire, bytes: UInt64(bytes)))
      }
    }
    if share.isOpen { ask(task, of: worker, replay: true, notBefore: arrival) }
  }

  /// Asks for the open step of a task; one that is replayed computes the steps before it as well.
  private mutating func ask(
    _ task: TaskID, of worker: Int, replay: Bool, notBefore arrival: Double = 0
  ) {
    guard let step = shares[task]?.asked.last, let entry = shares[task]?.task else { return }
    let steps = replay ? shares[task]!.asked : [step]
    let seconds = steps.reduce(0) { $0 + costs.seconds(entry, step: $1) }
    queueFree = max(queueFree, time)
    if entry.kind != .key { queueFree += costs.posting }
    shares[task]!.requests[worker] = queueFree
    let bytes = costs.requestBytes[MeasuredCosts.Place(entry.kind, step)] ?? 0
    schedule(
      .reachedWorker(
        worker,
        SimulatedWorker.Work(
          task: task, step: step, isKey: entry.kind == .key, threadSeconds: seconds)),
      at: max(arrival, queueFree + cluster.seconds(bytes)))
    feed(.asked(task))
  }

  /// An answer reaches the coordinator: keys are checked beside the queue, all else goes through it.
  mutating func arrive(_ worker: Int, _ work: SimulatedWorker.Work) {
    guard let share = shares[work.task], share.isOpen, share.asked.last == work.step,
      let asked = share.requests[worker]
    else { return }
    let handled: Double
    let end: Double
    if work.isKey {
      handled = costs.keyCheck.value(share.task.cost)
      checksFree = max(checksFree, time) + handled
      end = checksFree
    } else {
      handled = costs.handling
      queueFree = max(queueFree, time) + handled
      end = queueFree
    }
    let place = MeasuredCosts.Place(share.task.kind, work.step)
    trace.answers.append(
      JobTrace.Answer(
        task: share.place, worker: worker, step: work.step, asked: asked, answered: time,
        handled: handled, bytesAsked: Int(costs.requestBytes[place] ?? 0),
        bytesAnswered: Int(costs.answerBytes[place] ?? 0)))
    schedule(.handled(worker, work), at: end)
  }

  /// The coordinator has looked at an answer: the first one counts.
  mutating func take(_ worker: Int, _ work: SimulatedWorker.Work) {
    guard let share = shares[work.task], share.isOpen, share.asked.last == work.step else {
      return
    }
    shares[work.task]!.isOpen = false
    let name = trace.workers[worker].id
    guard let number = share.task.group else {
      feed(.completed(work.task, by: name))
      return advance(.keyMade(share.task.number))
    }
    feed(.answered(work.task, by: name, fresh: true))
    groups[number]?.open.remove(work.task)
    guard let group = groups[number], group.open.isEmpty else { return }
    guard group.round + 1 < Self.rounds.count else {
      return schedule(
        .proved(group: number, attempt: group.attempt),
        after: max(0, costs.finishing - costs.handling))
    }
    queueFree = max(queueFree, time) + max(0, costs.turn - costs.handling)
    beginRound(group.round + 1, of: number)
    for task in group.tasks where shares[task]!.isOpen {
      guard let holder = board.tasks[task]?.holder, let worker = names[holder] else { continue }
      ask(task, of: worker, replay: false)
    }
  }
}
