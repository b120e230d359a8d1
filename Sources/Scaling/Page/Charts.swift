import Coordinator

/// The drawings of a scaling report.
enum Charts {
  private static let width = 760.0
  private static let left = 52.0

  /// Speed-up over workers, cold and warm, with the ideal and Amdahl's law.
  static func speedUp(_ report: ScalingReport) -> String {
    let counts = Set(report.lines.map(\.workers)).sorted()
    guard let fewest = counts.first, let most = counts.last else { return "" }
    let (height, top, bottom) = (300.0, 16.0, 260.0)
    var svg = SVG(width: width, height: height, title: "Speed-up over the number of workers")
    let highest = max(
      1, report.lines.map(\.speedUp).max() ?? 1,
      min(Double(most) / Double(fewest), 1.5 * (report.lines.map(\.speedUp).max() ?? 1)))
    let marks = ticks(to: highest)
    let scale = marks.last ?? 1
    func y(_ value: Double) -> Double { bottom - (bottom - top) * min(value, scale) / scale }
    func x(_ place: Int) -> Double {
      left + 20 + (width - left - 60) * Double(place) / Double(max(1, counts.count - 1))
    }
    for mark in marks {
      svg.line([(left, y(mark)), (width - 10, y(mark))], stroke: "rule")
      svg.text(
        decimal(mark, mark == mark.rounded() ? 0 : 1), x: left - 8, y: y(mark) + 4, anchor: .end)
    }
    for (place, count) in counts.enumerated() {
      svg.text("\(count)", x: x(place), y: bottom + 20, anchor: .middle)
    }
    svg.text("workers", x: width - 10, y: bottom + 38, anchor: .end, quiet: true)
    let ideal = counts.enumerated().map { (x($0), Double($1) / Double(fewest)) }
    svg.line(ideal.filter { $0.1 <= scale }.map { ($0.0, y($0.1)) }, stroke: "ideal")
    for (keys, fit, style) in [
      (ScalingReport.Keys.cold, report.coldFit, "key"), (.warm, report.warmFit, "instances"),
    ] {
      let lines = report.lines(keys)
      if let fit, let base = lines.first {
        let curve = counts.enumerated().map { (x($0), y(base.wall / fit.seconds($1))) }
        svg.line(curve, stroke: "fit \(style)-line")
      }
      let points = lines.compactMap { line in
        counts.firstIndex(of: line.workers).map { (x($0), y(line.speedUp)) }
      }
      svg.line(points, stroke: "\(style)-line")
      for (point, line) in zip(points, lines) {
        svg.dot(
          x: point.0, y: point.1, fill: style,
          hint: "\(line.workers) workers, \(keys.rawValue) keys: \(decimal(line.wall, 2)) s, "
            + "\(decimal(line.speedUp, 2)) times as fast")
      }
    }
    return svg.element
  }

  /// Wall time by phase, one bar for each line.
  static func phases(_ report: ScalingReport) -> String {
    let rows = report.lines
    let height = 34.0 + 26 * Double(rows.count)
    var svg = SVG(width: width, height: height, title: "Wall time by phase")
    let longest = ticks(to: rows.map(\.wall).max() ?? 1)
    let scale = longest.last ?? 1
    let begin = 110.0
    func x(_ seconds: Double) -> Double { begin + (width - begin - 20) * seconds / scale }
    for mark in longest {
      svg.line([(x(mark), 4), (x(mark), height - 22)], stroke: "rule")
      svg.text("\(decimal(mark, scale < 10 ? 1 : 0)) s", x: x(mark), y: height - 6, anchor: .middle)
    }
    for (number, line) in rows.enumerated() {
      let y = 6 + 26 * Double(number)
      svg.text("\(line.workers), \(line.keys.rawValue)", x: begin - 8, y: y + 14, anchor: .end)
      let known = line.planning + line.indexing + line.proving + line.verifying
      let parts = [
        ("planning", "planning", line.planning), ("key", "keys", line.indexing),
        ("instances", "proof", line.proving), ("matrix", "check of the document", line.verifying),
        ("waiting", "beside these", max(0, line.wall - known)),
      ]
      var from = 0.0
      for (style, name, seconds) in parts {
        svg.rectangle(
          x: x(from), y: y, width: x(from + seconds) - x(from), height: 18, fill: style,
          hint: "\(name): \(decimal(seconds, 2)) s")
        from += seconds
      }
    }
    return svg.element
  }

