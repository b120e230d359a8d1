import Synchronization
import Varuna

/// Memory that is promised to the tasks of a worker, so that together they stay within its budget.
///
///     largest shared part of the tasks + what all of them hold + one step of each computation that runs
///
/// A task that does not fit with one step running is refused before it is begun and goes back to the coordinator: waiting
/// here for another share to end could be waiting for ever, as shares answer in lockstep. Steps that do not fit side by
/// side take turns.
package final class MemoryReservations: Sendable {
  /// A promise; it ends with the last reference to it.
  package final class Reservation: Sendable {
    private let owner: MemoryReservations
    private let number: Int

    fileprivate init(owner: MemoryReservations, number: Int) {
      (self.owner, self.number) = (owner, number)
    }

    deinit { owner.end(number) }

    /// Promises more to the same task; false, and nothing is changed, where that is over the budget.
    package func grow(by more: TaskMemory) -> Bool { owner.grow(number, by: more) }
  }

  private struct State {
    var next = 0
    var live: [Int: TaskMemory] = [:]
    var running: [Int: Int] = [:]

    var promised: TaskMemory { live.values.reduce(.none) { $0 + $1 } }
  }

  /// All that may be promised, in bytes.
  package let budget: UInt64
  private let state = Mutex(State())

  /// Nothing is promised yet.
  package init(budget: UInt64) { self.budget = budget }

  /// What is promised now, with one step running.
  package var promised: Int { state.withLock { $0.promised.total } }

  /// Whether a computation with so many bytes could run beside what the tasks hold.
  package func hasRoom(forStep bytes: Int) -> Bool {
    let promised = state.withLock { $0.promised }
    return UInt64(promised.shared + promised.held + bytes) <= budget
  }

  /// Promises memory to a task.
  ///
  /// - Returns: nil and how much would be needed in all if that is over the budget.
  package func reserve(_ memory: TaskMemory) -> (reservation: Reservation?, needed: Int) {
    state.withLock { state in
      let needed = (state.promised + memory).total
      guard UInt64(needed) <= budget else { return (nil, needed) }
      let number = state.next
      state.next += 1
      state.live[number] = memory
      return (Reservation(owner: self, number: number), needed)
    }
  }

  /// Begins a computation that takes so many bytes beside what its task holds; nil while others leave no room for it.
  ///
  /// One computation may always run.
  package func begin(step bytes: Int) -> Int? {
    state.withLock { state in
      let promised = state.promised
      let steps = state.running.values.reduce(bytes, +)
      guard
        state.running.isEmpty || UInt64(promised.shared + promised.held + steps) <= budget
      else { return nil }
      let number = state.next
      state.next += 1
      state.running[number] = bytes
      return number
    }
  }

  /// Ends a computation.
  package func end(step number: Int) { state.withLock { $0.running[number] = nil } }

  private func grow(_ number: Int, by more: TaskMemory) -> Bool {
    state.withLock { state in
      guard let old = state.live[number], UInt64((state.promised + more).total) <= budget else {
        return false
      }
      state.live[number] = old + more
      return true
    }
  }

  private func end(_ number: Int) { state.withLock { $0.live[number] = nil } }
}
