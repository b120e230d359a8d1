import Coordinator
import Testing
import Varuna

/// What the board makes of workers that are lost without a word.
@Suite struct DepartureTests {
  typealias T = TaskBoardTests

  private func isExhausted(_ actions: [TaskBoard.Action]) -> Bool {
    actions.contains { if case .exhausted = $0 { true } else { false } }
  }

  private func exhausts(_ actions: [TaskBoard.Action], _ id: TaskID) -> Bool {
    actions.contains { if case .exhausted(id, _, _) = $0 { true } else { false } }
  }

  /// The only worker holds a share of most of its memory, and a smaller one is beside it.
  private func large() -> TaskBoard {
    var board = T.board(T.worker("a", process: 7), T.worker("small", memory: 10))
    _ = board.moves(.add([T.task(1, memory: 90)]), at: 0)
    _ = board.moves(.asked(1), at: 1)
    return board
  }

  private func lose(_ board: inout TaskBoard, _ worker: String, at now: Double)
    -> [TaskBoard.Action]
  { board.moves(.left(worker, reason: "reset", abrupt: true), at: now) }

  private func hear(_ board: inout TaskBoard, at now: Double) {
    for worker in board.workers.keys { _ = board.moves(.heard(worker), at: now) }
  }

  @Test func aConnectionThatBreaksTakesNothingFromTheWorkerOrTheJob() {
    var board = large()
    #expect(lose(&board, "a", at: 2) == [.requeued(1, from: "a", reason: "reset")])
    #expect(board.absent["a"]?.memory == nil && board.tasks[1] != nil)
    hear(&board, at: 4)
    #expect(board.moves(.tick, at: 4).isEmpty)
    #expect(board.moves(.joined(T.worker("a", process: 7)), at: 5) == [.assign(1, to: "a")])
    #expect(board.workers["a"]?.memory == 100)
    #expect(board.tasks[1]?.blame == Departure.networkPart)
    // It was not tried there.
    #expect(board.tasks[1]?.tries.isEmpty == true)
  }

  @Test func aProcessThatEndedHasLessMemory() {
    var board = large()
    _ = lose(&board, "a", at: 2)
    #expect(exhausts(board.moves(.joined(T.worker("a", process: 8)), at: 3), 1))
    #expect(board.workers["a"]?.memory == 66)
  }

  @Test func whoIsNotBackWithinTheLeaseHasLessMemoryUntilItsProcessIsThereAgain() {
    var board = large()
    _ = lose(&board, "a", at: 2)
    for second in 3...12 {
      hear(&board, at: Double(second))
      #expect(board.moves(.tick, at: Double(second)).isEmpty)
    }
    hear(&board, at: 13)
    let actions = board.handle(.tick, at: 13)
    #expect(exhausts(actions, 1))
    #expect(board.absent["a"]?.memory == 66)
    // It is kept in the database as well.
    #expect(actions.contains(.remember("a", board.absent["a"]!)))
    _ = board.moves(.joined(T.worker("a", process: 7)), at: 60)
    #expect(board.workers["a"]?.memory == 100)
  }

  @Test func theCoordinatorsOwnSleepIsNoTimeToComeBackIn() {
    var board = large()
    _ = board.moves(.tick, at: 1)
    _ = lose(&board, "a", at: 2)
    #expect(board.moves(.tick, at: 500).isEmpty)
    #expect(board.moves(.joined(T.worker("a", process: 7)), at: 501) == [.assign(1, to: "a")])
  }

  /// What has no room any more waits for a worker that may have it and was lost a moment ago.
  @Test func aTaskIsNotGivenUpWhileAWorkerMayComeBack() {
    var board = large()
    _ = board.moves(.joined(T.worker("b", process: 5)), at: 1)
    _ = lose(&board, "b", at: 2)
    _ = lose(&board, "a", at: 2)
    #expect(board.moves(.joined(T.worker("a", process: 8)), at: 3).isEmpty)
    #expect(board.tasks[1]?.blame == 1)
    #expect(board.moves(.joined(T.worker("b", process: 5)), at: 4) == [.assign(1, to: "b")])
  }

  @Test func allWorkersLostAtOnceAreOneRound() {
    var board = TaskBoard(leaseSeconds: 10)
    for number in 0..<7 { _ = board.moves(.joined(T.worker("rack\(number)")), at: 0) }
    _ = board.moves(.add((1...7).map { T.task($0, memory: 90) }), at: 0)
    for id in 1...7 as ClosedRange<TaskID> { _ = board.moves(.asked(id), at: 0) }
    for number in 0..<7 { _ = lose(&board, "rack\(number)", at: 1) }
    for second in 2...40 { #expect(board.moves(.tick, at: Double(second)).isEmpty) }
    #expect(board.tasks.count == 7 && board.tasks.values.allSatisfy { $0.blame == 1 })
    #expect(board.moves(.joined(T.worker("new")), at: 41).count == 1)
  }

  /// A task that is passed on from one dying worker to the next, in one round, stops at the third one.
  @Test func aTaskThatIsLostThreeTimesWaitsUntilItIsKnownWhy() {
    var board = T.board(T.worker("a"), T.worker("b"), T.worker("c"), T.worker("d"))
    _ = board.moves(.add([T.task(1)]), at: 0)
    for second in 1...3 {
      hear(&board, at: Double(second))
      _ = board.moves(.tick, at: Double(second))
      _ = board.moves(.asked(1), at: Double(second))
      _ = lose(&board, board.tasks[1]?.holder ?? "", at: Double(second))
    }
    #expect(board.tasks[1]?.holder == nil && board.workers.count == 1)
    #expect(
      board.obstacle(for: "j", at: 4)?.hasPrefix("waiting for workers that were lost with a task")
        == true)
    for second in 4...11 {
      hear(&board, at: Double(second))
      #expect(board.moves(.tick, at: Double(second)).isEmpty)
    }
    hear(&board, at: 12)
    #expect(board.moves(.tick, at: 12).count == 1)
    for second in 13...14 { _ = board.moves(.tick, at: Double(second)) }
    #expect(board.tasks[1]?.blame == 1 && board.tasks[1]?.holder != nil)
  }

