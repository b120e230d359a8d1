import Foundation

/// Those who follow jobs, and what they are told.
final class ProgressHub: @unchecked Sendable {
  // Touched only under `lock`.
  private let lock = NSLock()
  private var observers: [JobID: [UInt64: @Sendable (ProgressEvent) -> Void]] = [:]
  private var nextObserver: UInt64 = 0
  private var watchers: [@Sendable (ProgressEvent) -> Void] = []

  /// Tells those who follow a job.
  func publish(_ event: ProgressEvent) {
    lock.lock()
    let list = watchers + (observers[event.job].map { Array($0.values) } ?? [])
    lock.unlock()
    for observer in list { observer(event) }
  }

  /// Follows all jobs for good.
  func watch(_ watcher: @escaping @Sendable (ProgressEvent) -> Void) {
    lock.lock()
    defer { lock.unlock() }
    watchers.append(watcher)
  }

  /// Follows a job until `remove`.
  func add(_ observer: @escaping @Sendable (ProgressEvent) -> Void, to job: JobID) -> UInt64 {
    lock.lock()
    defer { lock.unlock() }
    nextObserver += 1
    observers[job, default: [:]][nextObserver] = observer
    return nextObserver
  }

  /// Stops following.
  func remove(_ id: UInt64, from job: JobID) {
    lock.lock()
    defer { lock.unlock() }
    observers[job]?[id] = nil
    if observers[job]?.isEmpty == true { observers[job] = nil }
  }
}
