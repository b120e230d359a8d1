import Coordinator
import TestSupport
import Testing
import Varuna

/// What the board does about tasks that go wrong and workers that take long.
@Suite struct TroubleTests {
  typealias T = TaskBoardTests

  private static func giant(_ id: TaskID, job: String = "giant") -> BoardTask {
    BoardTask(id: id, job: job, kind: .share, cost: 1, memory: TaskMemory(held: 90))
  }

  /// A worker's process ends, and another one comes at once.
  private func crash(_ board: inout TaskBoard, _ worker: String, at now: Double)
    -> [TaskBoard.Action]
  {
    let actions = board.moves(.left(worker, reason: "killed", abrupt: true), at: now)
    let process = (board.departures[worker]?.worker.instance ?? 0) + 1
    return actions + board.moves(.joined(T.worker(worker, process: process)), at: now)
  }

  @Test func aJobThatKillsItsWorkersFailsWithATableAndTheOneBesideItDoesNot() {
    var board = T.board(T.worker("a"), T.worker("b"), T.worker("c"))
    var exhausted: [TaskBoard.Action] = []
    var smallLosses = 0.0
    _ = board.moves(
      .add([Self.giant(1), T.task(2, job: "small", memory: 5, preferred: "a")]), at: 0)
    var now = 0.0
    for _ in 0..<20 where exhausted.isEmpty {
      now += 1
      _ = board.moves(.asked(1), at: now)
      _ = board.moves(.asked(2), at: now)
      guard let holder = board.tasks[1]?.holder else { continue }
      for worker in ["a", "b", "c"] { _ = board.moves(.heard(worker), at: now) }
      exhausted += crash(&board, holder, at: now).filter {
        if case .exhausted = $0 { true } else { false }
      }
      for worker in ["a", "b", "c"] { _ = board.moves(.heard(worker), at: now) }
      _ = board.moves(.tick, at: now + 0.9)
      smallLosses = board.tasks[2]?.blame ?? .infinity
    }
    guard case .exhausted(1, "lost", let reason)? = exhausted.first else {
      Issue.record("the giant goes on: \(exhausted)")
      return
    }
    #expect(now < 12 && reason.contains("lost: killed"))
    #expect(smallLosses < 1 && board.tasks[2] != nil)
  }

  @Test func aSuspectIsKeptAwayFromOthers() {
    var board = T.board(T.worker("a"), T.worker("b"))
    _ = board.moves(.add([T.task(1, job: "bad", memory: 40, preferred: "a")]), at: 0)
    _ = board.moves(.add([T.task(2, job: "good", preferred: "b")]), at: 0)
    _ = board.moves(.asked(1), at: 1)
    _ = board.moves(.left("a", reason: "killed", abrupt: true), at: 1)
    _ = board.moves(.joined(T.worker("c")), at: 1)
    // It went to the only other worker; now there is one with nothing of others.
    #expect(board.tasks[1]?.holder == "b")
    _ = board.moves(.asked(1), at: 2)
    _ = board.moves(.left("b", reason: "killed", abrupt: true), at: 2)
    #expect(board.tasks[1]?.holder == "c")
    _ = board.moves(.joined(T.worker("d")), at: 2)
    _ = board.moves(.add([T.task(3, job: "good")]), at: 3)
    #expect(board.tasks[3]?.holder == "d")
  }

  @Test func aSickWorkerGetsNothingForAWhile() {
    var board = T.board(T.worker("sick", threads: 8), T.worker("well"))
    var failures = 0
    for id in 1...40 as ClosedRange<TaskID> {
      _ = board.moves(.add([T.task(id, .index)]), at: Double(id) / 100)
      if board.tasks[id]?.holder == "sick" {
        failures += 1
        _ = board.moves(
          .failed(id, by: "sick", T.trouble("disk: full", code: "disk")), at: Double(id) / 100)
      }
      #expect(board.tasks[id]?.holder == "well" || board.tasks[id]?.holder == nil)
      if board.tasks[id]?.holder == "well" {
        _ = board.moves(.completed(id, by: "well"), at: Double(id) / 100)
      }
    }
    #expect(failures <= 3)
    #expect(board.workers["sick"]?.availability(at: 0.4) == .resting)
  }

