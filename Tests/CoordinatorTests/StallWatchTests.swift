import Coordinator
import Testing

@Suite struct StallWatchTests {
  @Test func onlyUnansweredRequestsGrowOld() {
    var watch = StallWatch()
    watch.asked(1, cost: 1, at: 0)
    watch.asked(2, cost: 1, at: 0)
    watch.settled(2)
    #expect(watch.stalled(at: StallWatch.leastPatience) == [])
    #expect(watch.stalled(at: StallWatch.leastPatience + 1) == [1])
    #expect(watch.stalled(at: StallWatch.leastPatience + 2) == [])
  }

  @Test func longTasksGetMoreTime() {
    var watch = StallWatch()
    watch.asked(1, cost: 100, at: 0)
    #expect(watch.stalled(at: 100 * StallWatch.costFactor) == [])
    #expect(watch.stalled(at: 100 * StallWatch.costFactor + 1) == [1])
  }

  @Test func everyRequestStartsTheClockAgain() {
    var watch = StallWatch()
    watch.asked(1, cost: 1, at: 0)
    watch.asked(1, cost: 1, at: 800)
    #expect(watch.stalled(at: 1000) == [])
    #expect(watch.stalled(at: 1701) == [1])
  }
}