  /// The most workers that are drawn one by one.
  static let mostRows = 64

  /// What every worker was asked for, over time, and what the coordinator did.
  static func timeline(_ run: ScalingReport.Run) -> String {
    let trace = run.trace
    let rows = min(mostRows, trace.workers.count)
    let height = 60.0 + 20 * Double(rows)
    var svg = SVG(width: width, height: height, title: "Who worked when")
    let marks = ticks(to: run.figures.wall)
    let scale = marks.last ?? 1
    let begin = 130.0
    func x(_ seconds: Double) -> Double { begin + (width - begin - 20) * seconds / scale }
    for mark in marks {
      svg.line([(x(mark), 2), (x(mark), height - 24)], stroke: "rule")
      svg.text("\(decimal(mark, scale < 10 ? 1 : 0)) s", x: x(mark), y: height - 8, anchor: .middle)
    }
    svg.text("coordinator", x: begin - 8, y: 16, anchor: .end)
    for (mark, next) in zip(trace.marks, trace.marks.dropFirst())
    where mark.stage == .planning || mark.stage == .verifying {
      svg.rectangle(
        x: x(mark.time), y: 4, width: x(next.time) - x(mark.time), height: 14, fill: "planning",
        hint: "\(mark.stage.rawValue): \(decimal(next.time - mark.time, 2)) s")
    }
    for answer in trace.answers where x(answer.handled) - x(0) >= 0.5 {
      svg.rectangle(
        x: x(answer.answered), y: 4, width: x(answer.handled) - x(0), height: 14, fill: "warn",
        hint: "looking at an answer: \(decimal(answer.handled, 3)) s")
    }
    for worker in 0..<rows {
      let y = 26 + 20 * Double(worker)
      svg.text(String(trace.name(worker).prefix(16)), x: begin - 8, y: y + 12, anchor: .end)
    }
    for answer in trace.answers where answer.worker < rows {
      let task = trace.tasks[answer.task]
      let style =
        switch task.kind {
        case .key: "key"
        case .instances: "instances"
        case .matrix: "matrix"
        }
      svg.rectangle(
        x: x(answer.asked), y: 26 + 20 * Double(answer.worker),
        width: max(0.6, x(answer.answered) - x(answer.asked)), height: 14, fill: style + " part",
        hint: "\(task.kind.rawValue) \(task.number), step \(answer.step): "
          + "\(decimal(answer.answered - answer.asked, 3)) s")
    }
    for fetch in trace.fetches where fetch.worker < rows {
      svg.rectangle(
        x: x(fetch.began), y: 36 + 20 * Double(fetch.worker),
        width: x(fetch.ended) - x(fetch.began),
        height: 4, fill: "warn", hint: "artifacts: \(fetch.bytes) bytes")
    }
    return svg.element
  }

  /// How every worker's time between planning and the document is divided.
  static func idle(_ run: ScalingReport.Run) -> String {
    let workers = run.figures.workers.prefix(mostRows)
    let height = 10 + 20 * Double(workers.count)
    var svg = SVG(width: width, height: height, title: "Busy and idle time of every worker")
    let begin = 130.0
    for (number, worker) in workers.enumerated() {
      let y = 4 + 20 * Double(number)
      svg.text(String(worker.name.prefix(16)), x: begin - 8, y: y + 12, anchor: .end)
      let parts = [
        ("good", "busy", worker.busy), ("warn", "waiting for artifacts", worker.forBytes),
        ("instances", "waiting for the round's others", worker.forRound),
        ("waiting", "waiting for the coordinator", worker.forCoordinator),
      ]
      let all = parts.reduce(0) { $0 + $1.2 }
      guard all > 0 else { continue }
      var from = begin
      for (style, name, seconds) in parts {
        let wide = (width - begin - 20) * seconds / all
        svg.rectangle(
          x: from, y: y, width: wide, height: 14, fill: style,
          hint: "\(name): \(decimal(seconds, 2)) s, \(percent(seconds / all))")
        from += wide
      }
    }
    return svg.element
  }
}
