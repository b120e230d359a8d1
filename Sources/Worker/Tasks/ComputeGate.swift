import Foundation

/// Lets as many heavy computations run side by side as there are threads and memory for.
///
/// Computations of different tasks use several threads better than one computation does, because parts of every
/// computation run on one thread. So each gets one thread while others wait, and all that are free where it is alone.
/// Steps of shares come before keys: other workers wait for them. Fetching, waiting and heartbeats do not pass the gate.
/// A computation that is far smaller than all that run does not wait for them: one such runs beside them, so that a small
/// job's steps are not held up by a giant's.
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
    /// What the computation takes.
    let bytes: Int

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
  // Below zero while a small computation runs beside the others.
  private var free: Int
  private var running: [Int: Int] = [:]

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
    let turn = enter(urgency, bytes)
    defer { leave(turn) }
    return try body(turn.threads)
  }

  /// A computation that runs.
  private struct Turn {
    let number: Int
    let threads: Int
    let step: Int
  }

  /// What is at most this part of all that run may run beside them.
  private static let smallPart = 8

  private func enter(_ urgency: Urgency, _ bytes: Int) -> Turn {
    condition.lock()
    defer { condition.unlock() }
    let ticket = Ticket(urgency: urgency, number: next, bytes: bytes)
    next += 1
    waiting.append(ticket)
    while true {
      let isNext = free > 0 && !waiting.contains { $0.precedes(ticket) }
      let mayPass =
        free == 0 && isSmall(ticket)
        && !waiting.contains { $0.precedes(ticket) && isSmall($0) }
      if isNext || mayPass, let step = memory.begin(step: bytes) {
        let granted = max(1, free / waiting.count)
        waiting.removeAll { $0 == ticket }
        free -= granted
        running[ticket.number] = bytes
        // Whoever is next may find room too.
        condition.broadcast()
        return Turn(number: ticket.number, threads: granted, step: step)
      }
      condition.wait()
    }
  }

  private func isSmall(_ ticket: Ticket) -> Bool {
    guard let smallest = running.values.min() else { return false }
    return ticket.bytes <= smallest / Self.smallPart
  }

  private func leave(_ turn: Turn) {
    condition.lock()
    free += turn.threads
    running[turn.number] = nil
    memory.end(step: turn.step)
    condition.broadcast()
    condition.unlock()
  }
}
