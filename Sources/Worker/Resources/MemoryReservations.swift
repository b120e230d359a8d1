import Foundation
import Varuna

/// Memory that is promised to the tasks of a worker, so that together they stay within its budget.
///
///     largest shared part of the tasks + what all of them hold + one step of each computation that runs
///
/// A task that does not fit with one step running is refused before it is begun and goes back to the coordinator: waiting
/// here for another share to end could be waiting for ever, as shares answer in lockstep. Only for tasks that are
/// abandoned it waits: the coordinator has given their room away already, and they end with the step they are at. Steps
/// that do not fit side by side take turns.
package final class MemoryReservations: @unchecked Sendable {
  /// What is promised to one task; it ends with the last reference to it.
  package final class Reservation: Sendable {
    private let owner: MemoryReservations
    private let number: Int

    fileprivate init(owner: MemoryReservations, number: Int) {
      (self.owner, self.number) = (owner, number)
    }

    deinit { owner.end(number) }

    /// Promises more to the task, once the abandoned tasks that are in the way have ended.
    package func grow(by more: TaskMemory) throws(Shortage) { try owner.grow(number, by: more) }

    /// Nobody waits for the task any more: it gets nothing more, and others may wait for what it holds.
    package func abandon() { owner.abandon(number) }
  }

  /// A task does not fit.
  package struct Shortage: Error, Equatable {
    /// Bytes that all promises together would take.
    package let needed: Int

    /// Where so many would be needed.
    package init(needed: Int) { self.needed = needed }
  }

  private struct Entry {
    var memory = TaskMemory.none
    var isAbandoned = false
  }

  /// All that may be promised, in bytes.
  package let budget: UInt64
  private let condition = NSCondition()
  // Touched only under `condition`.
  private var next = 0
  private var live: [Int: Entry] = [:]
  private var running: [Int: Int] = [:]

  /// Nothing is promised yet.
  package init(budget: UInt64) { self.budget = budget }

  /// What is promised now, with one step running.
  package var promised: Int { locked { sum().total } }

  /// Whether a computation with so many bytes could run beside what the tasks hold.
  package func hasRoom(forStep bytes: Int) -> Bool {
    let promised = locked { sum() }
    return UInt64(promised.shared + promised.held + bytes) <= budget
  }

  /// A task begins; nothing is promised to it yet.
  package func reservation() -> Reservation {
    locked {
      let number = number()
      live[number] = Entry()
      return Reservation(owner: self, number: number)
    }
  }

  /// Begins a computation that takes so many bytes beside what its task holds; nil while others leave no room for it.
  ///
  /// One computation may always run.
  package func begin(step bytes: Int) -> Int? {
    locked {
      let promised = sum()
      let steps = running.values.reduce(bytes, +)
      guard running.isEmpty || UInt64(promised.shared + promised.held + steps) <= budget else {
        return nil
      }
      let number = number()
      running[number] = bytes
      return number
    }
  }

  /// Ends a computation.
  package func end(step number: Int) { locked { running[number] = nil } }

  private func grow(_ number: Int, by more: TaskMemory) throws(Shortage) {
    condition.lock()
    defer { condition.unlock() }
    while true {
      let needed = (sum() + more).total
      let isAbandoned = live[number]!.isAbandoned
      if !isAbandoned, UInt64(needed) <= budget { break }
      let lasting = (sum { !$0.isAbandoned } + more).total
      if isAbandoned || UInt64(lasting) > budget { throw Shortage(needed: needed) }
      condition.wait()
    }
    live[number]!.memory += more
  }

  private func abandon(_ number: Int) {
    locked { live[number]?.isAbandoned = true }
  }

  private func end(_ number: Int) {
    locked { live[number] = nil }
  }

  private func sum(_ isCounted: (Entry) -> Bool = { _ in true }) -> TaskMemory {
    live.values.reduce(.none) { isCounted($1) ? $0 + $1.memory : $0 }
  }

  private func number() -> Int {
    defer { next += 1 }
    return next
  }

  /// Whoever waits looks again after every change.
  private func locked<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return body()
  }
}
