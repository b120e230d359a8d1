import Coordinator
import Foundation
import Scaling
import Testing

@Suite struct ReportTests {
  @Test func amdahlsLawIsFoundAgain() throws {
    let fit = try #require(AmdahlFit([1, 2, 4, 8].map { ($0, 3 + 12 / Double($0)) }))
    #expect(abs(fit.serial - 3) < 1e-9 && abs(fit.parallel - 12) < 1e-9)
    #expect(abs(fit.serialPart - 0.2) < 1e-9)
    #expect(abs(try #require(fit.mostSpeedUp) - 5) < 1e-9)
    #expect(abs(fit.seconds(6) - 5) < 1e-9)
  }

  @Test func neitherPartIsBelowNothing() throws {
    let steep = try #require(AmdahlFit([(1, 10), (2, 4)]))
    #expect(steep.serial == 0 && steep.mostSpeedUp == nil)
    let rising = try #require(AmdahlFit([(1, 10), (2, 12)]))
    #expect(rising.parallel == 0 && rising.serialPart == 1)
    #expect(AmdahlFit([(2, 5), (2, 6)]) == nil)
    #expect(AmdahlFit([]) == nil)
  }

  @Test func linesAreMediansAgainstTheFewestWorkers() {
    let report = sampleReport([(2, 10), (2, 30), (2, 12), (4, 8)])
    #expect(report.lines.map(\.workers) == [2, 4])
    #expect(report.lines[0].wall == 12 && report.lines[0].least == 10 && report.lines[0].most == 30)
    #expect(report.lines[0].runs == 3 && report.lines[0].speedUp == 1)
    #expect(report.lines[1].speedUp == 1.5 && report.lines[1].efficiency == 0.75)
    #expect(report.lines[1].withoutTask == 2)
    #expect(abs(report.lines[0].busy - 6.0 / 16) < 1e-9)
    #expect(report.lines[0].roundBytesPerWorker == 300)
    #expect(report.warmFit != nil && report.coldFit == nil)
  }

  @Test func oneSentenceSaysWhatLimits() {
    #expect(
      sampleReport([(1, 11)]).limit
        == "With 1 worker and warm keys, 27 % of 11.0 s is the coordinator's own work between rounds, on keys and on the document."
    )
    // Without what the coordinator does, the path's longest part is a share.
    var trace = sampleTrace()
    trace.marks[5].time = 10
    trace.answers[0].answered = 4
    var report = sampleReport([])
    report.add(
      ScalingReport.Run(workers: 2, keys: .warm, wall: 10, chunks: 1, circuits: 2, trace: trace))
    #expect(
      report.limit
        == "With 2 workers and warm keys, 25 % of 10.0 s is waiting for the slowest share of matrices of every round, "
        + "one for each circuit; there is 1 chunk of 2 circuits to divide.")
    #expect(sampleReport([]).limit.isEmpty)
    #expect(sampleReport([(1, 11)]).text.contains("coordinator's own work"))
  }

  @Test func aReportIsReadAsItWasWritten() throws {
    let report = sampleReport([(1, 12), (2, 7)])
    let read = try JSONDecoder().decode(
      ScalingReport.self, from: try JSONEncoder().encode(report))
    #expect(read == report)
  }

  @Test func thePageNeedsNothingElse() {
    var report = sampleReport([(1, 12), (2, 7)])
    let page = report.page
    #expect(page.contains("<svg") && page.contains("prefers-color-scheme: dark"))
    for word in ["<script", "http:", "https:", "url(", "@import", "<link", "<img"] {
      #expect(!page.contains(word), "\(word)")
    }
    for tag in ["section", "svg", "table", "main", "ul"] {
      let opened = page.components(separatedBy: "<\(tag)").count
      #expect(opened == page.components(separatedBy: "</\(tag)>").count, "\(tag)")
    }
    #expect(page.contains("ended before all runs"))
    report.isComplete = true
    #expect(!report.page.contains("ended before all runs"))
    #expect(report.page == report.page)
  }

  @Test func namesFromTheNetworkAreText() {
    var report = sampleReport([])
    report.model = "<script>alert(1)</script>"
    report.add(
      ScalingReport.Run(
        workers: 2, keys: .warm, wall: 1, chunks: 1, circuits: 1,
        trace: sampleTrace(names: ["\"><b>", "it's & more"])))
    let page = report.page
    #expect(!page.contains("<script") && !page.contains("<b>"))
    #expect(page.contains("&lt;script&gt;") && page.contains("it&#39;s &amp; more"))
  }

  @Test func axesHaveRoundNumbers() {
    #expect(ticks(to: 7.3) == [0, 2, 4, 6, 8])
    #expect(ticks(to: 0) == [0, 1])
    for most in [1e-9, 0.3, 1, 60, 61, 1e9, .infinity] {
      let marks = ticks(to: most)
      #expect(marks.count <= 8 && marks.count > 1)
      if most.isFinite { #expect(marks.last! >= most) }
    }
  }

  @Test func numbersAreWrittenTheSameEverywhere() {
    #expect(decimal(1234.567, 2) == "1234.57")
    #expect(decimal(0.05, 2) == "0.05" && decimal(-0.26, 1) == "-0.3" && decimal(-0.01, 1) == "0.0")
    #expect(decimal(2.5, 0) == "3" && decimal(.nan) == "–")
    #expect(percent(0.456) == "46 %")
    #expect(median([3, 1, 2]) == 2 && median([4, 1]) == 2.5 && median([]) == 0)
  }
}
