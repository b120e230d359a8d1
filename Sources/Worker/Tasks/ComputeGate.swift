import Foundation

/// Lets as many heavy computations run side by side as there are threads and memory for.
///
/// Computations of different tasks use several threads better than one computation does, because parts of every
/// computation run on one thread. So each gets one thread while others wait, and all that are free where it is alone.
/// Steps of shares come before keys: other workers wait for them. Fetching, waiting and heartbeats do not pass the gate.
package final class ComputeGate: @unchecked Sendable {
  /// Who goes first.
  package enum Urgency: Int, Sendable {
    /// Other workers' shares wait for the answer.
    case step
    /// Nobody waits for it but the job as a whole.
    case background
  }

  private struct Ticket: Equatable {
    let urgency: Urgency
    let number: Int

    func precedes(_ other: Ticket) -> Bool {
      (urgency.rawValue, number) < (other.urgency.rawValue, other.number)
    }
  }

  private let threads: Int
  private let memory: MemoryReservations
  private let condition = NSCondition()
  // Touched only under `condition`.
  private var waiting: [Ticket] = []
  private var next = 0
  private var free: Int

  /// An open gate.
  package init(threads: Int, memory: MemoryReservations) {
    self.threads = max(1, threads)
    self.memory = memory
    free = self.threads
  }

  /// Computations that wait for their turn.
  package var waitingCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return waiting.count
  }

  /// Runs the body when it is its turn, with the number of threads that it may use.
  ///
  /// - Parameter step: bytes that the computation takes beside what its task holds.
  package func run<Result: ~Copyable, Failure: Error>(
    _ urgency: Urgency, step bytes: Int, _ body: (_ threads: Int) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    let (granted, step) = enter(urgency, bytes)
    defer { leave(granted, step) }
    return try body(granted)
  }

  private func enter(_ urgency: Urgency, _ bytes: Int) -> (threads: Int, step: Int) {
    condition.lock()
    defer { condition.unlock() }
    let ticket = Ticket(urgency: urgency, number: next)
    next += 1
    waiting.append(ticket)
    while true {
      if free > 0, !waiting.contains(where: { $0.precedes(ticket) }),
        let step = memory.begin(step: bytes)
      {
        let granted = max(1, free / waiting.count)
        waiting.removeAll { $0 == ticket }
        free -= granted
        // Whoever is next may find room too.
        condition.broadcast()
        return (granted, step)
      }
      condition.wait()
    }
  }

  private func leave(_ granted: Int, _ step: Int) {
    condition.lock()
    free += granted
    memory.end(step: step)
    condition.broadcast()
    condition.unlock()
  }
}
