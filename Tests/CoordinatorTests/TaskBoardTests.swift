import Coordinator
import TestSupport
import Testing
import Varuna

@Suite struct TaskBoardTests {
  static func worker(
    _ id: String, process instance: UInt64 = 0, threads: Int = 1, memory: UInt64 = 100
  ) -> BoardWorker {
    BoardWorker(id: id, name: id, instance: instance, threads: threads, memory: memory)
  }

  static func task(
    _ id: TaskID, _ kind: BoardTask.Kind = .share, job: String = "j", cost: Double = 1,
    memory: UInt64 = 1, preferred: String? = nil
  ) -> BoardTask {
    BoardTask(
      id: id, job: job, kind: kind, cost: cost, memory: TaskMemory(held: Int(memory)),
      preferred: preferred)
  }

  static func board(_ workers: BoardWorker...) -> TaskBoard {
    var board = TaskBoard(leaseSeconds: 10)
    for worker in workers { _ = board.moves(.joined(worker), at: 0) }
    return board
  }

  static func trouble(_ text: String, code: String = "test", retryable: Bool = true)
    -> TaskBoard.TaskTrouble
  { TaskBoard.TaskTrouble(code: code, text: text, retryable: retryable) }

  @Test func tasksWaitForWorkers() {
    var board = TaskBoard(leaseSeconds: 10)
    #expect(board.moves(.add([Self.task(1)]), at: 0).isEmpty)
    #expect(board.obstacle(for: "j", at: 0) == "waiting for workers: none is connected")
    #expect(board.moves(.joined(Self.worker("a")), at: 1) == [.assign(1, to: "a")])
    #expect(board.obstacle(for: "j", at: 0) == nil)
  }

  @Test func aWorkerHasOneIndexTaskPerThreadAndOneThatWaits() {
    var board = Self.board(Self.worker("a"), Self.worker("b", threads: 2))
    let actions = board.moves(.add((1...6).map { Self.task($0, .index) }), at: 0)
    #expect(actions.count == 5)
    #expect(board.held(by: "a").count == 2 && board.held(by: "b").count == 3)
    let last = board.held(by: "b")[0].id
    #expect(board.moves(.completed(last, by: "a"), at: 1).isEmpty)
    #expect(board.moves(.completed(last, by: "b"), at: 1) == [.assign(6, to: "b")])
  }

  @Test func aWorkerMayHoldManyShares() {
    var board = Self.board(Self.worker("a"))
    let actions = board.moves(.add((1...5).map { Self.task($0) }), at: 0)
    #expect(actions == (1...5).map { .assign($0, to: "a") })
  }

