import Coordinator
import Testing

@Suite struct JobMachineTests {
  /// A machine whose planning has ended with two circuits to index and `groups` groups.
  static func planned(groups: Int = 1, workers: Int = 2) -> JobMachine {
    var machine = JobMachine(wanted: nil)
    #expect(machine.handle(.workers(workers), at: 0) == [.plan(workers: workers)])
    #expect(
      machine.handle(
        .planned(
          circuits: 3, missingKeys: [0, 2],
          groups: [Set<Int>](repeating: [0, 1, 2], count: groups),
          proved: [], attempts: []), at: 1)
        == [.makeKeys([0, 2])])
    return machine
  }

  static func proving(groups: Int = 1, workers: Int = 2) -> JobMachine {
    var machine = planned(groups: groups, workers: workers)
    _ = machine.handle(.keyMade(0), at: 2)
    _ = machine.handle(.keyMade(2), at: 2)
    #expect(machine.stage == .proving)
    return machine
  }

  @Test func aDeadlineEndsAJobWhereverItIs() {
    var machine = JobMachine(wanted: 3, deadline: JobMachine.Deadline(seconds: 60, end: 100))
    #expect(machine.handle(.workers(1), at: 99).isEmpty)
    #expect(
      machine.handle(.tick, at: 100)
        == [.end(.failed, reason: "it was not done within 60 s of its submission")])
  }

  @Test func aFullDiskHoldsAJobUntilThereIsRoom() {
    var machine = Self.proving(groups: 2)
    #expect(machine.handle(.noRoom, at: 3) == [.letGo])
    #expect(machine.isHeld && machine.stage == .submitted && machine.groups.isEmpty)
    // Whatever was under way when it happened, and workers that come and go, begin nothing.
    for event in [
      .groupProved(0), .keyMade(0), .documentVerified, .workers(5), .tick, .noRoom,
    ] as [JobMachine.Event] {
      #expect(machine.handle(event, at: 4).isEmpty)
    }
    #expect(machine.waitingForWorkers == nil)
    #expect(machine.handle(.room, at: 5) == [.plan(workers: 5)])
    #expect(!machine.isHeld)
    let planned = machine.handle(
      .planned(circuits: 3, missingKeys: [], groups: [[0], [1]], proved: [0], attempts: [0, 0]),
      at: 6)
    #expect(planned == [.prove(group: 1, attempt: 0)])
  }

  @Test func aHeldJobEndsByItsDeadlineAndByItsOwner() {
    var machine = JobMachine(wanted: nil, deadline: JobMachine.Deadline(seconds: 60, end: 100))
    _ = machine.handle(.workers(1), at: 1)
    _ = machine.handle(.noRoom, at: 2)
    var other = machine
    #expect(machine.handle(.tick, at: 99).isEmpty)
    #expect(
      machine.handle(.tick, at: 100)
        == [.end(.failed, reason: "it was not done within 60 s of its submission")])
    #expect(other.handle(.cancel, at: 3) == [.end(.cancelled, reason: "cancelled by a user")])
  }

  @Test func theWholeLife() {
    var machine = Self.planned()
    #expect(machine.stage == .indexing)
    #expect(machine.handle(.keyMade(2), at: 2).isEmpty)
    #expect(machine.handle(.keyMade(2), at: 2).isEmpty)
    #expect(machine.handle(.keyMade(0), at: 3) == [.prove(group: 0, attempt: 0)])
    #expect(machine.handle(.groupProved(0), at: 4) == [.assemble])
    #expect(machine.stage == .verifying)
    #expect(machine.handle(.documentVerified, at: 5) == [.end(.done, reason: "")])
    #expect(machine.handle(.cancel, at: 6).isEmpty)
  }

  @Test func withoutWorkersItWaitsAndSaysSo() {
    var machine = JobMachine(wanted: nil)
    #expect(machine.handle(.tick, at: 1000).isEmpty)
    #expect(machine.waitingForWorkers == "waiting for workers: 0 of 1 joined")
    #expect(machine.handle(.workers(1), at: 1001) == [.plan(workers: 1)])
    #expect(machine.waitingForWorkers == nil)
  }

  @Test func itWaitsForTheNumberAskedForButNotForEver() {
    var machine = JobMachine(wanted: 3)
    #expect(machine.handle(.workers(2), at: 10).isEmpty)
    #expect(machine.waitingForWorkers == "waiting for workers: 2 of 3 joined")
    #expect(machine.handle(.tick, at: 10 + JobMachine.workerPatience - 1).isEmpty)
    #expect(machine.handle(.tick, at: 10 + JobMachine.workerPatience) == [.plan(workers: 3)])
    var quick = JobMachine(wanted: 3)
    #expect(quick.handle(.workers(3), at: 10) == [.plan(workers: 3)])
  }

  @Test func workersLostWhileProvingAreWaitedFor() {
    var machine = Self.proving(groups: 3, workers: 1)
    #expect(machine.handle(.workers(0), at: 3).isEmpty)
    #expect(machine.waitingForWorkers == "waiting for workers: 0 of 1 joined")
    #expect(machine.handle(.groupProved(0), at: 4).isEmpty)
    #expect(machine.handle(.workers(2), at: 5) == [.prove(group: 2, attempt: 0)])
  }

  @Test func twoGroupsRunForEveryWorker() {
    var machine = Self.planned(groups: 4, workers: 1)
    _ = machine.handle(.keyMade(0), at: 2)
    #expect(
      machine.handle(.keyMade(2), at: 2) == [
        .prove(group: 0, attempt: 0), .prove(group: 1, attempt: 0),
      ])
    #expect(machine.handle(.groupProved(1), at: 3) == [.prove(group: 2, attempt: 0)])
    #expect(machine.groupsDone == 1)
  }

  @Test func aGroupBeginsWhenItsOwnKeysAreThere() {
    var machine = JobMachine(wanted: nil)
    _ = machine.handle(.workers(1), at: 0)
    _ = machine.handle(
      .planned(
        circuits: 3, missingKeys: [0, 1, 2], groups: [[0, 1], [1], [2]], proved: [], attempts: []),
      at: 1)
    #expect(machine.handle(.keyMade(1), at: 2) == [.prove(group: 1, attempt: 0)])
    #expect(machine.stage == .proving)
    #expect(machine.handle(.groupProved(1), at: 3).isEmpty)
    #expect(machine.handle(.keyMade(2), at: 4) == [.prove(group: 2, attempt: 0)])
    #expect(machine.handle(.keyMade(0), at: 5) == [.prove(group: 0, attempt: 0)])
  }

  @Test func aFaultedGroupIsProvenAgainButNotForEver() {
    var machine = Self.proving()
    for attempt in 1..<JobMachine.maximumAttempts {
      #expect(machine.handle(.groupFaulted(0), at: 3) == [.prove(group: 0, attempt: attempt)])
    }
    guard case .end(.failed, _)? = machine.handle(.groupFaulted(0), at: 3).first else {
      Issue.record("a group that is never right must fail the job")
      return
    }
    #expect(machine.stage == .failed)
  }

  @Test func aDeferredGroupKeepsItsAttempt() {
    var machine = Self.proving()
    _ = machine.handle(.groupFaulted(0), at: 3)
    #expect(machine.handle(.groupDeferred(0), at: 3).isEmpty)
    #expect(machine.handle(.workers(1), at: 4) == [.prove(group: 0, attempt: 1)])
  }

  @Test func aRestartGoesOnFromWhatIsFinished() {
    var machine = JobMachine(wanted: nil)
    _ = machine.handle(.workers(3), at: 0)
    let actions = machine.handle(
      .planned(
        circuits: 1, missingKeys: [], groups: [[0], [0], [0]], proved: [1], attempts: [2, 0]), at: 1
    )
    #expect(actions == [.prove(group: 0, attempt: 2), .prove(group: 2, attempt: 0)])
    var done = JobMachine(wanted: nil)
    _ = done.handle(.workers(1), at: 0)
    #expect(
      done.handle(
        .planned(circuits: 1, missingKeys: [], groups: [[0]], proved: [0], attempts: []), at: 1)
        == [.assemble])
  }

  @Test(arguments: [JobStage.submitted, .planning, .indexing, .proving, .verifying])
  func everyStageCanBeCancelledAndCanFail(stage: JobStage) {
    let machine: JobMachine
    switch stage {
    case .submitted: machine = JobMachine(wanted: nil)
    case .planning:
      var planning = JobMachine(wanted: nil)
      _ = planning.handle(.workers(1), at: 0)
      machine = planning
    case .indexing: machine = Self.planned()
    case .proving: machine = Self.proving()
    default:
      var verifying = Self.proving()
      _ = verifying.handle(.groupProved(0), at: 3)
      machine = verifying
    }
    #expect(machine.stage == stage)
    var cancelled = machine
    #expect(
      cancelled.handle(.cancel, at: 9) == [.end(.cancelled, reason: "cancelled by a user")])
    var failed = machine
    #expect(failed.handle(.failed("why"), at: 9) == [.end(.failed, reason: "why")])
    // Whatever arrives late changes nothing.
    let late: [JobMachine.Event] = [
      .workers(4), .keyMade(0), .groupProved(0), .groupFaulted(0), .groupDeferred(0),
      .documentVerified, .tick, .cancel, .failed("x"),
      .planned(circuits: 1, missingKeys: [], groups: [[0]], proved: [], attempts: []),
    ]
    for event in late { #expect(failed.handle(event, at: 10).isEmpty) }
    #expect(failed.stage == .failed)
  }

  @Test func eventsOutOfPlaceChangeNothing() {
    var machine = JobMachine(wanted: nil)
    let before = machine
    for event: JobMachine.Event in [
      .keyMade(0), .groupProved(0), .groupFaulted(7), .groupDeferred(-1), .documentVerified,
      .planned(circuits: 1, missingKeys: [], groups: [[0]], proved: [], attempts: []),
    ] {
      #expect(machine.handle(event, at: 1).isEmpty)
    }
    #expect(machine == before)
  }
}
