import Foundation
import Synchronization
import Testing
import Varuna
import Worker

@Suite struct MemoryReservationTests {
  private typealias Shortage = MemoryReservations.Shortage

  private final class Holder: Sendable {
    let reservation: Mutex<MemoryReservations.Reservation?>
    init(_ reservation: MemoryReservations.Reservation) { self.reservation = Mutex(reservation) }
  }

  private func reserve(
    _ memory: MemoryReservations, _ task: TaskMemory
  ) throws(MemoryReservations.Shortage) -> MemoryReservations.Reservation {
    let reservation = memory.reservation()
    try reservation.grow(by: task)
    return reservation
  }

  @Test func whatDoesNotFitDoesNotLookAsIfItDid() {
    #expect(MemoryText.needed(3 << 20) == "3 MiB" && MemoryText.available(3 << 20) == "3 MiB")
    #expect(MemoryText.needed(3 << 20 + 1) == "4 MiB")
    #expect(MemoryText.available(4 << 20 - 1) == "3 MiB")
    #expect(MemoryText.needed(-1) == "0 MiB")
  }

  @Test func whatIsSharedCountsOnceWhatIsHeldAddsUpAndOneStepRuns() throws {
    let memory = MemoryReservations(budget: 100)
    var first: MemoryReservations.Reservation? =
      try reserve(memory, TaskMemory(shared: 40, held: 20, step: 20))
    let second = try reserve(memory, TaskMemory(shared: 50, held: 10, step: 5))
    #expect(memory.promised == 100)
    #expect(throws: Shortage(needed: 101)) { try reserve(memory, TaskMemory(held: 1)) }
    withExtendedLifetime(first) {}
    first = nil
    _ = try reserve(memory, TaskMemory(shared: 10, held: 30, step: 10))
    withExtendedLifetime(second) {}
  }

  @Test func aTaskLargerThanTheBudgetNeverFits() {
    let memory = MemoryReservations(budget: 10)
    #expect(throws: Shortage(needed: 11)) {
      try reserve(memory, TaskMemory(shared: 6, held: 3, step: 2))
    }
  }

  @Test func aTaskGrowsWhileThereIsRoom() throws {
    let memory = MemoryReservations(budget: 10)
    let reservation = try reserve(memory, TaskMemory(shared: 4, held: 1))
    try reservation.grow(by: TaskMemory(held: 2, step: 3))
    #expect(throws: Shortage(needed: 11)) { try reservation.grow(by: TaskMemory(held: 1)) }
    #expect(memory.promised == 10)
  }

  @Test func theRoomOfAnAbandonedTaskIsWaitedFor() throws {
    let memory = MemoryReservations(budget: 10)
    let old = Holder(try reserve(memory, TaskMemory(held: 6)))
    let other = try reserve(memory, TaskMemory(held: 2))
    #expect(throws: Shortage(needed: 13)) { try reserve(memory, TaskMemory(held: 5)) }
    old.reservation.withLock { $0?.abandon() }
    #expect(throws: Shortage(needed: 17), "for tasks that stay nobody waits") {
      try reserve(memory, TaskMemory(held: 9))
    }
    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.02)
      #expect(memory.promised == 8, "nothing is given away twice")
      old.reservation.withLock { $0 = nil }
    }
    thread.start()
    let new = try reserve(memory, TaskMemory(held: 8))
    #expect(memory.promised == 10)
    withExtendedLifetime((other, new)) {}
  }

  @Test func anAbandonedTaskGetsNothingMore() throws {
    let memory = MemoryReservations(budget: 10)
    let task = try reserve(memory, TaskMemory(held: 1))
    task.abandon()
    #expect(throws: Shortage(needed: 2)) { try task.grow(by: TaskMemory(held: 1)) }
  }

  @Test func stepsRunSideBySideWhereTheyFit() throws {
    let memory = MemoryReservations(budget: 10)
    let task = try reserve(memory, TaskMemory(shared: 3, held: 1, step: 3))
    let first = try #require(memory.begin(step: 3))
    let second = try #require(memory.begin(step: 3))
    #expect(memory.begin(step: 1) == nil)
    memory.end(step: first)
    memory.end(step: second)
    #expect(memory.begin(step: 100) != nil, "one may always run")
    withExtendedLifetime(task) {}
  }
}

@Suite struct ComputeGateTests {
  private final class Log: Sendable {
    let grants = Mutex<[(name: String, threads: Int)]>([])
    let inside = DispatchSemaphore(value: 0)
    let leave = DispatchSemaphore(value: 0)
  }

  private func start(
    _ gate: ComputeGate, _ log: Log, _ name: String, _ urgency: ComputeGate.Urgency = .step,
    step: Int = 1
  ) {
    Thread {
      gate.run(urgency, step: step) { threads in
        log.grants.withLock { $0.append((name, threads)) }
        log.inside.signal()
        log.leave.wait()
      }
    }.start()
  }

  private func gate(threads: Int, memory: UInt64 = 100) -> ComputeGate {
    ComputeGate(threads: threads, memory: MemoryReservations(budget: memory))
  }

  /// Waits until so many computations wait at the gate.
  private func waitFor(_ count: Int, at gate: ComputeGate) {
    while gate.waitingCount < count { Thread.sleep(forTimeInterval: 0.001) }
  }

