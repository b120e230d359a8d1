/// What a progress display shows at one moment.
package struct ProgressState: Equatable, Sendable {
  /// One worker's line.
  package struct Worker: Equatable, Sendable {
    /// Its name.
    package var name: String
    /// What it does, for example `matrix 2, quotient`.
    package var activity: String

    /// A worker and what it does.
    package init(name: String, activity: String) {
      self.name = name
      self.activity = activity
    }
  }

  /// The stage in a word or two, for example `proving`.
  package var stage: String
  /// Part of the whole done, from 0 to 1, or nil where unknown.
  package var fraction: Double?
  /// Within the stage, for example `round 3 of 8`.
  package var detail: String
  /// The workers, by name.
  package var workers: [Worker]
  /// Seconds left as predicted, or nil.
  package var secondsLeft: Double?

  /// A state; everything but the stage may be left out.
  package init(
    stage: String, fraction: Double? = nil, detail: String = "", workers: [Worker] = [],
    secondsLeft: Double? = nil
  ) {
    self.stage = stage
    self.fraction = fraction
    self.detail = detail
    self.workers = workers
    self.secondsLeft = secondsLeft
  }

  /// The lines of a redrawn display, none longer than the terminal is wide.
  package func lines(on terminal: Terminal, elapsed: Double) -> [String] {
    var head = stage
    if let fraction {
      let part = min(1, max(0, fraction))
      let cells = min(30, max(8, terminal.width / 3))
      let full = Int((Double(cells) * part).rounded(.down))
      let bar = String(repeating: "#", count: full) + String(repeating: "-", count: cells - full)
      head += " [\(bar)] \(Int((part * 100).rounded(.down)))%"
    }
    var times = Human.duration(elapsed)
    if let secondsLeft { times += ", about " + Human.duration(secondsLeft) + " left" }
    var lines = [head]
    lines.append("  " + (detail.isEmpty ? times : detail + " · " + times))
    for worker in workers.prefix(Self.shownWorkers) {
      lines.append("  \(worker.name): \(worker.activity)")
    }
    if workers.count > Self.shownWorkers {
      lines.append("  and \(workers.count - Self.shownWorkers) more workers")
    }
    return lines.map { String(Human.oneLine($0).prefix(terminal.width - 1)) }
  }

  /// The one line that a log gets when the stage or its detail changes.
  package var plainLine: String {
    var text = stage
    if !detail.isEmpty { text += ": " + detail }
    if let fraction { text += " (\(Int((min(1, max(0, fraction)) * 100).rounded(.down)))%)" }
    return Human.oneLine(text)
  }

  /// More workers than these are counted and not listed.
  package static let shownWorkers = 8
}
