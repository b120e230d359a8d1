import Coordinator
import TestSupport
import Testing
import Varuna

/// Whose work comes first.
@Suite struct FairnessTests {
  typealias T = TaskBoardTests

  /// Keys of one second each, for workers that finish one per second; returns how many of each job were done.
  private func done(
    _ jobs: [(job: String, turn: JobTurn)], tasks: Int, rounds: Int
  ) -> [String: Int] {
    var board = T.board(T.worker("a", threads: 3))
    var id: TaskID = 0
    for (job, turn) in jobs {
      _ = board.moves(.enlist(job, turn), at: 0)
      let list = (0..<tasks).map { _ in
        id += 1
        return T.task(id, .index, job: job)
      }
      _ = board.moves(.add(list), at: 0)
    }
    var counts: [String: Int] = [:]
    // In the order in which the worker got them.
    var held = board.held(by: "a").map(\.id)
    for round in 0..<rounds where !held.isEmpty {
      let task = held.removeFirst()
      counts[board.tasks[task]!.job, default: 0] += 1
      for case .assign(let next, _) in board.moves(.completed(task, by: "a"), at: Double(round)) {
        held.append(next)
      }
    }
    return counts
  }

  @Test func ownersShareEvenlyHoweverManyJobsTheyHave() {
    let jobs =
      (0..<9).map { ("many\($0)", JobTurn(owner: "many", number: $0)) }
      + [("one", JobTurn(owner: "one", number: 9))]
    let counts = done(jobs, tasks: 100, rounds: 100)
    let one = counts["one"] ?? 0
    #expect((40...60).contains(one), "\(counts)")
  }

  @Test func prioritiesAreWeights() {
    let jobs = [JobPriority.low, .normal, .high].map { priority in
      (priority.rawValue, JobTurn(owner: "o", priority: priority))
    }
    let counts = done(jobs, tasks: 400, rounds: 300)
    let (low, normal, high) = (counts["low"] ?? 0, counts["normal"] ?? 0, counts["high"] ?? 0)
    #expect(low > 0, "nobody starves: \(counts)")
    #expect(normal > low && high > normal, "\(counts)")
  }

  @Test func aSmallKeyPassesLargeOnes() {
    var board = T.board(T.worker("a"))
    _ = board.moves(
      .add((1...6).map { T.task($0, .index, job: "giant", cost: 100) }), at: 0)
    #expect(board.held(by: "a").count == 2)
    #expect(
      board.moves(.add([T.task(7, .index, job: "small", cost: 1)]), at: 1)
        == [.assign(7, to: "a")])
    #expect(board.moves(.add([T.task(8, .index, job: "small", cost: 1)]), at: 1).isEmpty)
  }

  private func group(_ memory: Int) -> GroupDemand {
    GroupDemand(
      instances: [Demand(cost: 1, memory: TaskMemory(held: memory))], matrices: [])
  }

  private static func divides(
    _ board: inout TaskBoard, _ job: String, _ group: GroupDemand, _ now: Double
  ) -> Bool { board.divide(job: job, group, limit: nil, at: now) != nil }

  @Test func aLargeGroupIsNotPassedForEver() {
    var board = T.board(T.worker("a"))
    _ = board.moves(.enlist("small", JobTurn(owner: "s", number: 1)), at: 0)
    _ = board.moves(.enlist("large", JobTurn(owner: "l", number: 0)), at: 0)
    _ = board.moves(.add([T.task(1, job: "small", memory: 30)]), at: 0)
    #expect(Self.divides(&board, "large", group(90), 0) == false)
    // For a while younger groups pass.
    #expect(Self.divides(&board, "small", group(30), 10) == true)
    let late = TaskBoard.groupPatience + 1
    #expect(Self.divides(&board, "large", group(90), late) == false)
    #expect(Self.divides(&board, "small", group(30), late) == false)
    #expect(
      board.obstacle(for: "small", group(30), at: late)
        == "waiting for an older job that needs much room")
    _ = board.moves(.finish([1]), at: late)
    #expect(Self.divides(&board, "large", group(90), late) == true)
    #expect(Self.divides(&board, "small", group(30), late) == true)
  }

  @Test func aGroupThatFitsNobodyKeepsNobodyWaiting() {
    var board = T.board(T.worker("a"))
    #expect(Self.divides(&board, "hopeless", group(500), 0) == false)
    #expect(Self.divides(&board, "small", group(30), 1000) == true)
  }

  /// Under random arrivals every task is begun within a bounded time.
  @Test(arguments: 0..<20 as Range<UInt64>) func nobodyStarves(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var board = T.board(T.worker("a", threads: 2), T.worker("b", threads: 2))
    var waiting: [TaskID: Double] = [:]
    var ends: [TaskID: Double] = [:]
    var longest = 0.0
    for step in 0..<1500 {
      let now = Double(step)
      for worker in ["a", "b"] { _ = board.moves(.heard(worker), at: now) }
      var actions = board.moves(.tick, at: now)
      if Double.random(in: 0..<1, using: &generator) < 0.3 {
        let id = TaskID(step + 1)
        let owner = Int.random(in: 0..<3, using: &generator)
        let job = "j\(owner).\(Int.random(in: 0..<3, using: &generator))"
        let priority = JobPriority.allCases[owner]
        _ = board.moves(.enlist(job, JobTurn(owner: "o\(owner)", priority: priority)), at: now)
        waiting[id] = now
        actions += board.moves(
          .add([T.task(id, .index, job: job, cost: Double(1 + step % 7))]), at: now)
      }
      for (id, end) in ends where end <= now {
        ends[id] = nil
        actions += board.moves(.completed(id, by: board.tasks[id]!.holder!), at: now)
      }
      for case .assign(let task, _) in actions {
        longest = max(longest, now - waiting.removeValue(forKey: task)!)
        ends[task] = now + board.tasks[task]!.cost
      }
    }
    longest = max(longest, waiting.values.map { 1500 - $0 }.max() ?? 0)
    #expect(longest < 120, "seed \(seed): \(longest)")
  }
}
