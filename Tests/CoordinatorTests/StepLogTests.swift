import Coordinator
import Testing

/// Which steps jobs went through.
@Suite struct StepLogTests {
  let log = StepLog()

  private func note(_ job: String, _ stage: JobStage, _ step: String, at now: Double) {
    log.note(ProgressEvent(job: job, stage: stage, step: step), at: now)
  }

  @Test func aStepLastsUntilTheNextOne() {
    note("a", .submitted, "waiting for its turn, 2 jobs before it", at: 1)
    note("a", .submitted, "waiting for its turn, 1 jobs before it", at: 2)
    note("a", .planning, "planning", at: 3)
    note("b", .planning, "planning", at: 4)
    note("a", .proving, "round 1", at: 5)
    let steps = log.steps(of: "a")
    #expect(steps.map(\.step) == ["waiting for its turn", "planning", "round 1"])
    #expect(steps.map(\.stage) == [.submitted, .planning, .proving])
    #expect(steps.map(\.began) == [1, 3, 5])
    #expect(steps.map(\.ended) == [3, 5, nil])
    #expect(log.steps(of: "b").count == 1)
  }

  @Test func theEndIsNoStep() {
    note("a", .proving, "round 1", at: 1)
    note("a", .done, "done", at: 2)
    note("a", .done, "done", at: 3)
    #expect(log.steps(of: "a").map(\.ended) == [2])
    #expect(log.steps(of: "none").isEmpty)
  }

  @Test func thereIsAnEndOfWhatIsRemembered() {
    for job in 0...StepLog.capacity { note("\(job)", .planning, "planning", at: Double(job)) }
    #expect(log.steps(of: "0").isEmpty)
    #expect(log.steps(of: "1").count == 1)
    for step in 0..<(2 * StepLog.longest) { note("1", .proving, "\(step)", at: 1000) }
    #expect(log.steps(of: "1").count == StepLog.longest)
  }
}
