import Coordinator
import Foundation
import TestSupport
import Testing

/// What is written down of jobs, and jobs for some workers only.
@Suite(.serialized) struct TraceTests {
  let coordinator: TestCoordinator
  let client: JobClient

  init() throws {
    coordinator = try TestCoordinator()
    client = try coordinator.client()
  }

  private func submit(_ change: (inout SubmitOptions) -> Void) throws -> String {
    let model = try coordinator.model()
    var options = SubmitOptions()
    change(&options)
    return try client.submit(model: model, input: model, options: options)
  }

  private func indexed(_ worker: TestWorker) -> Int {
    worker.messages.count { if case .assign(_, .index) = $0 { true } else { false } }
  }

  @Test func aJobForOneWorkerIsServedByNobodyElse() throws {
    let a = try coordinator.worker("a")
    let b = try coordinator.worker("b")
    let job = try submit { $0.only = ["b"] }
    var seen: Set<String> = []
    let summary = try client.follow(job) { seen.formUnion($0.workers.map(\.name)) }
    #expect(summary.stage == .done)
    #expect(seen == ["b"])
    #expect(!a.messages.contains { if case .assign = $0 { true } else { false } })
    #expect(indexed(b) == 2)
    // Others' jobs have all workers.
    _ = try client.follow(try coordinator.submit(client, circuits: 3, workers: 2)) { _ in }
    #expect(a.messages.contains { if case .assign = $0 { true } else { false } })
  }

  @Test func workersThatAreNotKnownAreNamed() throws {
    #expect(throws: CoordinatorError.self) { try submit { $0.only = ["nobody"] } }
    #expect(throws: CoordinatorError.self) { try submit { $0.only = [] } }
  }

  @Test func knownKeysAreMadeAgainWhereThatIsAskedFor() throws {
    let worker = try coordinator.worker("a")
    for expected in [2, 4] {
      _ = try client.follow(try submit { $0.freshKeys = true }) { _ in }
      #expect(indexed(worker) == expected)
    }
    _ = try client.follow(try submit { _ in }) { _ in }
    #expect(indexed(worker) == 4)
  }

  @Test func aTraceHasEveryAnswer() throws {
    let workers = try ["a", "b"].map { try coordinator.worker($0) }
    let job = try submit {
      $0.trace = true
      $0.workers = 2
    }
    #expect(try client.follow(job) { _ in }.stage == .done)
    let trace = try client.trace(of: job)
    #expect(trace.marks.first?.stage == .submitted && trace.marks.last?.stage == .done)
    #expect(trace.tasks.count { $0.kind == .key } == 2 && trace.keys.count == 2)
    #expect(trace.tasks.count { $0.kind == .matrix } == 2 && trace.groups.count == 1)
    #expect(Set(trace.workers.map(\.name)) == ["a", "b"])
    #expect(trace.circuitsOfGroups == [[0, 1]])
    #expect(trace.missing == 0)
    for place in trace.tasks.indices {
      #expect(trace.answers.contains { $0.task == place })
    }
    for answer in trace.answers {
      #expect(answer.asked >= 0 && answer.asked <= answer.answered && answer.handled >= 0)
      #expect(answer.answered <= trace.marks.last!.time && answer.bytesAnswered > 0)
    }
    #expect(trace.answers.contains { $0.bytesAsked > 0 })
    try client.delete(job)
    #expect(throws: CoordinatorError.self) { try client.trace(of: job) }
    withExtendedLifetime(workers) {}
  }

  @Test func withoutBeingAskedNothingIsWrittenDown() throws {
    let worker = try coordinator.worker("a")
    let job = try coordinator.submit(client)
    _ = try client.follow(job) { _ in }
    #expect(throws: CoordinatorError.self) { try client.trace(of: job) }
    withExtendedLifetime(worker) {}
  }

