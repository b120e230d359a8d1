import Testing
import Wire
import Worker

private let program = Digest(of: [1])
private let kind = TaskKind.index(program: program, srs: Digest(of: [2]))

@Suite struct WorkerStateTests {
  private var state = WorkerState()

  private mutating func start(_ id: UInt64) -> WorkerState.TaskKey {
    let actions = state.handle(.message(.assign(taskID: id, kind)))
    guard case .prepare(let key, kind)? = actions.first, actions.count == 1 else {
      preconditionFailure("task \(id) was not prepared")
    }
    return key
  }

  init() { _ = state.handle(.connected) }

  @Test mutating func aTaskWithoutStepsSendsItsResultAndIsForgotten() {
    let key = start(7)
    #expect(key.id == 7)
    let actions = state.handle(.prepared(key, result: [9]))
    #expect(actions == [.send(.result(taskID: 7, payload: [9])), .drop(key)])
    #expect(state.taskCount == 0)
  }

  @Test mutating func stepsWaitForTheTaskAndKeepTheirOrder() {
    let key = start(1)
    #expect(state.handle(.message(.step(taskID: 1, step: 1, payload: [1]))).isEmpty)
    #expect(state.handle(.message(.step(taskID: 1, step: 2, payload: [2]))).isEmpty)
    #expect(
      state.handle(.prepared(key, result: nil)) == [.answer(key, step: 1, payload: [1])])
    #expect(state.handle(.message(.step(taskID: 1, step: 3, payload: [3]))).isEmpty)
    #expect(
      state.handle(.answered(key, step: 1, payload: [11])) == [
        .send(.stepReply(taskID: 1, step: 1, payload: [11])), .answer(key, step: 2, payload: [2]),
      ])
    #expect(
      state.handle(.answered(key, step: 2, payload: [22])) == [
        .send(.stepReply(taskID: 1, step: 2, payload: [22])), .answer(key, step: 3, payload: [3]),
      ])
  }

  @Test mutating func anAnswerNobodyAskedForIsThrownAway() {
    let key = start(1)
    #expect(state.handle(.answered(key, step: 1, payload: [])).isEmpty)
    _ = state.handle(.prepared(key, result: nil))
    #expect(state.handle(.prepared(key, result: nil)).isEmpty)
    _ = state.handle(.message(.step(taskID: 1, step: 1, payload: [])))
    #expect(state.handle(.answered(key, step: 2, payload: [])).isEmpty)
  }

  @Test mutating func aReleasedTaskAnswersNoMore() {
    let key = start(1)
    _ = state.handle(.prepared(key, result: nil))
    _ = state.handle(.message(.step(taskID: 1, step: 1, payload: [])))
    #expect(state.handle(.message(.release(taskID: 1))) == [.drop(key)])
    #expect(state.handle(.answered(key, step: 1, payload: [1])).isEmpty)
    #expect(state.handle(.message(.step(taskID: 1, step: 2, payload: []))).isEmpty)
    #expect(state.handle(.message(.release(taskID: 1))).isEmpty)
  }

  @Test mutating func aFailureIsReportedOnce() {
    let key = start(1)
    let failure = TaskFailure(code: "srs", text: "too small", retryable: false)
    #expect(
      state.handle(.failed(key, failure)) == [
        .send(.failed(taskID: 1, failure)), .drop(key),
      ])
    #expect(state.handle(.failed(key, failure)).isEmpty)
  }

  @Test mutating func disconnectingDropsEverythingAndOldWorkIsIgnored() {
    let old = start(1)
    _ = state.handle(.prepared(old, result: nil))
    #expect(state.handle(.disconnected) == [.drop(old)])
    _ = state.handle(.connected)
    let new = start(1)
    #expect(new != old)
    #expect(state.handle(.prepared(old, result: [1])).isEmpty)
    #expect(state.taskCount == 1)
  }

  @Test mutating func aTaskAssignedTwiceIsGivenBack() {
    let key = start(1)
    let actions = state.handle(.message(.assign(taskID: 1, kind)))
    guard case .send(.failed(1, let failure))? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(failure.code == "protocol" && actions.last == .drop(key))
  }

  @Test mutating func tooManyTasksOrStepsAreRefused() {
    for id in 1...UInt64(WorkerState.taskLimit) { _ = start(id) }
    let actions = state.handle(.message(.assign(taskID: 9999, kind)))
    guard case .send(.failed(9999, let failure))? = actions.first, actions.count == 1 else {
      Issue.record("\(actions)")
      return
    }
    #expect(failure.retryable && failure.code == "busy")
    var last: [WorkerState.Action] = []
    for step in 0...UInt8(WorkerState.waitingLimit) {
      last = state.handle(.message(.step(taskID: 1, step: step, payload: [])))
    }
    #expect(last.count == 2, "one step too many ends the task")
  }

  @Test mutating func drainingFinishesWhatIsHeldAndTakesNothingNew() {
    let key = start(1)
    #expect(state.handle(.drainRequested) == [.send(.drain)])
    #expect(state.handle(.drainRequested).isEmpty)
    guard
      case .send(.failed(2, let failure))? = state.handle(
        .message(.assign(taskID: 2, kind))
      ).first
    else {
      Issue.record("a draining worker took a task")
      return
    }
    #expect(failure.code == "draining" && failure.retryable)
    #expect(
      state.handle(.prepared(key, result: [5])) == [
        .send(.result(taskID: 1, payload: [5])), .drop(key), .send(.goodbye), .close(final: true),
      ])
  }

  @Test mutating func drainingAnIdleWorkerEndsIt() {
    #expect(
      state.handle(.drainRequested) == [.send(.drain), .send(.goodbye), .close(final: true)])
  }

  @Test mutating func drainingWithoutAConnectionEndsAtOnce() {
    _ = state.handle(.disconnected)
    #expect(state.handle(.drainRequested) == [.close(final: true)])
  }

  @Test mutating func theCoordinatorMayDrainOrSayGoodbye() {
    let key = start(1)
    #expect(state.handle(.message(.drain)).isEmpty)
    #expect(
      state.handle(.message(.release(taskID: 1))) == [
        .drop(key), .send(.goodbye), .close(final: true),
      ])
    var other = WorkerState()
    _ = other.handle(.connected)
    #expect(other.handle(.message(.goodbye)) == [.close(final: false)])
  }
}