  /// Three workers that refuse whatever they are given do not speak for a task while a healthy one has not had it.
  @Test(arguments: ["memory", "io"]) func workersThatOnlyFailDoNotSpeakForATask(code: String) {
    var board = T.board(T.worker("a"), T.worker("b"), T.worker("c"), T.worker("well"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    var now = 0.0
    for _ in 0..<20 {
      now += 1
      _ = board.moves(.tick, at: now)
      guard let holder = board.tasks[1]?.holder, holder != "well" else { break }
      let actions = board.moves(.failed(1, by: holder, T.trouble("no", code: code)), at: now)
      #expect(!actions.contains { if case .exhausted = $0 { true } else { false } })
    }
    #expect(board.tasks[1]?.holder == "well")
  }

  @Test func busyAndDrainingAreNoFailures() {
    var board = T.board(T.worker("a"), T.worker("b"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.failed(1, by: "a", T.trouble("busy: x", code: "busy")), at: 0)
    #expect(board.tasks[1]?.holder == "b")
    _ = board.moves(.failed(1, by: "b", T.trouble("draining: x", code: "draining")), at: 0)
    #expect(board.tasks[1]?.failures == 0 && board.tasks[1]?.blame == 0)
    #expect(board.workers["b"]?.availability(at: 0) == .draining)
    #expect(board.workers["a"]?.health.failures == 0)
    #expect(board.moves(.tick, at: 1.5) == [.assign(1, to: "a")])
  }

  /// Who has declined a task has it again only where nobody else is there, however often his rest is over.
  @Test(arguments: ["busy", "draining"]) func whoDeclinesDoesNotKeepATaskFromOthers(code: String) {
    var board = T.board(T.worker("a"), T.worker("b"), T.worker("z", threads: 1))
    _ = board.moves(.add([T.task(1, preferred: "a"), T.task(2, preferred: "z")]), at: 0)
    for (worker, now) in [("a", 13.0), ("b", 26)] {
      for name in ["a", "b", "z"] { _ = board.moves(.heard(name), at: now) }
      _ = board.moves(.asked(1), at: now - 13)
      #expect(board.tasks[1]?.holder == worker)
      _ = board.moves(.failed(1, by: worker, T.trouble("no", code: code)), at: now)
      // Thirteen seconds of silence are no prompt word.
      #expect(board.workers[worker]?.health.stalls == 1)
    }
    #expect(board.tasks[1]?.holder == "z" && board.tasks[1]?.blame == 0)
  }

  /// However many workers only ever fail, a task goes to one that has answered, and does not end before it has had it.
  @Test(arguments: [(0, true), (2, true), (0, false)])
  func aCrowdThatFailsDoesNotSpeakForATaskOthersCanDo(attested: Int, wellAnswered: Bool) {
    var board = TaskBoard(leaseSeconds: 1e6)
    func join(_ name: String, answers: Bool, task: TaskID) {
      _ = board.moves(.joined(T.worker(name)), at: 0)
      guard answers else { return }
      _ = board.moves(.add([T.task(task, job: "k", preferred: name)]), at: 0)
      _ = board.moves(.completed(task, by: name), at: 0)
    }
    join("well", answers: wellAnswered, task: 100)
    // It has something to do when the task comes.
    _ = board.moves(.add([T.task(99, job: "k", memory: 100, preferred: "well")]), at: 0)
    for number in 0..<40 {
      join("w\(number + 10)", answers: number < attested, task: TaskID(200 + number))
    }
    _ = board.moves(.add([T.task(1)]), at: 1)
    var failures = 0
    while let holder = board.tasks[1]?.holder, holder != "well" {
      failures += 1
      let actions = board.moves(.failed(1, by: holder, T.trouble("no")), at: 2)
      #expect(!actions.contains { if case .exhausted = $0 { true } else { false } })
    }
    #expect(failures <= 40 && board.tasks[1] != nil)
    #expect(board.moves(.finish([99]), at: 3).contains(.assign(1, to: "well")))
  }

  /// A helper that is as mute as whom it helps gives its place to the next, those that have answered first.
  @Test func muteHelpersGiveTheirPlaceToOthers() {
    var board = T.board(T.worker("mute1"), T.worker("mute2"), T.worker("mute3"), T.worker("well"))
    _ = board.moves(.add([T.task(1, preferred: "mute1")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var helpers: [(second: Int, worker: WorkerID)] = []
    for second in 1...80 {
      for worker in board.workers.keys { _ = board.moves(.heard(worker), at: Double(second)) }
      for action in board.moves(.tick, at: Double(second)) {
        if case .shadow(1, let worker) = action { helpers.append((second, worker)) }
      }
    }
    #expect(helpers.map(\.worker) == ["well", "mute3", "mute2"])
    #expect(helpers.map(\.second) == [16, 32, 48])
    #expect(board.workers["well"]?.health.stalls == 1 && board.tasks[1]?.blame == 0)
  }

  /// What a helper fetches is no silence.
  @Test func aHelperThatFetchesKeepsItsPlace() {
    var board = T.board(T.worker("mute"), T.worker("far"), T.worker("other"))
    _ = board.moves(.add([T.task(1, preferred: "mute")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var helpers: Set<WorkerID> = []
    for second in 1...60 {
      let now = Double(second)
      for worker in board.workers.keys { _ = board.moves(.heard(worker), at: now) }
      if let helper = board.tasks[1]?.shadow {
        helpers.insert(helper)
        _ = board.moves(.fetching(helper, [1: 1 << 20]), at: now)
      }
      _ = board.moves(.tick, at: now)
    }
    #expect(helpers.count == 1)
  }

  @Test func aStragglersTaskIsDoneByAnIdleWorkerAndTheFirstAnswerWins() {
    var board = T.board(T.worker("slow"), T.worker("idle"))
    _ = board.moves(.add([T.task(1, preferred: "slow")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    func tick(_ now: Double) -> [TaskBoard.Action] {
      for worker in ["slow", "idle"] { _ = board.moves(.heard(worker), at: now) }
      return board.moves(.tick, at: now)
    }
    for second in 1...15 { #expect(tick(Double(second)).isEmpty) }
    #expect(tick(16) == [.shadow(1, to: "idle")])
    #expect(tick(17).isEmpty)
    #expect(
      board.moves(.answered(1, by: "idle", fresh: true), at: 18) == [.release(1, by: "slow")])
    #expect(board.tasks[1]?.holder == "idle" && board.tasks[1]?.shadow == nil)
    #expect((board.workers["slow"]?.health.speed ?? 1) <= 0.5)
    #expect(board.workers["slow"]?.health.stalls == 1)
    #expect(board.moves(.answered(1, by: "slow", fresh: true), at: 19).isEmpty)
  }

  @Test func aShadowThatIsSlowerIsLetGo() {
    var board = T.board(T.worker("a"), T.worker("b"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    for second in 1...16 {
      for worker in ["a", "b"] { _ = board.moves(.heard(worker), at: Double(second)) }
      _ = board.moves(.tick, at: Double(second))
    }
    #expect(board.tasks[1]?.shadow == "b")
    #expect(board.moves(.answered(1, by: "a", fresh: true), at: 17) == [.release(1, by: "b")])
    #expect(board.tasks[1]?.holder == "a" && board.workers["b"]?.health == WorkerHealth())
  }

  @Test func theShadowGoesOnWhereTheHolderIsLost() {
    var board = T.board(T.worker("a"), T.worker("b"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    for second in 1...16 {
      for worker in ["a", "b"] { _ = board.moves(.heard(worker), at: Double(second)) }
      _ = board.moves(.tick, at: Double(second))
    }
    #expect(
      board.moves(.left("a", reason: "gone", abrupt: true), at: 17) == [.promoted(1, to: "b")])
    #expect(board.tasks[1]?.holder == "b" && board.tasks[1]?.openSince == 0)
  }

  @Test func whoNeverAnswersIsStuckInTheEnd() {
    var board = T.board(T.worker("a"))
    _ = board.moves(.add([T.task(1)]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var stuck: Double?
    for second in 1...400 where stuck == nil {
      _ = board.moves(.heard("a"), at: Double(second))
      let actions = board.moves(.tick, at: Double(second))
      if actions.contains(.release(1, by: "a")) { stuck = Double(second) }
    }
    #expect(stuck == Patience().toStall + 1)
    #expect(board.workers["a"]?.health.stalls == 1)
  }

  @Test func fetchingIsNoStalling() {
    var board = T.board(T.worker("a"), T.worker("idle"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    for second in 1...1000 {
      _ = board.moves(.heard("idle"), at: Double(second))
      _ = board.moves(.fetching("a", [1: 256 << 10]), at: Double(second))
      #expect(board.moves(.tick, at: Double(second)).isEmpty)
    }
  }

  /// Bytes that trickle put off for half a minute what is overdue, and then an idle worker does it as well.
  @Test func fetchingForEverIsStalling() {
    var board = T.board(T.worker("a"), T.worker("idle"))
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var shadowed: Int?
    for second in 1...100 where shadowed == nil {
      _ = board.moves(.heard("idle"), at: Double(second))
      _ = board.moves(.fetching("a", [1: 1]), at: Double(second))
      if board.moves(.tick, at: Double(second)) == [.shadow(1, to: "idle")] { shadowed = second }
    }
    #expect(shadowed == 46)
  }

  /// Who was overtaken without having answered anything is not waited for that long at each of its tasks.
  @Test func whoFetchesForEverHoldsNothingElseUp() {
    var board = T.board(T.worker("a"), T.worker("idle"))
    _ = board.moves(.add([T.task(1, preferred: "a"), T.task(2, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var shadowed: [TaskID: Int] = [:]
    for second in 1...200 {
      let now = Double(second)
      _ = board.moves(.heard("idle"), at: now)
      _ = board.moves(.fetching("a", [1: 1, 2: 1]), at: now)
      for action in board.moves(.tick, at: now) {
        guard case .shadow(let id, "idle") = action else { continue }
        shadowed[id] = second
        _ = board.moves(.answered(id, by: "idle", fresh: true), at: now)
        if id == 1 { _ = board.moves(.asked(2), at: now) }
      }
    }
    #expect(shadowed == [1: 46, 2: 46 + 6])
    #expect(board.workers["a"]?.health.stalls == 1)
    // What it gets before it has answered anything has no more time to be fetched than an answer has.
    _ = board.moves(.add([T.task(3, preferred: "a")]), at: 300)
    #expect(board.tasks[3]?.holder == "a" && board.tasks[3]?.fetchingSeconds == 0)
  }

  /// What was measured of tiny tasks, which is mostly waiting, puts nobody off.
  @Test func whoSeemsVerySlowHelpsInTime() {
    var board = TaskBoard(leaseSeconds: 100)
    var slow = WorkerHealth()
    slow.speed = 0.02
    let idle = BoardWorker(id: "idle", name: "idle", threads: 1, memory: 100, health: slow)
    for worker in [T.worker("a"), idle] { _ = board.moves(.joined(worker), at: 0) }
    _ = board.moves(.add([T.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    var shadowed: Int?
    for second in 1...60 where shadowed == nil {
      if board.moves(.tick, at: Double(second)) == [.shadow(1, to: "idle")] { shadowed = second }
    }
    #expect(shadowed == 16)
  }

  /// Others get what a worker's memory is too short for, and the worker rests as after any failure.
  @Test func tooLittleMemoryIsAFailure() {
    var board = T.board(T.worker("a"))
    _ = board.moves(.add([T.task(3)]), at: 0)
    _ = board.moves(.failed(3, by: "a", T.trouble("no", code: "memory")), at: 0)
    #expect(board.workers["a"]?.availability(at: 0.1) == .resting)
    #expect(board.workers["a"]?.health.failures == 1)
    // Nobody else is there, so it has it again; where there is somebody, who has no room yet, it has not.
    #expect(board.moves(.tick, at: 1) == [.assign(3, to: "a")])
    _ = board.moves(.joined(T.worker("new")), at: 1)
    _ = board.moves(.add([T.task(4, memory: 100, preferred: "new")]), at: 1)
    _ = board.moves(.failed(3, by: "a", T.trouble("no", code: "memory")), at: 1)
    #expect(board.workers["a"]?.availability(at: 3) == .live)
    _ = board.moves(.tick, at: 3)
    #expect(board.tasks[3]?.holder == nil)
    #expect(board.moves(.finish([4]), at: 4).contains(.assign(3, to: "new")))
  }

  /// Seven workers that refuse all there is at once do not end a job that the eighth can do when it has room.
  @Test(arguments: ["memory", "io"]) func aTaskWaitsForAWorkerThatHasNotTriedIt(code: String) {
    var board = T.board(T.worker("well"))
    for number in 0..<7 { _ = board.moves(.joined(T.worker("evil\(number)")), at: 0) }
    _ = board.moves(.add([T.task(9, job: "k", memory: 100, preferred: "well")]), at: 0)
    _ = board.moves(.add([T.task(1)]), at: 0)
    var refusals = 0
    for step in 1...300 {
      let now = Double(step) / 10
      for worker in board.workers.keys { _ = board.moves(.heard(worker), at: now) }
      _ = board.moves(.tick, at: now)
      guard let holder = board.tasks[1]?.holder else { continue }
      refusals += 1
      let actions = board.moves(.failed(1, by: holder, T.trouble("no", code: code)), at: now)
      #expect(!actions.contains { if case .exhausted = $0 { true } else { false } })
    }
    #expect((3...7).contains(refusals))
    #expect(board.obstacle(for: "j", at: 30)?.contains("has not tried a task") == true)
    #expect(board.moves(.finish([9]), at: 31).contains(.assign(1, to: "well")))
  }

  /// Twelve workers that have answered before are enough; then nobody else is asked.
  @Test func aTaskThatFailsEverywhereIsNotTriedByAll() {
    var board = TaskBoard(leaseSeconds: 1e6)
    for number in 0..<50 {
      _ = board.moves(.joined(T.worker("w\(number + 10)")), at: 0)
      let warming = TaskID(100 + number)
      _ = board.moves(.add([T.task(warming, job: "k", preferred: "w\(number + 10)")]), at: 0)
      _ = board.moves(.completed(warming, by: "w\(number + 10)"), at: 0)
    }
    _ = board.moves(.add([T.task(1)]), at: 1)
    var tried: Set<WorkerID> = []
    while let holder = board.tasks[1]?.holder, tried.count < 50 {
      tried.insert(holder)
      _ = board.moves(.failed(1, by: holder, T.trouble("no")), at: 2)
    }
    #expect(tried.count == TaskBoard.attestedCrowd && board.tasks[1] == nil)
  }

  @Test func theCoordinatorsOwnSleepIsNobodysSilence() {
    var board = T.board(T.worker("a"))
    _ = board.moves(.add([T.task(1)]), at: 0)
    _ = board.moves(.tick, at: 1)
    #expect(board.moves(.tick, at: 500).isEmpty)
    #expect(board.workers["a"] != nil)
    for second in 501...512 { _ = board.moves(.tick, at: Double(second)) }
    #expect(board.workers["a"] == nil)
  }

  @Test func aWorkerOnProbationGetsOneTaskAtATime() {
    var health = WorkerHealth()
    for _ in 0..<WorkerHealth.patience { health.note(.loss, "gone", at: 0) }
    var board = T.board(BoardWorker(id: "a", name: "a", threads: 4, memory: 100, health: health))
    _ = board.moves(.add([T.task(1), T.task(2)]), at: 0)
    #expect(board.tasks[1]?.holder == nil)
    #expect(
      board.obstacle(for: "j", at: 0)
        == "waiting for workers: of 1 connected, a is cordoned: 5 troubles in a row, the last: gone"
    )
    _ = board.moves(.heard("a"), at: 61)
    #expect(board.moves(.tick, at: 61) == [.assign(1, to: "a")])
    #expect(board.moves(.finish([1]), at: 62) == [.release(1, by: "a"), .assign(2, to: "a")])
  }

  @Test func aSlowWorkerGetsLess() throws {
    let policy = BalancedPolicy()
    let workers = [
      WorkerView(id: "slow", threads: 1, memory: 100, speed: 0.05),
      WorkerView(id: "fast", threads: 1, memory: 100),
    ]
    let one = Demand(cost: 1, memory: TaskMemory(held: 1))
    let division = try #require(
      policy.divide(
        GroupDemand(instances: [Demand](repeating: one, count: 4), matrices: [one]),
        among: workers, limit: nil))
    #expect(division.instances.map(\.worker) == ["fast"] && division.matrices == ["fast"])
  }
}
