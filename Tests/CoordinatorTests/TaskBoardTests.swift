import Coordinator
import Testing
import Varuna

@Suite struct TaskBoardTests {
  static func worker(_ id: String, threads: Int = 1, memory: UInt64 = 100) -> BoardWorker {
    BoardWorker(id: id, name: id, threads: threads, memory: memory)
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
    for worker in workers { _ = board.handle(.joined(worker), at: 0) }
    return board
  }

  @Test func tasksWaitForWorkers() {
    var board = TaskBoard(leaseSeconds: 10)
    #expect(board.handle(.add([Self.task(1)]), at: 0).isEmpty)
    #expect(board.obstacle(for: "j") == "waiting for workers: none is connected")
    #expect(board.handle(.joined(Self.worker("a")), at: 1) == [.assign(1, to: "a")])
    #expect(board.obstacle(for: "j") == nil)
  }

  @Test func aWorkerHasOneIndexTaskPerThreadAndOneThatWaits() {
    var board = Self.board(Self.worker("a"), Self.worker("b", threads: 2))
    let actions = board.handle(.add((1...6).map { Self.task($0, .index) }), at: 0)
    #expect(actions.count == 5)
    #expect(board.held(by: "a").count == 2 && board.held(by: "b").count == 3)
    let last = board.held(by: "b")[0].id
    #expect(board.handle(.completed(last, by: "a"), at: 1).isEmpty)
    #expect(board.handle(.completed(last, by: "b"), at: 1) == [.assign(6, to: "b")])
  }

  @Test func aWorkerMayHoldManyShares() {
    var board = Self.board(Self.worker("a"))
    let actions = board.handle(.add((1...5).map { Self.task($0) }), at: 0)
    #expect(actions == (1...5).map { .assign($0, to: "a") })
  }