  @Test func theOldestTraceGoesFirst() {
    let log = TraceLog()
    for number in 0...TraceLog.capacity { log.keep(JobTracer(at: 0), of: "\(number)") }
    #expect(log.trace(of: "0") == nil)
    #expect(log.trace(of: "1") != nil && log.trace(of: "\(TraceLog.capacity)") != nil)
    log.forget("1")
    #expect(log.trace(of: "1") == nil)
  }

  @Test func anAnswerIsThereWhenItArrives() {
    let tracer = JobTracer(at: 100)
    let worker = JobTrace.Worker(id: "w", name: "w", threads: 1, memory: 1)
    tracer.add(7, JobTrace.Task(kind: .key, group: nil, number: 0, instances: 0, cost: 1))
    tracer.assign(7, to: worker, bytes: 10)
    tracer.ask(7, of: "w", bytes: 5, at: 101)
    tracer.fetch(7, by: "w", bytes: 100, at: 101.5)
    tracer.fetch(7, by: "w", bytes: 50, at: 102)
    tracer.arrive(7, from: "w", at: 103)
    tracer.take(7, from: "w", step: 0, bytes: 9, handled: 0.5, at: 104)
    // Nobody asked for this one, or for that of another worker.
    tracer.take(7, from: "w", step: 0, bytes: 9, handled: 0, at: 105)
    tracer.take(7, from: "v", step: 0, bytes: 9, handled: 0, at: 105)
    #expect(
      tracer.trace.answers == [
        JobTrace.Answer(
          task: 0, worker: 0, step: 0, asked: 1, answered: 3, handled: 0.5, bytesAsked: 15,
          bytesAnswered: 9)
      ])
    #expect(
      tracer.trace.fetches == [
        JobTrace.Fetch(task: 0, worker: 0, began: 1.5, ended: 2, bytes: 150)
      ])
  }
}

/// Jobs for some workers only, on the board.
@Suite struct RestrictedJobTests {
  private func board(only: Set<WorkerID>) -> TaskBoard {
    var board = TaskBoardTests.board(
      TaskBoardTests.worker("a"), TaskBoardTests.worker("b"), TaskBoardTests.worker("c"))
    _ = board.moves(.enlist("j", JobTurn(owner: "o", only: only)), at: 0)
    return board
  }

  @Test func tasksGoToTheAdmittedOnly() {
    var board = board(only: ["b", "x"])
    #expect(board.enlistedCount(for: "j") == 1 && board.enlistedCount(for: "k") == 3)
    let actions = board.moves(
      .add([
        TaskBoardTests.task(1, preferred: "a"), TaskBoardTests.task(2, job: "k", preferred: "a"),
      ]),
      at: 0)
    #expect(actions == [.assign(1, to: "b"), .assign(2, to: "a")])
    #expect(board.serving("j", only: ["b", "x"], naming: 8).named.map(\.worker.id) == ["b"])
  }

  @Test func aGroupIsDividedAmongThem() {
    var board = board(only: ["a", "c"])
    let need = Demand(cost: 1, memory: .none)
    let group = GroupDemand(instances: [need, need, need, need], matrices: [need])
    let division = board.divide(job: "j", group, limit: nil, at: 0)
    #expect(Set(division?.instances.map(\.worker) ?? []) == ["a", "c"])
    #expect(board.divide(job: "k", group, limit: nil, at: 0)?.instances.count == 3)
  }

  @Test func nobodyElseHelpsOrIsWaitedFor() {
    var board = board(only: ["b"])
    _ = board.moves(.add([TaskBoardTests.task(1)]), at: 0)
    _ = board.moves(.asked(1), at: 0)
    for time in stride(from: 1.0, through: 60, by: 1) {
      for worker in ["a", "b", "c"] { _ = board.moves(.heard(worker), at: time) }
      let actions = board.moves(.tick, at: time)
      #expect(!actions.contains { if case .shadow = $0 { true } else { false } })
    }
    // Who may have it says that he never can: there is nobody left, though others are idle.
    let actions = board.moves(
      .failed(1, by: "b", TaskBoardTests.trouble("no", retryable: false)), at: 61)
    #expect(actions.contains { if case .exhausted(1, _, _) = $0 { true } else { false } })
  }
}
