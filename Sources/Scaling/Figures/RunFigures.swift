import Coordinator

/// What a job's trace says about where its time went.
package struct RunFigures: Codable, Equatable, Sendable {
  /// A stage of the job at its coordinator.
  package struct Phase: Codable, Equatable, Sendable {
    package var stage: JobStage
    package var seconds: Double
    /// Processor seconds of the coordinator, those of other jobs among them.
    package var cpuSeconds: Double
    /// Bytes to the workers and from them, artifacts among the former.
    package var bytesOut, bytesIn: Int
  }

  /// What a worker did between planning and the check of the document.
  package struct Worker: Codable, Equatable, Sendable {
    package var name: String
    package var threads: Int
    /// Answers that it gave.
    package var answers: Int
    /// Seconds in which it owed an answer and had what it needs.
    package var busy: Double
    /// Seconds in which it owed an answer and was still sent artifacts.
    package var forBytes: Double
    /// Seconds in which it owed nothing, and another worker did: rounds end together.
    package var forRound: Double
    /// Seconds in which nobody owed anything: the coordinator was at work.
    package var forCoordinator: Double
    /// Bytes of artifacts, and of requests and answers.
    package var artifactBytes, roundBytes: Int
  }

  /// Predicted against measured seconds of one thread.
  package struct Prediction: Codable, Equatable, Sendable {
    package var kind: JobTrace.Task.Kind
    package var predicted, measured: Double
  }

  /// Seconds from submission to the end, as the coordinator counts them.
  package var wall: Double
  package var phases: [Phase]
  package var workers: [Worker]
  /// What the end had to wait for, from the first to the last second.
  package var critical: [CriticalPath.Segment]
  package var predictions: [Prediction]
  /// The shortest time from a request to its answer, in seconds: no less than a message takes to a worker and back; nil
  /// without answers.
  package var leastAnswer: Double?

  /// Reads a trace.
  package init(_ trace: JobTrace) {
    let window = trace.window
    wall = trace.marks.last?.time ?? 0
    phases = Self.phases(trace)
    workers = Self.workers(trace, in: window)
    critical = CriticalPath.segments(trace)
    leastAnswer = trace.answers.map { $0.answered - $0.asked }.min()
    let services = Service.list(trace)
    predictions = JobTrace.Task.Kind.allCases.compactMap { kind in
      let tasks = trace.tasks.indices.filter { trace.tasks[$0].kind == kind }
      if tasks.isEmpty { return nil }
      return Prediction(
        kind: kind, predicted: tasks.reduce(0) { $0 + trace.tasks[$1].cost },
        measured: services.reduce(0) {
          trace.tasks[$1.task].kind == kind ? $0 + $1.threadSeconds : $0
        })
    }
  }

  /// Seconds of a stage; 0 where the job did not go through it.
  package func seconds(_ stage: JobStage) -> Double {
    phases.reduce(0) { $1.stage == stage ? $0 + $1.seconds : $0 }
  }

  private static func phases(_ trace: JobTrace) -> [Phase] {
    zip(trace.marks, trace.marks.dropFirst()).map { mark, next in
      let answers = trace.answers.filter { mark.time <= $0.answered && $0.answered < next.time }
      let fetched = trace.fetches.reduce(0) {
        mark.time <= $1.ended && $1.ended < next.time ? $0 + Int(clamping: $1.bytes) : $0
      }
      return Phase(
        stage: mark.stage, seconds: next.time - mark.time,
        cpuSeconds: next.cpuSeconds - mark.cpuSeconds,
        bytesOut: answers.reduce(fetched) { $0 + $1.bytesAsked },
        bytesIn: answers.reduce(0) { $0 + $1.bytesAnswered })
    }
  }

  private static func workers(_ trace: JobTrace, in window: Spans.Span) -> [Worker] {
    let all = Spans(trace.answers.map { ($0.asked, $0.answered) }).within(window)
    return trace.workers.indices.map { place in
      let answers = trace.answers.filter { $0.worker == place }
      let fetches = trace.fetches.filter { $0.worker == place }
      let owed = Spans(answers.map { ($0.asked, $0.answered) }).within(window)
      let fetching = Spans(fetches.map { ($0.began, $0.ended) }).intersection(owed)
      let idle = owed.gaps(in: window)
      let others = idle.intersection(all)
      return Worker(
        name: trace.workers[place].name, threads: trace.workers[place].threads,
        answers: answers.count, busy: owed.seconds - fetching.seconds, forBytes: fetching.seconds,
        forRound: others.seconds, forCoordinator: idle.seconds - others.seconds,
        artifactBytes: fetches.reduce(0) { $0 + Int(clamping: $1.bytes) },
        roundBytes: answers.reduce(0) { $0 + $1.bytesAsked + $1.bytesAnswered })
    }
  }
}

extension JobTrace {
  /// The time in which workers have something to do: from the end of planning to the check of the document.
  package var window: Spans.Span {
    let begin = marks.first { $0.stage == .indexing || $0.stage == .proving }?.time
    let end = marks.first { $0.stage == .verifying }?.time ?? marks.last?.time ?? 0
    return (begin ?? end, end)
  }

  /// The name of a worker.
  package func name(_ worker: Int) -> String { workers[worker].name }

  /// Whether all places exist: what comes from a file may have any.
  package var isSound: Bool {
    answers.allSatisfy {
      tasks.indices.contains($0.task) && workers.indices.contains($0.worker)
        && $0.asked.isFinite && $0.answered.isFinite && $0.handled.isFinite
    }
      && fetches.allSatisfy {
        tasks.indices.contains($0.task) && workers.indices.contains($0.worker)
          && $0.began.isFinite && $0.ended.isFinite
      } && marks.allSatisfy { $0.time.isFinite && $0.cpuSeconds.isFinite }
  }
}