  @Test(arguments: [true, false]) func aLostWorkersTasksGoElsewhere(silent: Bool) {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add([Self.task(1, preferred: "a"), Self.task(2, preferred: "b")]), at: 0)
    _ = board.handle(.heard("b"), at: 10)
    if silent {
      #expect(board.handle(.tick, at: 10).isEmpty)
      #expect(
        board.handle(.tick, at: 10.5) == [
          .requeued(1, from: "a", reason: "no heartbeat"),
          .disconnect("a", reason: "no heartbeat for 10 s"), .assign(1, to: "b"),
        ])
    } else {
      #expect(
        board.handle(.left("a", reason: "closed"), at: 1) == [
          .requeued(1, from: "a", reason: "closed"), .assign(1, to: "b"),
        ])
    }
    #expect(board.tasks[1]?.losses == 1 && board.tasks[1]?.failures == 0)
    #expect(board.workers["a"] == nil)
  }

  @Test func lossesNeverExhaustATask() {
    var board = Self.board(Self.worker("a"))
    _ = board.handle(.add([Self.task(1)]), at: 0)
    for round in 0..<50 {
      let lost = board.handle(.left("a", reason: "closed"), at: Double(round))
      #expect(lost == [.requeued(1, from: "a", reason: "closed")])
      #expect(board.handle(.joined(Self.worker("a")), at: Double(round)) == [.assign(1, to: "a")])
    }
    #expect(board.tasks[1]?.losses == 50)
  }

  @Test func aWorkerThatReconnectsForgotItsTasks() {
    var board = Self.board(Self.worker("a"))
    _ = board.handle(.add([Self.task(1)]), at: 0)
    #expect(
      board.handle(.joined(Self.worker("a")), at: 1) == [
        .requeued(1, from: "a", reason: "reconnected"), .assign(1, to: "a"),
      ])
  }

  @Test func failuresAreBounded() {
    var board = Self.board(Self.worker("a"))
    _ = board.handle(.add([Self.task(1)]), at: 0)
    for _ in 1..<TaskBoard.maximumFailures {
      #expect(
        board.handle(.failed(1, by: "a", text: "t", retryable: true), at: 0) == [
          .requeued(1, from: "a", reason: "t"), .assign(1, to: "a"),
        ])
    }
    #expect(
      board.handle(.failed(1, by: "a", text: "t", retryable: true), at: 0) == [
        .exhausted(1, reason: "t")
      ])
    #expect(board.tasks.isEmpty)
  }

  @Test func aFailureGoesToAnotherWorkerFirst() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.handle(.failed(1, by: "a", text: "no room", retryable: false), at: 0) == [
        .requeued(1, from: "a", reason: "no room"), .assign(1, to: "b"),
      ])
    #expect(
      board.handle(.failed(1, by: "b", text: "no room", retryable: false), at: 0) == [
        .exhausted(1, reason: "no room")
      ])
  }

  @Test func wordsOfAWorkerThatDoesNotHoldATaskAreIgnored() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(board.handle(.failed(1, by: "b", text: "", retryable: false), at: 0).isEmpty)
    #expect(board.handle(.completed(1, by: "b"), at: 0).isEmpty)
    #expect(board.tasks[1]?.holder == "a" && board.tasks[1]?.failures == 0)
  }

  @Test func aQuarantinedWorkerIsAvoidedForItsJobOnly() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.handle(.quarantine("a", job: "j"), at: 0) == [
        .requeued(1, from: "a", reason: "worker quarantined"), .release(1, by: "a"),
        .assign(1, to: "b"),
      ])
    #expect(
      board.handle(.add([Self.task(2, job: "k", preferred: "a")]), at: 0) == [.assign(2, to: "a")])
    _ = board.handle(.left("b", reason: "closed"), at: 0)
    #expect(board.tasks[1]?.holder == nil)
    #expect(
      board.obstacle(for: "j")
        == "waiting for workers: all 1 connected ones gave this job wrong shares")
  }

  @Test func aDrainingWorkerFinishesAndTakesNothing() {
    var board = Self.board(Self.worker("a"))
    _ = board.handle(.add([Self.task(1)]), at: 0)
    #expect(board.handle(.drain("a"), at: 0).isEmpty)
    #expect(board.handle(.add([Self.task(2)]), at: 0).isEmpty)
    #expect(board.handle(.completed(1, by: "a"), at: 0) == [.drained("a")])
    #expect(board.handle(.resume("a"), at: 0) == [.assign(2, to: "a")])
  }

  @Test func aRevokedWorkerIsDisconnected() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add([Self.task(1, preferred: "a")]), at: 0)
    #expect(
      board.handle(.revoke("a"), at: 0) == [
        .requeued(1, from: "a", reason: "revoked"),
        .disconnect("a", reason: "this worker's key was revoked"), .assign(1, to: "b"),
      ])
  }

  @Test func endingAJobReleasesWhatItHolds() {
    var board = Self.board(Self.worker("a"))
    _ = board.handle(.add([Self.task(1), Self.task(2, .index), Self.task(3, .index)]), at: 0)
    _ = board.handle(.add([Self.task(4, .index, job: "k")]), at: 0)
    #expect(
      board.handle(.endJob("j"), at: 0) == [
        .release(1, by: "a"), .release(2, by: "a"), .release(3, by: "a"), .assign(4, to: "a"),
      ])
    #expect(Set(board.tasks.keys) == [4])
  }

  @Test func jobsShareWorkersEvenly() {
    var board = Self.board(Self.worker("a"), Self.worker("b"))
    _ = board.handle(.add((1...6).map { Self.task($0, .index, job: "first") }), at: 0)
    _ = board.handle(.add((7...9).map { Self.task($0, .index, job: "second") }), at: 0)
    // The first job holds all places; the next free ones go to the second job until it has as many.
    #expect(board.handle(.completed(1, by: "a"), at: 1) == [.assign(7, to: "a")])
    #expect(board.handle(.completed(2, by: "b"), at: 1) == [.assign(8, to: "b")])
    #expect(board.handle(.completed(3, by: "a"), at: 1) == [.assign(5, to: "a")])
  }

  @Test func aTaskThatFitsNobodySaysSo() {
    var board = Self.board(Self.worker("a", memory: 3 << 20))
    #expect(board.handle(.add([Self.task(1, memory: 5 << 20)]), at: 0).isEmpty)
    #expect(
      board.obstacle(for: "j")
        == "a task needs 5 MiB of memory, the largest worker offers 3 MiB")
    #expect(
      board.handle(.joined(Self.worker("b", memory: 9 << 20)), at: 0) == [.assign(1, to: "b")])
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
    var now = 0.0
    var id: TaskID = 0
    for step in 0..<300 {
      now += Double(next(3))
      let worker = "w\(next(4))"
      let event: TaskBoard.Event
      switch next(9) {
      case 0: event = .joined(Self.worker(worker, memory: 50))
      case 1: event = .left(worker, reason: "closed")
      case 2: event = .heard(worker)
      case 3:
        id += 1
        alive.insert(id)
        event = .add([
          Self.task(id, next(2) == 0 ? .index : .share, job: "j\(next(2))", memory: next(40))
        ])
      case 4:
        guard let task = holders.keys.min() else { continue }
        alive.remove(task)
        event = .completed(task, by: holders[task]!)
        holders[task] = nil
      case 5:
        guard let task = holders.keys.max() else { continue }
        event = .failed(task, by: holders[task]!, text: "t", retryable: next(2) == 0)
        holders[task] = nil
      case 6: event = .quarantine(worker, job: "j0")
      case 7: event = next(2) == 0 ? .drain(worker) : .resume(worker)
      default: event = .tick
      }
      for action in board.handle(event, at: now) {
        switch action {
        case .assign(let task, let to):
          #expect(holders[task] == nil, "seed \(seed) step \(step)")
          #expect(board.workers[to] != nil, "seed \(seed) step \(step)")
          holders[task] = to
        case .requeued(let task, let from, _):
          #expect(holders[task] == from || holders[task] == nil, "seed \(seed) step \(step)")
          holders[task] = nil
        case .exhausted(let task, _):
          alive.remove(task)
          holders[task] = nil
        case .release, .disconnect, .drained: break
        }
      }
      #expect(Set(board.tasks.keys) == alive, "seed \(seed) step \(step)")
      for task in board.tasks.values {
        #expect(task.holder == holders[task.id], "seed \(seed) step \(step)")
        if let holder = task.holder {
          #expect(!(board.quarantines[task.job] ?? []).contains(holder), "seed \(seed)")
        }
      }
    }
  }

  @Test func whatFitsNobodyNowIsBlocked() {
    var board = Self.board(Self.worker("a", memory: 10), Self.worker("b", memory: 10))
    _ = board.handle(.add([Self.task(1, memory: 6), Self.task(2, memory: 6)]), at: 0)
    #expect(board.blockedShares(of: "j").isEmpty)
    _ = board.handle(.left("b", reason: "closed"), at: 1)
    #expect(board.blockedShares(of: "j") == [2])
    #expect(board.oldestShare == 1)
    #expect(board.obstacle(for: "j") == "waiting for memory that other shares hold")
    #expect(board.handle(.drop([1]), at: 2) == [.release(1, by: "a"), .assign(2, to: "a")])
  }

  @Test func aGroupThatFitsNobodySaysWhatItNeeds() {
    var board = Self.board(Self.worker("a", memory: 10 << 20))
    func group(_ mebibytes: Int) -> GroupDemand {
      GroupDemand(
        instances: [Demand(cost: 1, memory: TaskMemory(held: mebibytes << 20))], matrices: [])
    }
    #expect(board.divide(job: "j", group(11), limit: nil) == nil)
    #expect(
      board.obstacle(for: "j", group(11))
        == "waiting for workers: a batch keeps about 11 MiB between its rounds, "
        + "the 1 connected ones offer 10 MiB together")
    _ = board.handle(.add([Self.task(1, memory: 5 << 20)]), at: 0)
    #expect(board.divide(job: "j", group(6), limit: nil) == nil)
    #expect(
      board.obstacle(for: "j", group(6)) == "waiting for memory that other shares hold")
    #expect(board.divide(job: "j", group(5), limit: nil) != nil)
  }
}
