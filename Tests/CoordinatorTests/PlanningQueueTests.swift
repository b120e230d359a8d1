import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct PlanningQueueTests {
  private static let late = PlanningQueue.patience + 1

  @Test func aFewBeginSideBySide() {
    var queue = PlanningQueue()
    let tickets = (0..<4).compactMap { _ in queue.enter("a", limit: nil) }
    #expect(queue.admit(at: 0) == Array(tickets[..<PlanningQueue.places]))
    #expect(queue.admit(at: 1).isEmpty)
    queue.leave(tickets[0])
    #expect(queue.admit(at: 1) == [tickets[2]])
  }

  @Test func aGiantGivesItsPlaceAway() {
    var queue = PlanningQueue()
    for _ in 0..<PlanningQueue.places { _ = queue.enter("giant", limit: nil) }
    _ = queue.admit(at: 0)
    let small = queue.enter("small", limit: nil)
    #expect(queue.admit(at: 1).isEmpty)
    #expect(queue.admit(at: Self.late) == [small])
  }

  @Test func memoryBoundsHowManyRun() {
    var queue = PlanningQueue()
    var running = 0
    for round in 0..<20 {
      _ = queue.enter("s\(round)", limit: nil)
      running += queue.admit(at: Double(round) * Self.late).count
    }
    #expect(running == PlanningQueue.most)
  }

  /// Giants of one sender, however many, leave others room.
  @Test func giantsOfOneSenderLeaveOthersRoom() {
    var queue = PlanningQueue()
    for _ in 0..<20 { _ = queue.enter("giant", limit: nil) }
    for round in 0..<20 { _ = queue.admit(at: Double(round) * Self.late) }
    let small = queue.enter("small", limit: nil)
    #expect(queue.admit(at: 20 * Self.late) == [small])
  }

  /// Two senders with three giants each: one of the five that have begun has the memory, the others were stopped.
  private func sleepers() -> (queue: PlanningQueue, now: Double) {
    var queue = PlanningQueue()
    var tickets: [PlanningQueue.Ticket] = []
    for round in 0..<3 {
      tickets += ["a", "b"].compactMap { queue.enter($0, limit: nil) }
      _ = queue.admit(at: Double(round) * Self.late)
    }
    for ticket in tickets.dropFirst() { queue.sleep(ticket, true) }
    return (queue, 3 * Self.late)
  }

  @Test func thoseThatSleepKeepNobodyWaiting() {
    let now: Double
    var queue: PlanningQueue
    (queue, now) = sleepers()
    let others = ["c", "d", "e"].compactMap { queue.enter($0, limit: nil) }
    #expect(queue.admit(at: now) == Array(others.prefix(PlanningQueue.places)))
    // Sleepers whose sender begins nothing else, however much room there is.
    _ = queue.enter("b", limit: nil)
    #expect(queue.admit(at: now + Self.late) == [others[2]])
  }

  @Test func thoseThatWakeRunAgain() {
    let now: Double
    var queue: PlanningQueue
    (queue, now) = sleepers()
    for ticket in 2...5 as ClosedRange<PlanningQueue.Ticket> { queue.sleep(ticket, false) }
    let others = ["c", "d"].compactMap { queue.enter($0, limit: nil) }
    #expect(queue.admit(at: now) == [others[0]])
    queue.leave(1)
    #expect(queue.admit(at: now) == [others[1]])
  }

  @Test func aSenderWithTwoAsleepBeginsNoThird() {
    var queue = PlanningQueue()
    let tickets = (0..<4).compactMap { _ in queue.enter("a", limit: nil) }
    _ = queue.admit(at: 0)
    for ticket in tickets.prefix(2) { queue.sleep(ticket, true) }
    #expect(queue.admit(at: Self.late).isEmpty)
    queue.sleep(tickets[1], false)
    #expect(queue.admit(at: Self.late) == [tickets[2]])
  }

  /// What sleeps holds memory: however many there are, a bounded number has begun, and the last place is a newcomer's.
  @Test func memoryBoundsHowManySleep() {
    var queue = PlanningQueue()
    var begun = 0
    for round in 0..<20 {
      for _ in 0..<2 { _ = queue.enter("s\(round % 5)", limit: nil) }
      for ticket in queue.admit(at: Double(round) * Self.late) {
        queue.sleep(ticket, true)
        begun += 1
      }
    }
    #expect(begun == PlanningQueue.mostBegun - 1)
    _ = queue.enter("newcomer", limit: nil)
    #expect(queue.admit(at: 20 * Self.late).count == 1)
    _ = queue.enter("another", limit: nil)
    #expect(queue.admit(at: 21 * Self.late).isEmpty)
  }

  /// One place is for a sender that has none, however many others would take it.
  @Test func theLastPlaceIsANewcomers() {
    var queue = PlanningQueue()
    for round in 0..<20 {
      for sender in ["a", "b"] { _ = queue.enter(sender, limit: nil) }
      _ = queue.admit(at: Double(round) * Self.late)
    }
    let small = queue.enter("c", limit: nil)
    #expect(queue.admit(at: 20 * Self.late) == [small])
  }

  @Test func sendersTakeTurns() {
    var queue = PlanningQueue()
    let greedy = (0..<10).compactMap { _ in queue.enter("greedy", limit: nil) }
    let modest = queue.enter("modest", limit: nil)
    #expect(queue.admit(at: 0) == [greedy[0], modest])
  }

  @Test func asManyAsTheLimitOfOneSenderMayWait() {
    var queue = PlanningQueue()
    let tickets = (0..<5).map { _ in queue.enter("a", limit: 3) }
    #expect(tickets.map { $0 != nil } == [true, true, true, false, false])
    #expect(queue.enter("b", limit: 3) != nil)
    queue.leave(tickets[0]!)
    #expect(queue.enter("a", limit: 3) != nil)
  }

  /// Jobs that were taken are no reason to take no further ones.
  @Test func jobsDoNotCountAgainstRequests() {
    var queue = PlanningQueue()
    let jobs = (0..<5).compactMap { queue.enter("a", limit: nil, rank: $0 == 4 ? 1 : 2) }
    let request = queue.enter("a", limit: 1)
    #expect(jobs.count == 5 && request != nil && queue.enter("a", limit: 1) == nil)
    // What somebody waits for comes first, then the urgent job.
    #expect(queue.admit(at: 0) == [request, jobs[4]])
  }

  /// Whoever waits begins within a bounded time, as long as plannings end.
  @Test(arguments: 0..<20 as Range<UInt64>) func nobodyStarves(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var queue = PlanningQueue()
    var entered: [PlanningQueue.Ticket: Double] = [:]
    var ends: [PlanningQueue.Ticket: Double] = [:]
    for step in 0..<2000 {
      let now = Double(step) / 4
      for (ticket, end) in ends where end <= now {
        queue.leave(ticket)
        ends[ticket] = nil
      }
      if Double.random(in: 0..<1, using: &generator) < 0.2,
        let ticket = queue.enter("s\(Int.random(in: 0..<3, using: &generator))", limit: 8)
      {
        entered[ticket] = now
      }
      for ticket in queue.admit(at: now) {
        entered[ticket] = nil
        let isGiant = Double.random(in: 0..<1, using: &generator) < 0.05
        ends[ticket] = now + (isGiant ? 60 : Double.random(in: 0..<2, using: &generator))
      }
      #expect(ends.count <= PlanningQueue.most, "seed \(seed) step \(step)")
      let longest = entered.values.map { now - $0 }.max() ?? 0
      #expect(longest < 180, "seed \(seed) step \(step)")
    }
  }
}

