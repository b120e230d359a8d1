import Synchronization

/// Memory that is promised to the tasks of a worker, so that together they stay within its budget.
///
/// What every task needs beside its own work (process, powers of tau, tables) is there once, as much as the most demanding
/// task needs; the work adds up. A task that does not fit is refused before it is begun and goes back to the coordinator:
/// waiting here for another share to end could be waiting for ever, as shares answer in lockstep.
package final class MemoryReservations: Sendable {
  /// A promise; it ends with the last reference to it.
  package final class Reservation: Sendable {
    private let owner: MemoryReservations
    private let number: Int

    fileprivate init(owner: MemoryReservations, number: Int) {
      (self.owner, self.number) = (owner, number)
    }

    deinit { owner.end(number) }
  }

  private struct State {
    var next = 0
    var live: [Int: (resident: Int, work: Int)] = [:]

    var largestResident: Int { live.values.reduce(0) { max($0, $1.resident) } }
  }

  /// All that may be promised, in bytes.
  package let budget: UInt64
  private let state = Mutex(State())

  /// Nothing is promised yet.
  package init(budget: UInt64) { self.budget = budget }

  /// Promises memory to a task.
  ///
  /// - Parameters:
  ///   - resident: bytes that may be shared with other tasks.
  ///   - work: bytes of this task alone.
  /// - Returns: nil and how much would be needed in all if that is over the budget.
  package func reserve(resident: Int, work: Int) -> (reservation: Reservation?, needed: Int) {
    state.withLock { state in
      let needed = state.live.values.reduce(max(resident, state.largestResident) + work) {
        $0 + $1.work
      }
      guard UInt64(needed) <= budget else { return (nil, needed) }
      let number = state.next
      state.next += 1
      state.live[number] = (resident, work)
      return (Reservation(owner: self, number: number), needed)
    }
  }

  private func end(_ number: Int) { state.withLock { $0.live[number] = nil } }
}
