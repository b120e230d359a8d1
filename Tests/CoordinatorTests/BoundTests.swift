import Coordinator
import Testing

/// Bounds of what one peer may have waiting here.
@Suite struct BoundTests {
  private final class Sender {}

  @Test func oneReplyOfEachSenderToEachStepWaits() {
    let (a, b) = (Sender(), Sender())
    var window = ReplyWindow(sizes: [.instances(0): [1: 48, 2: 64], .matrix(3): [5: 144]])
    func admit(_ share: ShareName, _ step: UInt8, _ bytes: Int, _ sender: Sender)
      -> ReplyWindow.Verdict
    {
      window.admit(share, step: step, bytes: bytes, from: ObjectIdentifier(sender))
    }
    #expect(admit(.instances(0), 2, 64, a) == .waits)
    #expect(admit(.instances(0), 2, 64, a) == .superfluous)
    #expect(admit(.instances(0), 2, 64, b) == .waits)
    #expect(admit(.instances(0), 1, 48, a) == .waits)
    #expect(admit(.matrix(3), 5, 144, a) == .waits)
    // Of a share or a step that nobody asked for, whatever its size.
    #expect(admit(.instances(0), 3, 64, a) == .superfluous)
    #expect(admit(.instances(1), 1, 48, a) == .superfluous)
    // What cannot be an answer takes nobody's place.
    #expect(admit(.instances(0), 1, 4 << 20, b) == .malformed(expected: 48))
    #expect(admit(.instances(0), 1, 47, b) == .malformed(expected: 48))
    #expect(admit(.instances(0), 1, 48, b) == .waits)
    #expect(window.admit(.matrix(3), step: 5, bytes: 0, from: ObjectIdentifier(b)) != .waits)
  }

  @Test func plansAreCountedByKey() {
    var plans = KeyedCount(limit: 2)
    #expect(["a", "a", "a", "b"].map { plans.begin($0) } == [true, true, false, true])
    plans.end("a")
    #expect(["a", "a"].map { plans.begin($0) } == [true, false])
    for _ in 0..<2 { plans.end("a") }
    plans.end("b")
    plans.end("nobody")
    #expect(plans.keys == 0)
  }
}
