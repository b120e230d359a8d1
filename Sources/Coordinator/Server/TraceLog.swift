import Synchronization

/// The traces of the last jobs that asked for one, in memory.
package final class TraceLog: Sendable {
  private struct Log {
    var tracers: [JobID: JobTracer] = [:]
    /// In the order in which they began.
    var jobs: [JobID] = []
  }

  /// Jobs whose traces are kept.
  package static let capacity = 8

  private let log = Mutex(Log())

  /// Nothing is kept.
  package init() {}

  /// Keeps a job's trace from now on.
  package func keep(_ tracer: JobTracer, of job: JobID) {
    log.withLock { log in
      if log.tracers.updateValue(tracer, forKey: job) == nil { log.jobs.append(job) }
      if log.jobs.count > Self.capacity { log.tracers[log.jobs.removeFirst()] = nil }
    }
  }

  /// Lets go of a job's trace.
  package func forget(_ job: JobID) {
    log.withLock { log in
      log.tracers[job] = nil
      log.jobs.removeAll { $0 == job }
    }
  }

  /// The trace of a job; nil where none is kept.
  package func trace(of job: JobID) -> JobTrace? { log.withLock { $0.tracers[job] }?.trace }
}
