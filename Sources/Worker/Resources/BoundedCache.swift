import Synchronization

/// A few expensive values by key: the least recently used go when their costs exceed the budget.
///
/// A value is made at most once at a time per key; whoever asks meanwhile waits for it. Thread-safe.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    let slot: Slot
    var cost: Int
    var lastUse: Int
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var clock = 0
    var budget: Int

    mutating func evict() {
      var total = entries.values.reduce(0) { $0 + $1.cost }
      while total > budget,
        let oldest = entries.filter({ $0.value.cost > 0 }).min(by: {
          $0.value.lastUse < $1.value.lastUse
        })
      {
        total -= oldest.value.cost
        entries[oldest.key] = nil
      }
    }
  }

  private final class Slot: Sendable {
    let value = Mutex<Value?>(nil)
  }

  private let state: Mutex<State>

  /// An empty cache; values whose cost alone exceeds the budget are made, returned and not kept.
  package init(budget: Int) { state = Mutex(State(budget: budget)) }

  /// The costs of all values together.
  package var totalCost: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.cost } } }

  /// From now on keeps so much and no more.
  package func limit(to budget: Int) {
    state.withLock { state in
      state.budget = budget
      state.evict()
    }
  }

  /// The value of a key, made if it is not there.
  package func value<Failure: Error>(
    for key: Key, make: () throws(Failure) -> (value: Value, cost: Int)
  ) throws(Failure) -> Value {
    let slot = state.withLock { state in
      state.clock += 1
      state.entries[key, default: Entry(slot: Slot(), cost: 0, lastUse: 0)].lastUse = state.clock
      return state.entries[key]!.slot
    }
    return try slot.value.withLock { present throws(Failure) in
      if let present { return present }
      do throws(Failure) {
        let made = try make()
        present = made.value
        account(for: key, slot, made.cost)
        return made.value
      } catch {
        state.withLock { state in
          if state.entries[key]?.slot === slot { state.entries[key] = nil }
        }
        throw error
      }
    }
  }

  private func account(for key: Key, _ slot: Slot, _ cost: Int) {
    state.withLock { state in
      guard state.entries[key]?.slot === slot else { return }
      state.entries[key]?.cost = cost
      state.evict()
    }
  }
}
