import Coordinator
import Testing

@Suite struct LineMeterTests {
  @Test func strangersDoNotFillTheLog() {
    var lines = StrangerLines(at: 0)
    let one = (0..<1000).count { lines.take("10.0.0.1:\($0)", at: 0) }
    #expect(one == 10)
    let many = (0..<5000).count { lines.take("10.1.\($0 / 250).\($0 % 250):1", at: 0) }
    #expect(many == 40)
    let early = lines.sweep(at: 59)
    let left = lines.sweep(at: 60)
    #expect(early == nil && left == 5950)
    let later = lines.take("10.0.0.1:1", at: 60)
    #expect(later)
  }

  /// A worker that comes and goes a hundred times a second for an hour takes no more lines of the log than it should.
  @Test func whoComesAndGoesWithoutEndFillsNoLog() {
    var meter = LineMeter()
    var (written, skipped, lines) = (0, 0, 0)
    for step in 0..<360_000 {
      lines += 1
      if let before = meter.take("storm", at: Double(step) / 100) {
        written += 1
        skipped += before
      }
    }
    #expect(written <= 10 + 3600 / 30 + 1)
    // None is lost: those that were left out last are told by the next sweep, once.
    #expect(written + skipped + (meter.sweep()["storm"] ?? 0) == lines)
    #expect(meter.sweep().isEmpty && meter == LineMeter())
  }

  @Test func aWorkerThatJoinsAndLeavesIsWrittenDown() {
    var meter = LineMeter()
    for worker in ["a", "b"] {
      for now in 0..<10 { #expect(meter.take(worker, at: Double(now)) == 0) }
    }
    #expect(meter.take("a", at: 9) == nil)
    #expect(meter.take("a", at: 60) == 1)
  }
}
