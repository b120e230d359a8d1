import Coordinator

/// Plays a job on a cluster that is not there.
///
/// Decisions are those of the coordinator's own `JobMachine`, `TaskBoard` and policy; what happens between them takes the
/// measured costs. Events of one moment are taken in the order in which they were made: equal arguments give equal traces.
package struct Simulator {
  /// How a simulation ended.
  package struct Outcome: Equatable, Sendable {
    /// What the coordinator would have written down.
    package var trace: JobTrace
    /// Tasks and workers that the scheduler looked at.
    package var looks: Int
    /// Why the job failed or did not end; nil: it was done.
    package var failure: String?
  }

  enum Event {
    case planned
    case reachedWorker(Int, SimulatedWorker.Work)
    case computed(Int, SimulatedWorker.Work, threads: Int)
    case reachedCoordinator(Int, SimulatedWorker.Work)
    case handled(Int, SimulatedWorker.Work)
    case proved(group: Int, attempt: Int)
    case verified
    case tick
  }

  /// A group that is being proven.
  struct Group {
    let attempt: Int
    let tasks: [TaskID]
    var round = 0
    var open: Set<TaskID> = []
  }

  /// A task with who was asked for which step of it, and when.
  struct Share {
    let place: Int
    let task: JobTrace.Task
    /// The steps that were asked for, the last of them unanswered where `isOpen`.
    var asked: [Int] = []
    var isOpen = false
    var requests: [Int: Double] = [:]
  }

  static let job: JobID = "job"
  /// Seconds after which a simulation is given up in which nothing happens: longer than any rest or cordon of a worker.
  private static let longestPause = 3700

  let workload: Workload
  let costs: MeasuredCosts
  let cluster: SimulatedCluster
  var trace = JobTrace()
  var board: TaskBoard
  var machine: JobMachine
  var workers: [SimulatedWorker]
  var names: [WorkerID: Int] = [:]
  var shares: [TaskID: Share] = [:]
  var groups: [Int: Group] = [:]
  /// Whether a worker has had the artifacts of a task.
  var fetched: [Int: Set<TaskID>] = [:]
  /// When a worker's line is free, and when the coordinator's queue and its checks of keys are.
  var lineFree: [Double]
  var queueFree = 0.0, checksFree = 0.0
  private var now = 0.0
  private var events = EventQueue<Event>()
  private var failure: String?
  /// Ticks since anything else was to happen.
  private var pause = 0

  private init(_ workload: Workload, _ costs: MeasuredCosts, _ cluster: SimulatedCluster) {
    (self.workload, self.costs, self.cluster) = (workload, costs, cluster)
    board = TaskBoard(leaseSeconds: 30)
    machine = JobMachine(wanted: cluster.workers)
    workers = Array(
      repeating: SimulatedWorker(threads: max(1, cluster.threads)), count: cluster.workers)
    lineFree = Array(repeating: 0, count: cluster.workers)
  }

  /// Plays a job, with all keys known or none.
  package static func run(
    _ workload: Workload, _ costs: MeasuredCosts, on cluster: SimulatedCluster,
    keys: ScalingReport.Keys
  ) -> Outcome {
    var simulator = Simulator(workload, costs, cluster)
    simulator.play(keys)
    return Outcome(
      trace: simulator.trace, looks: simulator.board.looks, failure: simulator.failure)
  }

  private mutating func play(_ keys: ScalingReport.Keys) {
    (trace.keys, trace.groups) = (workload.keys, workload.groups)
    trace.circuitsOfGroups = workload.circuitsOfGroups
    mark()
    feed(.enlist(Self.job, JobTurn(owner: "simulation")))
    for number in 0..<cluster.workers {
      // Equal loads go by id: names of one length are in the order of their numbers.
      let digits = String(number)
      let id = "w" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
      names[id] = number
      trace.workers.append(
        JobTrace.Worker(id: id, name: id, threads: cluster.threads, memory: cluster.memory))
      feed(
        .joined(BoardWorker(id: id, name: id, threads: cluster.threads, memory: cluster.memory)))
    }
    advance(.workers(cluster.workers))
    schedule(.tick, after: 1)
    while !machine.stage.isFinal, let (time, event) = events.next() {
      now = time
      handle(event, keys)
      guard pause < Self.longestPause else {
        failure =
          board.obstacle(for: Self.job, at: now)
          ?? workload.groups.lazy.compactMap { [board, now] in
            board.obstacle(for: Self.job, $0, at: now)
          }.first ?? "nothing goes on"
        return
      }
    }
  }

  private mutating func handle(_ event: Event, _ keys: ScalingReport.Keys) {
    switch event {
    case .tick:
      for id in names.keys.sorted() { feed(.heard(id)) }
      feed(.tick)
      advance(.tick)
      pause = events.isEmpty ? pause + 1 : 0
      schedule(.tick, after: 1)
    case .planned:
      queueFree = now + costs.beginning
      let all = Set(workload.keys.indices)
      advance(
        .planned(
          circuits: all.count, missingKeys: keys == .cold ? all : [],
          groups: workload.circuitsOfGroups.map(Set.init), proved: [], attempts: []))
    case .reachedWorker(let worker, let work):
      workers[worker].add(work)
      begin(worker)
    case .computed(let worker, let work, let threads):
      workers[worker].end(threads: threads)
      let place = MeasuredCosts.Place(shares[work.task]?.task.kind ?? .key, work.step)
      schedule(
        .reachedCoordinator(worker, work), after: cluster.seconds(costs.answerBytes[place] ?? 0))
      begin(worker)
    case .reachedCoordinator(let worker, let work): arrive(worker, work)
    case .handled(let worker, let work): take(worker, work)
    case .proved(let number, let attempt):
      guard let group = groups[number], group.attempt == attempt else { return }
      groups[number] = nil
      feed(.finish(group.tasks))
      advance(.groupProved(number))
    case .verified: advance(.documentVerified)
    }
  }

  /// The time of the present event, in seconds since the job began.
  var time: Double { now }

  mutating func schedule(_ event: Event, at time: Double) {
    events.add(event, at: max(now, time))
  }

  mutating func schedule(_ event: Event, after seconds: Double) {
    schedule(event, at: now + seconds)
  }

  private mutating func begin(_ worker: Int) {
    for (work, threads, seconds) in workers[worker].begin() {
      schedule(.computed(worker, work, threads: threads), after: seconds)
    }
  }

  private mutating func mark() {
    trace.marks.append(JobTrace.Mark(stage: machine.stage, time: now, cpuSeconds: 0))
  }

  /// Feeds the machine of the job and does what it says.
  mutating func advance(_ event: JobMachine.Event) {
    let before = machine.stage
    let actions = machine.handle(event, at: now)
    if machine.stage != before { mark() }
    for action in actions {
      switch action {
      case .plan: schedule(.planned, after: workload.planning)
      case .makeKeys(let circuits): makeKeys(circuits)
      case .prove(let group, let attempt): prove(group, attempt: attempt)
      case .assemble: schedule(.verified, after: workload.verifying)
      case .letGo: break
      case .end(let stage, let reason):
        if stage != .done { failure = reason }
      }
    }
  }

  /// Feeds the board and does what it says.
  mutating func feed(_ event: TaskBoard.Event) {
    for action in board.handle(event, at: now) {
      switch action {
      case .assign(let task, let worker), .shadow(let task, let worker):
        if let number = names[worker] { give(task, to: number) }
      case .release(let task, let worker):
        if let number = names[worker] { workers[number].drop(task) }
      case .exhausted(_, _, let reason): advance(.failed(reason))
      default: break
      }
    }
  }
}