  @Test func aloneItHasAllThreadsTogetherTheyShare() {
    let (gate, log) = (gate(threads: 4), Log())
    start(gate, log, "alone")
    log.inside.wait()
    for name in ["a", "b", "c", "d"] { start(gate, log, name) }
    waitFor(4, at: gate)
    log.leave.signal()
    for _ in 0..<4 { log.inside.wait() }
    let grants = log.grants.withLock { $0 }
    #expect(grants.map(\.threads) == [4, 1, 1, 1, 1])
    for _ in 0..<4 { log.leave.signal() }
  }

  @Test func stepsGoBeforeKeys() {
    let (gate, log) = (gate(threads: 1), Log())
    start(gate, log, "first")
    log.inside.wait()
    start(gate, log, "key", .background)
    waitFor(1, at: gate)
    start(gate, log, "step")
    waitFor(2, at: gate)
    for _ in 0..<2 {
      log.leave.signal()
      log.inside.wait()
    }
    #expect(log.grants.withLock { $0.map(\.name) } == ["first", "step", "key"])
    log.leave.signal()
  }

  @Test func whatDoesNotFitBesideOthersTakesItsTurn() {
    let (gate, log) = (gate(threads: 4, memory: 10), Log())
    start(gate, log, "first", step: 8)
    log.inside.wait()
    start(gate, log, "second", step: 8)
    waitFor(1, at: gate)
    #expect(log.grants.withLock { $0.count } == 1)
    log.leave.signal()
    log.inside.wait()
    #expect(log.grants.withLock { $0.map(\.name) } == ["first", "second"])
    log.leave.signal()
  }
}

@Suite struct MemoryBudgetTests {
  @Test func theSmallestKnownLimitCounts() {
    #expect(MemoryBudget(machine: 8, group: 4, operatorLimit: 6).bytes == 4)
    #expect(MemoryBudget(machine: 8, group: nil, operatorLimit: 6).bytes == 6)
    #expect(MemoryBudget(machine: nil, group: nil, operatorLimit: nil).bytes == 1 << 30)
    #expect(MemoryBudget.detect(operatorLimit: 12345).bytes == 12345)
    #expect(MemoryBudget.detect(operatorLimit: nil).bytes > 1 << 20)
  }

  @Test func readsMeminfo() {
    #expect(
      MemoryBudget.machineBytes("MemFree: 1 kB\nMemTotal:       24579 kB\n") == 24579 * 1024)
    #expect(MemoryBudget.machineBytes("MemTotal:\n") == nil)
    #expect(MemoryBudget.machineBytes("") == nil)
  }

  @Test(
    arguments: [
      ("max\n", nil), ("536870912\n", 536_870_912), ("9223372036854771712", nil), ("", nil),
    ] as [(String, UInt64?)])
  func readsGroupLimits(_ text: String, _ bytes: UInt64?) {
    #expect(MemoryBudget.groupBytes(text) == bytes)
  }

  @Test func findsTheGroupsAbove() {
    #expect(
      MemoryBudget.groupLimitFiles("0::/a/b\n") == [
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/a/memory.max",
        "/sys/fs/cgroup/a/b/memory.max",
      ])
    #expect(
      MemoryBudget.groupLimitFiles("5:cpu,memory:/x\n1:pids:/y\nnonsense\n") == [
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/x/memory.limit_in_bytes",
      ])
  }
}

@Suite struct BackoffTests {
  @Test func doublesWithJitterUpToTheCap() {
    var generator = SystemRandomNumberGenerator()
    var backoff = Backoff()
    for expected in [0.5, 1, 2, 4, 4, 4] {
      let wait = backoff.wait(using: &generator)
      #expect((expected / 2...expected).contains(wait))
    }
    backoff.reset()
    #expect(backoff.wait(using: &generator) <= 0.5)
  }
}

@Suite struct BoundedCacheTests {
  private struct Failure: Error, Equatable {}

  @Test func makesOnceAndForgetsTheLeastRecentlyUsed() {
    let cache = BoundedCache<Int, Int>(budget: 10)
    let made = Mutex<[Int]>([])
    func get(_ key: Int) -> Int {
      cache.value(for: key) {
        made.withLock { $0.append(key) }
        return (key * key, 5)
      }
    }
    #expect(get(1) == 1 && get(2) == 4 && get(1) == 1)
    #expect(get(3) == 9, "pushes out 2")
    #expect(get(1) == 1 && get(2) == 4)
    #expect(made.withLock { $0 } == [1, 2, 3, 2])
    #expect(cache.totalCost <= 10)
  }

  @Test func whatIsTooLargeIsNotKept() {
    let cache = BoundedCache<Int, Int>(budget: 10)
    #expect(cache.value(for: 1) { (1, 11) } == 1)
    #expect(cache.totalCost == 0)
  }

  @Test func aTighterLimitForgetsAtOnce() {
    let cache = BoundedCache<Int, Int>(budget: 10)
    for key in 1...2 { _ = cache.value(for: key) { (key, 5) } }
    cache.limit(to: 5)
    #expect(cache.totalCost == 5)
    #expect(cache.value(for: 2) { (0, 5) } == 2)
  }

  @Test func aFailureIsNotRemembered() throws {
    let cache = BoundedCache<Int, Int>(budget: 10)
    #expect(throws: Failure.self) {
      _ = try cache.value(for: 1) { () throws(Failure) in throw Failure() }
    }
    #expect(cache.value(for: 1) { (8, 1) } == 8)
  }
}
