import Foundation

/// A thread that runs what it is given, one after the other, until `finish`.
///
/// On Linux, a child that asks to end with its parent ends with the *thread* that started it; so
/// children are started by a thread that lives as long as they should.
final class LastingThread: @unchecked Sendable {
  // `work` and `finished` are touched only under `condition`.
  private let condition = NSCondition()
  private var work: [@Sendable () -> Void] = []
  private var finished = false

  /// Starts the thread.
  init(name: String) {
    let thread = Thread { [self] in
      while let next = take() { next() }
    }
    thread.name = name
    thread.start()
  }

  /// Queues something and does not wait for it.
  func async(_ body: @escaping @Sendable () -> Void) {
    condition.lock()
    if !finished { work.append(body) }
    condition.broadcast()
    condition.unlock()
  }

  /// Runs something and waits for what it returns.
  func sync<T: Sendable>(_ body: @escaping @Sendable () -> T) -> T? {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var result: T?
    async {
      result = body()
      done.signal()
    }
    done.wait()
    return result
  }

  /// Ends the thread once its queue is empty.
  func finish() {
    condition.lock()
    finished = true
    condition.broadcast()
    condition.unlock()
  }

  private func take() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while work.isEmpty && !finished { condition.wait() }
    return work.isEmpty ? nil : work.removeFirst()
  }
}