@Suite struct WorkforceTests {
  @Test func oneSmallMachineDoesNotDecideForAll() {
    let mixed = Workforce(workers: 4, memory: [800, 500, 90, 0])
    #expect(mixed.without(smallerThan: 100) == Workforce(workers: 2, memory: [800, 500]))
    #expect(mixed.without(smallerThan: 900) == mixed)
    let unknown = Workforce(workers: 2)
    #expect(unknown.without(smallerThan: 100) == unknown)
  }

  /// What comes out of more workers than a plan can be made for is a plan for as many as it can.
  @Test func moreWorkersThanAPlanCanHaveAreNotCounted() throws {
    let most = SubmitOptions.workerCounts.upperBound
    let crowd = Workforce(
      workers: 3000, offers: [UInt64](repeating: 1 << 30, count: 3000) + [.max], limit: nil)
    #expect(crowd.workers == most && crowd.memory?.count == most)
    #expect(crowd.memory?.first == 1 << 50 && crowd.memory?.last == 1 << 30)
    #expect(Workforce(workers: 0).workers == 1)
    // So it is with what an older version kept.
    let kept = Array("{\"workers\": 3000, \"memory\": [5]}".utf8)
    #expect(
      try JSONDecoder().decode(Workforce.self, from: Data(kept))
        == Workforce(workers: most, memory: [5]))
    #expect(
      try JSONDecoder().decode(Workforce.self, from: JSONEncoder().encode(crowd)) == crowd)
  }
}

@Suite struct PlanningRecordTests {
  @Test func twoBreaksAreEnough() {
    #expect(PlanningRecord().verdict == nil)
    #expect(PlanningRecord(attempts: 4, breaks: 1, fault: "x").verdict == nil)
    #expect(
      PlanningRecord(breaks: 2, fault: "it was ended by signal 4").verdict
        == "2 attempts ended without a result; the last time it was ended by signal 4")
    #expect(PlanningRecord(computations: 4).burden == nil)
    #expect(PlanningRecord(computations: 5).burden?.contains("ended 5 times") == true)
    #expect(PlanningRecord(attempts: 5).verdict?.contains("coordinator itself") == true)
  }
}
