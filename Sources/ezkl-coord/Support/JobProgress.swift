import Console
import Coordinator

/// Shows a job's progress: redrawn on a terminal, plain lines elsewhere, JSON lines with `--json`.
struct JobProgress: Sendable {
  /// A line of the JSON stream.
  private struct Line: Encodable {
    let event = "progress"
    let progress: ProgressEvent
  }

  private let display: ProgressDisplay
  private let json: Bool

  /// Progress goes to standard error, so that standard output carries results only; JSON lines go to standard output.
  init(json: Bool) {
    self.json = json
    display = ProgressDisplay(
      stream: .standardError, terminal: .detect(descriptor: 2))
  }

  /// Shows one snapshot.
  func show(_ event: ProgressEvent) {
    if json {
      // A progress line that cannot be encoded is no reason to end a job.
      try? printJSON(Line(progress: event), oneLine: true)
    } else {
      display.show(event.state)
    }
  }

  /// Prints a lasting line for people.
  func note(_ line: String) { if !json { display.note(line) } }

  /// Ends the display.
  func finish() { if !json { display.finish() } }
}

extension ProgressEvent {
  /// What the display shows of a snapshot.
  var state: ProgressState {
    var parts: [String] = []
    if chunks > 1, stage == .indexing || stage == .proving { parts.append("\(chunks) chunks") }
    if groups > 1 { parts.append("\(groupsDone) of \(groups) proofs") }
    if !step.isEmpty { parts.append(step) }
    if let others { parts.append("\(others.count) more workers have \(others.tasks) tasks of it") }
    if let notice { parts.append(notice) }
    return ProgressState(
      stage: stage.rawValue, fraction: total > 0 ? Double(done) / Double(total) : nil,
      detail: parts.joined(separator: ", "),
      workers: workers.map { worker in
        ProgressState.Worker(
          name: worker.name,
          activity: "\(worker.tasks) tasks, sent \(Human.bytes(Int(clamping: worker.bytesSent)))")
      },
      secondsLeft: remaining)
  }
}
