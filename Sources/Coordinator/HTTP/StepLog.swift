import Synchronization

/// A step that a job went through, as whoever looks at its history sees it.
package struct JobStep: Codable, Equatable, Sendable {
  /// The stage that it belongs to.
  package let stage: JobStage
  /// What was done, in words.
  package let step: String
  /// When it began, in seconds since 1970.
  package let began: Double
  /// When it ended; nil while it lasts.
  package internal(set) var ended: Double?
}

/// When the jobs of this process went from step to step: of the last ones, in memory.
package final class StepLog: Sendable {
  private struct Log {
    var steps: [JobID: [JobStep]] = [:]
    /// In the order in which they were first heard of.
    var jobs: [JobID] = []
  }

  /// Jobs that are remembered.
  package static let capacity = 256
  /// Steps of one job that are; later ones are not written down.
  package static let longest = 1000

  private let log = Mutex(Log())

  /// Nothing has happened.
  package init() {}

  /// A job published its progress.
  package func note(_ event: ProgressEvent, at now: Double) {
    // What stands behind the comma is counted down.
    let step = String(event.step.prefix { $0 != "," })
    log.withLock { log in
      if log.steps[event.job] == nil {
        log.steps[event.job] = []
        log.jobs.append(event.job)
        if log.jobs.count > Self.capacity { log.steps[log.jobs.removeFirst()] = nil }
      }
      var steps = log.steps[event.job] ?? []
      if let last = steps.last, last.ended == nil {
        if last.stage == event.stage, last.step == step { return }
        steps[steps.count - 1].ended = now
      }
      if !event.stage.isFinal, steps.count < Self.longest {
        steps.append(JobStep(stage: event.stage, step: step, began: now))
      }
      log.steps[event.job] = steps
    }
  }

  /// The steps of a job, in order; none where nothing is remembered of it.
  package func steps(of job: JobID) -> [JobStep] { log.withLock { $0.steps[job] ?? [] } }
}
