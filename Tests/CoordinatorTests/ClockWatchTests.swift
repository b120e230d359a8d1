import Coordinator
import Testing

@Suite struct ClockWatchTests {
  private let wall = 1_800_000_000.0

  @Test func aFreshStartWaitsUntilTheClockHasSettled() {
    let watch = ClockWatch(wall: wall, monotonic: 10)
    #expect(!watch.isTrusted(at: 10 + ClockWatch.settling - 1))
    #expect(watch.isTrusted(at: 10 + ClockWatch.settling))
  }

  @Test func whatIsNoJumpChangesNothing() {
    var watch = ClockWatch(wall: wall, monotonic: 0)
    // Looks may be late, and the network moves the clock by little.
    for (passed, drift) in [(1.0, 0.0), (5_000, 200), (5_001, -90), (20_000, 100)] {
      #expect(watch.look(wall: wall + passed + drift, monotonic: passed) == nil)
    }
    #expect(watch.isTrusted(at: 20_000))
  }

  /// Two days ahead for a minute: neither then nor after that is anything old.
  @Test(arguments: [172_800.0, -172_800, 301]) func afterAJumpNothingIsOldForADay(_ jump: Double) {
    var watch = ClockWatch(wall: wall, monotonic: 0)
    #expect(watch.look(wall: wall + 10_000, monotonic: 10_000) == nil)
    #expect(watch.isTrusted(at: 10_000))
    #expect(watch.look(wall: wall + 10_001 + jump, monotonic: 10_001) == jump)
    #expect(!watch.isTrusted(at: 10_001))
    #expect(watch.look(wall: wall + 10_030 + jump, monotonic: 10_030) == nil)
    #expect(watch.look(wall: wall + 10_061, monotonic: 10_061) == -jump)
    #expect(watch.look(wall: wall + 10_062, monotonic: 10_062) == nil)
    #expect(!watch.isTrusted(at: 10_061 + ClockWatch.quarantine - 1))
    #expect(watch.isTrusted(at: 10_061 + ClockWatch.quarantine))
  }
}
