import Coordinator
import Scaling
import Testing

@Suite struct FiguresTests {
  @Test func spansAddUpOnce() {
    let spans = Spans([(3, 4), (0, 2), (1, 2.5), (5, 5), (7, 6)])
    #expect(spans == Spans([(0, 2.5), (3, 4)]))
    #expect(spans.seconds == 3.5)
    #expect(spans.within((2, 3.5)) == Spans([(2, 2.5), (3, 3.5)]))
    #expect(spans.gaps(in: (-1, 5)) == Spans([(-1, 0), (2.5, 3), (4, 5)]))
    #expect(spans.gaps(in: (0, 2)).seconds == 0)
    #expect(
      spans.intersection(Spans([(2, 3.5), (3.75, 9)])) == Spans([(2, 2.5), (3, 3.5), (3.75, 4)]))
  }

  @Test func phasesAreBetweenMarks() {
    let figures = RunFigures(sampleTrace())
    #expect(figures.wall == 11)
    #expect(
      figures.phases.map(\.stage) == [.submitted, .planning, .indexing, .proving, .verifying])
    #expect(figures.seconds(.proving) == 6 && figures.seconds(.planning) == 1.5)
    let indexing = figures.phases[2]
    #expect(abs(indexing.cpuSeconds - 0.1) < 1e-9)
    #expect(indexing.bytesOut == 100 && indexing.bytesIn == 50)
    #expect(figures.phases[3].bytesOut == 1300)
  }

  @Test func everySecondOfAWorkerHasAReason() {
    let (a, b) = (RunFigures(sampleTrace()).workers[0], RunFigures(sampleTrace()).workers[1])
    // Of the eight seconds from 2 to 10: the key, the witness without its artifacts, the matrix commitments.
    #expect(a.busy == 1.5 + 1.5 + 0.5 && a.forBytes == 0.5)
    #expect(a.forRound == 2 && a.forCoordinator == 2)
    #expect(b.busy == 2.5 && b.forRound == 3.5 && b.forCoordinator == 2 && b.forBytes == 0)
    #expect(a.busy + a.forBytes + a.forRound + a.forCoordinator == 8)
    #expect(a.artifactBytes == 1000 && a.roundBytes == 450 && b.roundBytes == 150)
  }

  @Test func theCriticalPathHasNoGaps() {
    let path = RunFigures(sampleTrace()).critical
    var time = 0.0
    for segment in path {
      #expect(abs(segment.began - time) < 1e-9)
      time += segment.seconds
    }
    #expect(time == 11)
    #expect(
      path.map(\.cause) == [
        .turn, .planning, .key, .coordinator, .bytes, .instances, .coordinator, .matrix,
        .coordinator, .coordinator,
      ])
    #expect(path[2].worker == "a" && path[7].worker == "b" && path[8].worker == nil)
    #expect(path[5].what == "witness commitments, instances 0")
    let totals = CriticalPath.totals(path)
    #expect(totals[0].cause == .coordinator && totals[0].seconds == 3)
  }

  @Test func aWorkerOfOneThreadDoesOneThingAfterTheOther() {
    var trace = sampleTrace()
    trace.fetches = []
    trace.answers = [
      answer(1, by: 0, step: 1, 0, 2), answer(2, by: 0, step: 5, 0, 5),
      answer(0, by: 1, step: 0, 4, 4.5),
    ]
    // The shortest answer took half a second: that is what messages may take.
    #expect(Service.list(trace).map(\.threadSeconds) == [1.5, 3, 0])
  }

  @Test func severalThreadsShareWhatIsOwed() {
    var trace = sampleTrace()
    trace.workers[0].threads = 4
    trace.fetches = []
    trace.answers = [answer(1, by: 0, step: 1, 0, 2), answer(2, by: 0, step: 5, 0, 3)]
    trace.answers.append(answer(0, by: 1, step: 0, 0, 0.000_001))
    let seconds = Service.list(trace).map(\.threadSeconds)
    #expect(abs(seconds[0] - 4) < 1e-4 && abs(seconds[1] - 8) < 1e-4)
  }

  @Test func predictionsAreComparedByKind() {
    let predictions = RunFigures(sampleTrace()).predictions
    #expect(predictions.map(\.kind) == [.key, .instances, .matrix])
    #expect(predictions.map(\.predicted) == [1, 2, 1])
    #expect(predictions[2].measured == 2)
  }

  @Test func anEmptyTraceHasNoFigures() {
    let figures = RunFigures(JobTrace())
    #expect(figures.wall == 0 && figures.critical.isEmpty && figures.leastAnswer == nil)
  }

  @Test func placesThatDoNotExistAreSeen() {
    #expect(sampleTrace().isSound)
    var trace = sampleTrace()
    trace.answers[0].task = 9
    #expect(!trace.isSound)
    trace = sampleTrace()
    trace.fetches[0].worker = -1
    #expect(!trace.isSound)
    trace = sampleTrace()
    trace.marks[1].time = .infinity
    #expect(!trace.isSound)
  }
}