  @Test(arguments: [true, false]) func aLostWorkersTasksGoElsewhere(silent: Bool) {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(.add([Self.task(1, preferred: "a"), Self.task(2, preferred: "b")]), at: 0)
    _ = board.moves(.heard("b"), at: 10)
    if silent {
      #expect(board.moves(.tick, at: 10).isEmpty)
      #expect(
        board.moves(.tick, at: 10.5) == [
          .requeued(1, from: "a", reason: "no heartbeat"),
          .disconnect("a", reason: "no heartbeat for 10 s"), .assign(1, to: "b"),
        ])
    } else {
      #expect(
        board.moves(.left("a", reason: "closed", abrupt: true), at: 1) == [
          .requeued(1, from: "a", reason: "closed"), .assign(1, to: "b"),
        ])
    }
    #expect(board.tasks[1]?.losses == 1 && board.tasks[1]?.failures == 0)
    #expect(board.workers["a"] == nil)
  }

  @Test func theLastWorkerMayLoseATaskTwiceButNotForEver() {
    var board = Self.board(Self.worker("a"))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    for round in 1...2 {
      _ = board.moves(.asked(1), at: Double(100 * round))
      #expect(
        board.moves(.left("a", reason: "closed", abrupt: true), at: Double(100 * round))
          == [.requeued(1, from: "a", reason: "closed")])
      _ = board.moves(.joined(Self.worker("a", process: UInt64(round))), at: Double(100 * round))
      #expect(board.moves(.tick, at: Double(100 * round + 5)) == [.assign(1, to: "a")])
    }
    _ = board.moves(.asked(1), at: 300)
    #expect(
      board.moves(.left("a", reason: "closed", abrupt: true), at: 300)
        == [.requeued(1, from: "a", reason: "closed")])
    // Whether its process ended is known when another one is there.
    #expect(
      board.moves(.joined(Self.worker("a", process: 3)), at: 301)
        == [.exhausted(1, code: "lost", reason: "a: lost: closed (3 times)")])
  }

  @Test func anAnswerShowsThatATaskCanBeDone() {
    var board = Self.board(Self.worker("a"))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    for round in 1...20 {
      _ = board.moves(.asked(1), at: Double(100 * round))
      _ = board.moves(.left("a", reason: "closed", abrupt: true), at: Double(100 * round))
      _ = board.moves(.joined(Self.worker("a")), at: Double(100 * round))
      #expect(board.moves(.tick, at: Double(100 * round + 5)) == [.assign(1, to: "a")])
      _ = board.moves(.asked(1), at: Double(100 * round + 6))
      _ = board.moves(.answered(1, by: "a", fresh: true), at: Double(100 * round + 7))
    }
    #expect(board.tasks[1]?.losses == 20 && board.tasks[1]?.blame == 0)
  }

  @Test func aWorkerThatReconnectsForgotItsTasks() {
    var board = Self.board(Self.worker("a"))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    #expect(
      board.moves(.joined(Self.worker("a")), at: 1) == [
        .requeued(1, from: "a", reason: "reconnected"), .assign(1, to: "a"),
      ])
  }

  @Test func failuresAreBounded() {
    var board = Self.board(Self.worker("a"))
    let failure = TaskBoard.Event.failed(1, by: "a", Self.trouble("t"))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    for round in 1...2 {
      #expect(board.moves(failure, at: Double(round)) == [.requeued(1, from: "a", reason: "t")])
      #expect(board.obstacle(for: "j", at: Double(round))?.contains("rests after") == true)
      #expect(board.moves(.tick, at: Double(round) + 0.9) == [.assign(1, to: "a")])
    }
    #expect(
      board.moves(failure, at: 3) == [.exhausted(1, code: "test", reason: "a: t (3 times)")])
    #expect(board.tasks.isEmpty)
  }

  @Test func aFailureGoesToAnotherWorkerFirst() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.moves(.failed(1, by: "a", Self.trouble("no room", retryable: false)), at: 0) == [
        .requeued(1, from: "a", reason: "no room"), .assign(1, to: "b"),
      ])
    #expect(
      board.moves(.failed(1, by: "b", Self.trouble("no room", retryable: false)), at: 0) == [
        .exhausted(1, code: "test", reason: "a: no room; b: no room")
      ])
  }

  @Test func theTableTellsWorkersOfOneNameApartAndCountsWhatIsNotInIt() throws {
    var board = TaskBoard(leaseSeconds: 10)
    for id in ["a", "b"] {
      let twin = BoardWorker(id: id, name: "twin", instance: 0, threads: 1, memory: 100)
      _ = board.moves(.joined(twin), at: 0)
    }
    _ = board.moves(.add([Self.task(1, preferred: "a")]), at: 0)
    _ = board.moves(.failed(1, by: "a", Self.trouble("no room", retryable: false)), at: 0)
    #expect(
      board.moves(.failed(1, by: "b", Self.trouble("no room", retryable: false)), at: 0) == [
        .exhausted(1, code: "test", reason: "twin (a): no room; twin (b): no room")
      ])
    var many = Self.board(Self.worker("w0"))
    _ = many.moves(.add([Self.task(1)]), at: 0)
    for number in 0..<15 {
      _ = many.moves(.joined(Self.worker("w\(number + 1)")), at: Double(number))
      _ = many.moves(.failed(1, by: "w\(number)", Self.trouble("t")), at: Double(number))
    }
    let table = try #require(many.tasks[1]).table
    #expect(table.hasPrefix("w3: t; w4: t; ") && table.hasSuffix("; w14: t; and 3 times before"))
  }

  @Test func wordsOfAWorkerThatDoesNotHoldATaskAreIgnored() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.moves(.failed(1, by: "b", Self.trouble("", retryable: false)), at: 0).isEmpty)
    #expect(board.moves(.completed(1, by: "b"), at: 0).isEmpty)
    #expect(board.moves(.answered(1, by: "b", fresh: true), at: 0).isEmpty)
    #expect(board.tasks[1]?.holder == "a" && board.tasks[1]?.failures == 0)
  }

  @Test func aLiarGetsNothingUntilAnOperatorTrustsItAgain() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(
      .add([Self.task(1, preferred: "a"), Self.task(2, job: "k", preferred: "a")]), at: 0)
    #expect(
      board.moves(.lied("a", reason: "wrong"), at: 0) == [
        .requeued(1, from: "a", reason: "lied: wrong"), .release(1, by: "a"),
        .requeued(2, from: "a", reason: "lied: wrong"), .release(2, by: "a"),
        .assign(1, to: "b"), .assign(2, to: "b"),
      ])
    _ = board.moves(.left("b", reason: "closed", abrupt: true), at: 0)
    #expect(
      board.obstacle(for: "j", at: 0)
        == "waiting for workers: of 1 connected, a is quarantined: wrong")
    // Not by coming back, nor by lesser words.
    _ = board.moves(.left("a", reason: "closed", abrupt: true), at: 1)
    _ = board.moves(.joined(Self.worker("a")), at: 1e6)
    _ = board.moves(.cordon("a", WorkerHealth.Cordon(cause: .command, reason: "x")), at: 1e6)
    #expect(board.workers["a"]?.availability(at: 1e6) == .quarantined)
    #expect(board.moves(.uncordon("a"), at: 1e6) == [.assign(1, to: "a"), .assign(2, to: "a")])
    #expect(board.workers["a"]?.health.lies == 1)
  }

  @Test func aDrainingWorkerFinishesAndTakesNothing() {
    var board = Self.board(Self.worker("a"))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    #expect(board.moves(.leaving("a"), at: 0).isEmpty)
    #expect(board.moves(.add([Self.task(2)]), at: 0).isEmpty)
    #expect(board.moves(.finish([1]), at: 0) == [.release(1, by: "a"), .drained("a")])
    // It left and came back: nobody said that it should not.
    _ = board.moves(.left("a", reason: "goodbye", abrupt: false), at: 1)
    #expect(board.moves(.joined(Self.worker("a")), at: 1) == [.assign(2, to: "a")])
  }

  @Test func anOperatorsDrainLastsAndHasAnEnd() {
    var board = Self.board(Self.worker("a"), Self.worker("b", memory: 0))
    _ = board.moves(.add([Self.task(1)]), at: 0)
    let drain = WorkerHealth.Cordon(cause: .drain, reason: "x", until: 60)
    #expect(board.moves(.cordon("a", drain), at: 0).isEmpty)
    _ = board.moves(.heard("a"), at: 55)
    _ = board.moves(.heard("b"), at: 55)
    #expect(board.moves(.tick, at: 59).isEmpty)
    #expect(
      board.moves(.tick, at: 60) == [
        .requeued(1, from: "a", reason: "the worker's time was over"), .release(1, by: "a"),
        .drained("a"),
      ])
    _ = board.moves(.left("a", reason: "goodbye", abrupt: false), at: 61)
    #expect(board.moves(.joined(Self.worker("a")), at: 62).isEmpty)
    #expect(board.moves(.uncordon("a"), at: 63) == [.assign(1, to: "a")])
  }

  @Test func aRevokedWorkerIsDisconnected() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.moves(.revoke("a"), at: 0) == [
        .requeued(1, from: "a", reason: "revoked"),
        .disconnect("a", reason: "this worker's key was revoked"), .assign(1, to: "b"),
      ])
  }

  @Test func endingAJobReleasesWhatItHolds() {
    var board = Self.board(Self.worker("a"))
    _ = board.moves(.add([Self.task(1), Self.task(2, .index), Self.task(3, .index)]), at: 0)
    _ = board.moves(.add([Self.task(4, .index, job: "k")]), at: 0)
    #expect(
      board.moves(.endJob("j"), at: 0) == [
        .release(1, by: "a"), .release(2, by: "a"), .release(3, by: "a"), .assign(4, to: "a"),
      ])
    #expect(Set(board.tasks.keys) == [4])
  }

  @Test func jobsShareWorkersEvenly() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.moves(.add((1...6).map { Self.task($0, .index, job: "first") }), at: 0)
    _ = board.moves(.add((7...9).map { Self.task($0, .index, job: "second") }), at: 0)
    // The first job holds all places; from when the second one is there, they take turns.
    #expect(board.moves(.completed(1, by: "a"), at: 1) == [.assign(7, to: "a")])
    #expect(board.moves(.completed(2, by: "b"), at: 1) == [.assign(5, to: "b")])
    #expect(board.moves(.completed(3, by: "a"), at: 1) == [.assign(8, to: "a")])
  }

  @Test func aTaskThatFitsNobodySaysSo() {
    var board = Self.board(Self.worker("a", memory: 3 << 20))
    #expect(board.moves(.add([Self.task(1, memory: 5 << 20)]), at: 0).isEmpty)
    #expect(
      board.obstacle(for: "j", at: 0)
        == "a task needs 5 MiB of memory, the largest worker offers 3 MiB")
    #expect(
      board.moves(.joined(Self.worker("b", memory: 9 << 20)), at: 0) == [.assign(1, to: "b")])
    // What is too large by a byte does not look as if it fitted.
    _ = board.moves(.add([Self.task(2, memory: 9 << 20 + 1)]), at: 0)
    #expect(
      board.obstacle(for: "j", at: 0)
        == "a task needs 10 MiB of memory, the largest worker offers 9 MiB")
  }

  /// No sequence of events loses a task, gives one to two workers, or gives work to a barred worker.
  @Test(arguments: 0..<40) func invariantsHoldUnderRandomEvents(seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var board = TaskBoard(leaseSeconds: 5)
    var alive: Set<TaskID> = []
    var holders: [TaskID: WorkerID] = [:]
    var shadows: [TaskID: WorkerID] = [:]
    var generator = SeededGenerator(seed: seed)
    var now = 0.0
    var id: TaskID = 0
    for step in 0..<300 {
      now += Double(next(step % 50 == 0 ? 100 : 3))
      let worker = "w\(next(4))"
      let event: TaskBoard.Event
      switch next(10) {
      case 0: event = .joined(Self.worker(worker, process: next(2), memory: 50))
      case 1: event = .left(worker, reason: "closed", abrupt: next(2) == 0)
      case 2: event = .heard(worker)
      case 3:
        id += 1
        alive.insert(id)
        event = .add([
          Self.task(id, next(2) == 0 ? .index : .share, job: "j\(next(2))", memory: next(40))
        ])
      case 4:
        guard let task = holders.keys.min() else { continue }
        event = .completed(task, by: holders[task]!)
      case 5:
        guard let task = holders.keys.max() else { continue }
        event = .failed(
          task, by: holders[task]!, Self.trouble("t", retryable: next(2) == 0))
      case 6:
        event = next(8) == 0 ? .lied(worker, reason: "x") : .uncordon(worker)
      case 7:
        event = next(2) == 0 ? .leaving(worker) : .cordon(worker, Self.cordon)
      case 8:
        guard let task = holders.keys.randomElement(using: &generator) else { continue }
        event =
          next(2) == 0
          ? .asked(task) : .answered(task, by: shadows[task] ?? holders[task]!, fresh: true)
      default: event = .tick
      }
      for action in board.moves(event, at: now) {
        let place: Comment = "seed \(seed) step \(step) \(event) \(action)"
        switch action {
        case .assign(let task, let to):
          #expect(holders[task] == nil, place)
          #expect(board.workers[to] != nil, place)
          holders[task] = to
        case .shadow(let task, let to):
          #expect(holders[task] != nil && holders[task] != to && shadows[task] == nil, place)
          shadows[task] = to
        case .promoted(let task, let to):
          #expect(shadows[task] == to, place)
          (holders[task], shadows[task]) = (to, nil)
        case .requeued(let task, let from, _):
          #expect(holders[task] == from && shadows[task] == nil, place)
          holders[task] = nil
        case .exhausted(let task, _, _):
          alive.remove(task)
          (holders[task], shadows[task]) = (nil, nil)
        case .release, .disconnect, .drained, .remember, .ended: break
        }
      }
      if case .completed(let task, _) = event {
        alive.remove(task)
        (holders[task], shadows[task]) = (nil, nil)
      }
      // The board may also have let go of a shadow, or made it the holder with an answer.
      for (task, shadow) in shadows where board.tasks[task]?.shadow != shadow {
        if board.tasks[task]?.holder == shadow { holders[task] = shadow }
        shadows[task] = nil
      }
      #expect(Set(board.tasks.keys) == alive, "seed \(seed) step \(step) \(event)")
      for task in board.tasks.values {
        #expect(task.holder == holders[task.id], "seed \(seed) step \(step) \(event)")
        for worker in [task.holder, task.shadow].compactMap({ $0 }) {
          #expect(
            board.workers[worker]?.availability(at: now) != .quarantined, "seed \(seed) \(event)")
        }
        #expect(task.shadow == nil || task.shadow != task.holder, "seed \(seed) \(event)")
      }
    }
  }

  private static let cordon = WorkerHealth.Cordon(cause: .command, reason: "x")

  @Test func whatFitsNobodyNowIsBlocked() {
    var board = Self.board(Self.worker("a", memory: 10), Self.worker("b", memory: 10))
    _ = board.moves(.add([Self.task(1, memory: 6), Self.task(2, memory: 6)]), at: 0)
    #expect(board.blockedShares(of: "j").isEmpty)
    _ = board.moves(.left("b", reason: "closed", abrupt: true), at: 1)
    #expect(board.blockedShares(of: "j") == [2])
    #expect(board.oldestShare == 1)
    #expect(board.obstacle(for: "j", at: 0) == "waiting for memory that other shares hold")
    #expect(board.moves(.drop([1]), at: 2) == [.release(1, by: "a"), .assign(2, to: "a")])
  }

  private static func divides(
    _ board: inout TaskBoard, _ job: String, _ group: GroupDemand, _ now: Double
  ) -> Bool { board.divide(job: job, group, limit: nil, at: now) != nil }

  @Test func aGroupThatFitsNobodySaysWhatItNeeds() {
    var board = Self.board(Self.worker("a", memory: 10 << 20))
    func group(_ mebibytes: Int) -> GroupDemand {
      GroupDemand(
        instances: [Demand(cost: 1, memory: TaskMemory(held: mebibytes << 20))], matrices: [])
    }
    #expect(Self.divides(&board, "j", group(11), 0) == false)
    #expect(
      board.obstacle(for: "j", group(11), at: 0)
        == "waiting for workers: a batch keeps about 11 MiB between its rounds, "
        + "the 1 connected ones offer 10 MiB together")
    // Where the sum would fit, it is said what does not.
    let wide = GroupDemand(
      instances: [Demand(cost: 1, memory: TaskMemory(held: 6 << 20, step: 5 << 20))],
      matrices: [])
    #expect(
      board.obstacle(for: "j", wide, at: 0)
        == "waiting for workers: a batch keeps about 6 MiB between its rounds, and one worker needs up to 11 MiB for a "
        + "part of it while it computes; the 1 connected ones offer 10 MiB together, one of them 10 MiB at most, and the "
        + "parts do not fit them")
    _ = board.moves(.add([Self.task(1, memory: 5 << 20)]), at: 0)
    #expect(Self.divides(&board, "j", group(6), 0) == false)
    #expect(
      board.obstacle(for: "j", group(6), at: 0) == "waiting for memory that other shares hold")
    #expect(Self.divides(&board, "j", group(5), 0) == true)
  }
}

extension TaskBoard {
  /// Takes an event and returns what follows, but what is only for the record.
  mutating func moves(_ event: Event, at now: Double) -> [Action] {
    handle(event, at: now).filter { action in
      switch action {
      case .remember, .ended: false
      default: true
      }
    }
  }
}
