import Foundation

/// A thread that runs pieces of work in order; computing needs more stack than a default thread has.
final class WorkThread: @unchecked Sendable {
  // Both are touched only under `condition`.
  private var queue: [@Sendable () -> Void] = []
  private var isEnding = false
  private let condition = NSCondition()

  /// Starts the thread.
  init(name: String) {
    let thread = Thread { [self] in run() }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Adds a piece of work; nothing is added after `end`.
  func enqueue(_ work: @escaping @Sendable () -> Void) {
    condition.lock()
    if !isEnding { queue.append(work) }
    condition.signal()
    condition.unlock()
  }

  /// Ends the thread after the piece it is running; what waits is forgotten.
  func end() {
    condition.lock()
    queue.removeAll()
    isEnding = true
    condition.signal()
    condition.unlock()
  }

  private func run() {
    while true {
      condition.lock()
      while queue.isEmpty && !isEnding { condition.wait() }
      let work = isEnding ? nil : queue.removeFirst()
      condition.unlock()
      guard let work else { return }
      work()
    }
  }
}
