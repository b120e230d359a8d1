import Coordinator
import TestSupport
import Testing

/// Processes that plan never have more memory together than they may, and all of them end.
@Suite struct PlanningMemoryTests {
  private var memory = PlanningMemory(total: 1000)

  private mutating func begun(_ count: Int) -> [PlanningMemory.Ticket] {
    let tickets = (0..<count).map { _ in memory.enter() }
    for ticket in tickets { #expect(memory.begin(ticket) == true) }
    return tickets
  }

  @Test mutating func oneAtATimeIsLargeInTheOrderInWhichTheyNeededIt() {
    let tickets = begun(3)
    let (a, b, c) = (tickets[0], tickets[1], tickets[2])
    #expect(memory.look(b, resident: 101) == .run)
    #expect(memory.look(a, resident: 101) == .sleep)
    #expect(memory.look(c, resident: 150) == .sleep)
    #expect(memory.look(b, resident: 700) == .run)
    memory.leave(b)
    #expect(memory.look(c, resident: 150) == .sleep)
    #expect(memory.look(a, resident: 300) == .run)
  }

  @Test mutating func soManyBeginAsHaveRoom() {
    let tickets = begun(Int(PlanningMemory.parts))
    let late = memory.enter()
    #expect(memory.reserved == 1000)
    #expect(memory.begin(late) == false)
    memory.leave(tickets[3])
    #expect(memory.begin(late) == true)
  }

  @Test mutating func sleepersThatAreInTheWayBeginAgainTheLastOneFirst() {
    let tickets = begun(3)
    let (a, b, c) = (tickets[0], tickets[1], tickets[2])
    #expect(memory.look(a, resident: 600) == .run)
    #expect(memory.look(b, resident: 150) == .sleep)
    #expect(memory.look(c, resident: 150) == .sleep)
    #expect(memory.look(a, resident: 750) == .sleep)
    #expect(memory.look(b, resident: 150) == .sleep)
    #expect(memory.look(c, resident: 150) == .restart)
    #expect(memory.look(a, resident: 750) == .run)
    #expect(memory.begin(c) == false, "not before its turn")
    memory.leave(a)
    #expect(memory.look(b, resident: 150) == .run)
    #expect(memory.begin(c) == false)
    memory.leave(b)
    #expect(memory.begin(c) == true)
    #expect(memory.look(c, resident: 900) == .run)
  }

  @Test mutating func aSmallOneHasRoomBesideTheLargestAndDoesNotKeepItWaiting() {
    let large = begun(1)[0]
    #expect(memory.look(large, resident: memory.largest) == .run)
    let (first, second) = (memory.enter(), memory.enter())
    #expect(memory.begin(second) == false, "the older one comes first")
    #expect(memory.begin(first) == true)
    #expect(memory.begin(second) == false)
    #expect(memory.look(first, resident: 100) == .run)
    #expect(memory.look(large, resident: memory.largest) == .run)
    memory.leave(first)
    #expect(memory.begin(second) == true)
  }

  /// Crowds of all sizes, whatever they take: the sum keeps to its bound but for one step of each, and nobody waits for ever.
  @Test(arguments: 0..<20) func everybodyEndsWithinTheBound(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    var memory = PlanningMemory(total: 1000)
    let step: UInt64 = 10
    struct Run { var resident: UInt64 = 0, needed: UInt64, isRunning = false }
    var runs: [PlanningMemory.Ticket: Run] = [:]
    var left = 60
    var rounds = 0
    while left > 0 || !runs.isEmpty {
      rounds += 1
      guard rounds < 100_000 else {
        Issue.record("somebody waits for ever")
        return
      }
      if left > 0, runs.count < 12 {
        let isLarge = Int.random(in: 0..<3, using: &generator) == 0
        runs[memory.enter()] = Run(
          needed: .random(in: isLarge ? 101...memory.largest : 1...100, using: &generator))
        left -= 1
      }
      for ticket in runs.keys.sorted().shuffled(using: &generator) {
        var run = runs[ticket]!
        if !run.isRunning {
          run.isRunning = memory.begin(ticket)
        } else {
          switch memory.look(ticket, resident: run.resident) {
          case .run: run.resident += min(step, run.needed - run.resident)
          case .sleep: break
          case .restart: (run.resident, run.isRunning) = (0, false)
          }
        }
        runs[ticket] = run
        #expect(runs.values.reduce(0) { $0 + $1.resident } <= 1000 + step * UInt64(runs.count))
        if run.resident == run.needed {
          memory.leave(ticket)
          runs[ticket] = nil
        }
      }
    }
  }
}
