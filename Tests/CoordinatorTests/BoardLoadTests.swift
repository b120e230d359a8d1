import Coordinator
import TestSupport
import Testing
import Varuna

/// What an event costs the board grows about as workers and tasks do, not as their product: counted, not timed.
@Suite struct BoardLoadTests {
  typealias T = TaskBoardTests

  private static let crowd = 2000
  private static let tasks = 500
  /// Looks at workers and tasks that one event may take.
  private static let most = 50 * (crowd + tasks)

  private var board = TaskBoard(leaseSeconds: 1e6)
  private var now = 0.0

  @discardableResult
  private mutating func move(_ event: TaskBoard.Event, _ what: Comment) -> [TaskBoard.Action] {
    let before = board.looks
    let actions = board.moves(event, at: now)
    #expect(board.looks - before <= Self.most, what)
    return actions
  }

  /// Seconds go by, until so many actions of a kind have come; false where they do not.
  private mutating func wait(
    _ seconds: Int, for count: Int, of isWanted: (TaskBoard.Action) -> Bool
  ) -> Bool {
    var seen = 0
    for _ in 0..<seconds where seen < count {
      now += 1
      seen += move(.tick, "a tick at \(now)").count(where: isWanted)
    }
    return seen == count
  }

  private static func isShadow(_ action: TaskBoard.Action) -> Bool {
    if case .shadow = action { true } else { false }
  }

  private static func isAssignment(_ action: TaskBoard.Action) -> Bool {
    if case .assign = action { true } else { false }
  }

  @Test mutating func manyOverdueTasksAmongManyWorkers() {
    for number in 0..<Self.crowd { move(.joined(T.worker("w\(number)")), "a worker joins") }
    let ids = TaskID(1)...TaskID(Self.tasks)
    let first = move(.add(ids.map { T.task($0, memory: 60) }), "all tasks come")
      .count(where: Self.isAssignment)
    #expect(first > 0)
    let areHeld = wait(30, for: Self.tasks - first, of: Self.isAssignment)
    #expect(areHeld)
    for id in ids { move(.asked(id), "a question") }
    // All are overdue at once, and all are done by somebody else as well within a moment.
    now += 15
    let areShadowed = wait(30, for: Self.tasks, of: Self.isShadow)
    #expect(areShadowed)
    for id in ids { move(.answered(id, by: board.tasks[id]!.shadow!, fresh: true), "an answer") }
    for id in ids {
      move(.failed(id, by: board.tasks[id]!.holder!, T.trouble("no")), "a failure")
    }
    for number in 0..<Self.crowd / 10 {
      move(.left("w\(number)", reason: "gone", abrupt: number % 2 == 0), "a worker leaves")
    }
  }

  @Test mutating func manyOverdueTasksThatNobodyElseCanDo() {
    for number in 0..<Self.crowd {
      let memory: UInt64 = number < Self.tasks ? 100 : 10
      move(.joined(T.worker("w\(number)", memory: memory)), "a worker joins")
    }
    let ids = TaskID(1)...TaskID(Self.tasks)
    move(.add(ids.map { T.task($0, memory: 60, preferred: "w\($0 - 1)") }), "all tasks come")
    #expect(board.tasks.values.allSatisfy { $0.holder != nil })
    for id in ids { move(.asked(id), "a question") }
    for _ in 0..<20 {
      now += 3
      let shadows = move(.tick, "a tick at \(now)").count(where: Self.isShadow)
      #expect(shadows == 0)
    }
    // All of them are stuck in the end.
    now += 200
    for _ in 0..<60 {
      now += 1
      move(.tick, "a tick at \(now)")
    }
    #expect(board.workers.values.count { $0.health.stalls > 0 } >= Self.tasks)
  }

  /// Progress names few workers, those that have most of the job, and counts the others.
  @Test mutating func progressNamesFewOfManyWorkers() {
    for number in 10..<60 { move(.joined(T.worker("w\(number)")), "a worker joins") }
    let tasks = (TaskID(1)...45).map { T.task($0, preferred: "w\(9 + $0)") }
    move(.add(tasks + [T.task(99, preferred: "w59"), T.task(100, preferred: "w59")]), "tasks")
    let (named, others) = board.serving("j", naming: 32)
    #expect(named.count == 32 && others.count == 18 && others.tasks == 45 - 31)
    #expect(named.last?.worker.id == "w59" && named.last?.tasks == 2)
    let all = board.serving("j", naming: 50)
    #expect(all.named.count == 50 && all.others.count == 0)
    #expect(all.named.map(\.tasks).reduce(0, +) == 47)
  }

  /// What fits nobody, each in a way of its own, keeps nothing waiting that does.
  @Test mutating func manyTasksThatFitNobodyKeepNobodyWaiting() {
    for number in 0..<Self.crowd { move(.joined(T.worker("w\(number)")), "a worker joins") }
    let ids = TaskID(1)...TaskID(Self.tasks)
    move(.add(ids.map { T.task($0, memory: 2000 - $0) }), "tasks that fit nobody")
    move(.add([T.task(1000)]), "one that fits")
    let isGiven = wait(60, for: 1, of: Self.isAssignment)
    #expect(isGiven && board.tasks[1000]?.holder != nil)
  }
}
