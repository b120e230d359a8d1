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

@Suite struct RoomWatchTests {
  @Test func onlyWhatStaysBlockedHasToMakeRoom() {
    var watch = RoomWatch()
    let late = RoomWatch.patience + 1
    #expect(watch.overdue(blocked: [1, 2], at: 0).isEmpty)
    #expect(watch.overdue(blocked: [2], at: 5).isEmpty)
    #expect(watch.overdue(blocked: [1, 2], at: late) == [2])
    #expect(watch.overdue(blocked: [1, 2], at: late + 1).isEmpty)
    #expect(watch.overdue(blocked: [1], at: 2 * late + 1) == [1])
  }
}
