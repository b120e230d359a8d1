import Coordinator
import Testing

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
