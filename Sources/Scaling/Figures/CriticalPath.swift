import Coordinator
import Varuna

/// What the end of a job had to wait for.
package enum CriticalPath {
  /// A stretch of it.
  package struct Segment: Codable, Equatable, Sendable {
    /// Who was waited for.
    package enum Cause: String, Codable, Sendable {
      /// The job's turn, or workers.
      case turn
      /// Planning.
      case planning
      /// A verifying key.
      case key
      /// A share of instances.
      case instances
      /// A share of matrices.
      case matrix
      /// Artifacts on their way to a worker.
      case bytes
      /// The coordinator: checks, sums, its database.
      case coordinator
    }

    package var cause: Cause
    /// What was done, in words.
    package var what: String
    /// The worker; nil for the coordinator.
    package var worker: String?
    /// Seconds since the job began.
    package var began: Double
    package var seconds: Double
  }

  /// The path from the job's beginning to its end, without gaps.
  ///
  /// Backwards from the end: what was there last before a moment is what that moment waited for.
  package static func segments(_ trace: JobTrace) -> [Segment] {
    guard let end = trace.marks.last?.time else { return [] }
    let window = trace.window
    var path: [Segment] = []
    func add(_ cause: Segment.Cause, _ what: String, _ span: Spans.Span, at worker: Int? = nil) {
      guard span.to > span.from else { return }
      path.append(
        Segment(
          cause: cause, what: what, worker: worker.map(trace.name), began: span.from,
          seconds: span.to - span.from))
    }
    add(.coordinator, "the document", (window.to, end))
    let answers = trace.answers.sorted { ($0.answered, $0.asked) < ($1.answered, $1.asked) }
    var (time, next) = (window.to, answers.count - 1)
    while next >= 0, time > window.from {
      let answer = answers[next]
      next -= 1
      if answer.answered > time || answer.answered <= window.from { continue }
      add(.coordinator, "between answers", (answer.answered, time))
      let task = trace.tasks[answer.task]
      let fetch = trace.fetches.first { $0.task == answer.task && $0.worker == answer.worker }
      let asked = max(answer.asked, window.from)
      // What is fetched before the first answer comes before the work.
      let fetched = fetch.map { min(max($0.ended, asked), answer.answered) } ?? asked
      add(cause(task.kind), words(task, answer), (fetched, answer.answered), at: answer.worker)
      add(.bytes, "artifacts for \(words(task, answer))", (asked, fetched), at: answer.worker)
      time = asked
    }
    add(.coordinator, "before the first request", (window.from, time))
    for (mark, following) in zip(trace.marks, trace.marks.dropFirst()).reversed()
    where mark.time < window.from {
      add(
        mark.stage == .submitted ? .turn : .planning,
        mark.stage == .submitted ? "waiting for its turn" : "planning", (mark.time, following.time))
    }
    return path.reversed()
  }

  /// Seconds of the path by what was waited for, the longest first.
  package static func totals(_ path: [Segment]) -> [(cause: Segment.Cause, seconds: Double)] {
    Dictionary(grouping: path, by: \.cause)
      .map { ($0, $1.reduce(0) { $0 + $1.seconds }) }
      .sorted { ($1.seconds, $0.cause.rawValue) < ($0.seconds, $1.cause.rawValue) }
  }

  private static func cause(_ kind: JobTrace.Task.Kind) -> Segment.Cause {
    switch kind {
    case .key: .key
    case .instances: .instances
    case .matrix: .matrix
    }
  }

  private static func words(_ task: JobTrace.Task, _ answer: JobTrace.Answer) -> String {
    if task.kind == .key { return "the key of circuit \(task.number)" }
    let step =
      UInt8(exactly: answer.step).flatMap(ShareStep.init(rawValue:))?.name ?? "step \(answer.step)"
    return "\(step), \(task.kind.rawValue) \(task.number)"
  }
}