  /// Answers that always break the connection do not go on for ever.
  @Test func aConnectionThatBreaksEachTimeEndsTheTask() {
    var board = T.board(T.worker("a", process: 7))
    _ = board.moves(.add([T.task(1)]), at: 0)
    var breaks = 0
    while board.tasks[1] != nil, breaks < 100 {
      let now = Double(10_000 * (breaks + 1))
      _ = board.moves(.uncordon("a"), at: now)
      hear(&board, at: now)
      _ = board.moves(.tick, at: now)
      _ = board.moves(.asked(1), at: now)
      breaks += 1
      _ = lose(&board, "a", at: now)
      _ = board.moves(.joined(T.worker("a", process: 7)), at: now + 1)
    }
    #expect((8...12).contains(breaks))
  }

  /// Eight workers with a share each; one is on another power line.
  @Test(arguments: [true, false]) func aRackThatIsLostTakesNoJobWithIt(together: Bool) {
    var board = T.board(T.worker("well", memory: 1000))
    for number in 0..<7 { _ = board.moves(.joined(T.worker("rack\(number)")), at: 0) }
    _ = board.moves(
      .add((1...7).map { T.task($0, memory: 90, preferred: "rack\($0 - 1)") }), at: 0)
    for id in 1...7 as ClosedRange<TaskID> {
      #expect(board.tasks[id]?.holder == "rack\(id - 1)")
      _ = board.moves(.asked(id), at: 0)
    }
    var seen: [TaskBoard.Action] = []
    for number in 0..<7 {
      let now = 1 + (together ? 0 : 0.5 * Double(number))
      seen += lose(&board, "rack\(number)", at: now)
      for task in board.held(by: "well") { seen += board.moves(.asked(task.id), at: now) }
    }
    for second in 5...40 {
      hear(&board, at: Double(second))
      seen += board.moves(.tick, at: Double(second))
    }
    #expect(!isExhausted(seen))
    #expect(board.held(by: "well").count == 7)
  }

  /// The coordinator hears nobody for longer than the lease, three times; then all are back.
  @Test func theCoordinatorsOwnNetworkEndsNoJob() {
    var board = TaskBoard(leaseSeconds: 10)
    for number in 0..<4 { _ = board.moves(.joined(T.worker("w\(number)")), at: 0) }
    _ = board.moves(.add((1...8).map { T.task($0, memory: 45) }), at: 0)
    var seen: [TaskBoard.Action] = []
    for outage in 0..<3 {
      let start = Double(1 + 200 * outage)
      for id in 1...8 as ClosedRange<TaskID> { seen += board.moves(.asked(id), at: start) }
      for second in 0...18 { seen += board.moves(.tick, at: start + Double(second)) }
      #expect(board.workers.isEmpty)
      for number in 0..<4 {
        seen += board.moves(.joined(T.worker("w\(number)")), at: start + 19)
      }
      for second in 20...198 {
        hear(&board, at: start + Double(second))
        seen += board.moves(.tick, at: start + Double(second))
      }
      #expect(board.tasks.values.allSatisfy { $0.holder != nil })
    }
    #expect(!isExhausted(seen))
    #expect(board.workers.values.allSatisfy { $0.memory == 100 })
  }

  /// A job that ends every process that has it fails after a few workers of many, and does not take all down before it is
  /// known that their processes ended.
  @Test(arguments: [true, false]) func aJobThatEndsItsWorkersIsBounded(comeBack: Bool) {
    var board = TaskBoard(leaseSeconds: 10)
    for number in 10..<60 {
      let name = "w\(number)"
      _ = board.moves(.joined(T.worker(name)), at: 0)
      _ = board.moves(.add([T.task(TaskID(number), job: "k", preferred: name)]), at: 0)
      _ = board.moves(.completed(TaskID(number), by: name), at: 0)
    }
    _ = board.moves(.add([T.task(1, memory: 20)]), at: 1)
    var killed: Set<WorkerID> = []
    var seconds = 1
    while board.tasks[1] != nil, seconds < 1000 {
      seconds += 1
      let now = Double(seconds)
      hear(&board, at: now)
      _ = board.moves(.tick, at: now)
      guard let holder = board.tasks[1]?.holder else { continue }
      killed.insert(holder)
      _ = board.moves(.asked(1), at: now)
      _ = lose(&board, holder, at: now)
      if comeBack { _ = board.moves(.joined(T.worker(holder, process: UInt64(seconds))), at: now) }
    }
    #expect(board.tasks[1] == nil && killed.count <= 30)
    #expect(killed.count >= TaskBoard.crowd)
    #expect(seconds < 120)
  }
}
