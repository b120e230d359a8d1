import Coordinator
import Testing

@Suite struct LineMeterTests {
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
