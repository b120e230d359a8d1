import Synchronization
import Testing
import Worker

@Suite struct MemoryReservationTests {
  @Test func whatIsSharedCountsOnceAndWorkAddsUp() {
    let memory = MemoryReservations(budget: 100)
    var first = memory.reserve(resident: 40, work: 30).reservation
    #expect(first != nil)
    let second = memory.reserve(resident: 50, work: 20)
    #expect(second.reservation != nil && second.needed == 100)
    let third = memory.reserve(resident: 10, work: 1)
    #expect(third.reservation == nil && third.needed == 101)
    first = nil
    #expect(memory.reserve(resident: 10, work: 30).reservation != nil)
    withExtendedLifetime(second) {}
  }

  @Test func workLargerThanTheBudgetNeverFits() {
    #expect(MemoryReservations(budget: 10).reserve(resident: 6, work: 5).reservation == nil)
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
    for expected in [1.0, 2, 4, 8, 16, 32, 60, 60] {
      let wait = backoff.wait(using: &generator)
      #expect((expected / 2...expected).contains(wait))
    }
    backoff.reset()
    #expect(backoff.wait(using: &generator) <= 1)
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

  @Test func aFailureIsNotRemembered() throws {
    let cache = BoundedCache<Int, Int>(budget: 10)
    #expect(throws: Failure.self) {
      _ = try cache.value(for: 1) { () throws(Failure) in throw Failure() }
    }
    #expect(cache.value(for: 1) { (8, 1) } == 8)
  }
}
