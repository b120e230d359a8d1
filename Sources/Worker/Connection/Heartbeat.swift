import Foundation
import Wire

/// Beats from a thread of its own, so that no computation can delay it.
final class Heartbeat: @unchecked Sendable {
  private let condition = MonotonicCondition()
  // Touched only under `condition`.
  private var isStopped = false

  /// Calls `beat` every so many seconds until `stop`.
  init(seconds: Double, beat: @escaping @Sendable () -> Void) {
    let thread = Thread { [self] in
      condition.lock()
      while !isStopped {
        if condition.wait(seconds: seconds) { continue }
        condition.unlock()
        beat()
        condition.lock()
      }
      condition.unlock()
    }
    thread.name = "heartbeat"
    thread.qualityOfService = .userInteractive
    thread.start()
  }

  /// Ends the thread; a beat that has begun still ends.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }
}
