import Synchronization

/// The right to take much memory: of the children that plan side by side one at a time has it, in the order in which they
/// needed it.
///
/// Without it each of them could grow to the whole limit of one, and all together to more than the machine has.
package final class LargePlanning: Sendable {
  /// The part of its limit that a child may take beside others.
  package static let small: UInt64 = 10

  private struct State {
    var next: UInt64 = 0
    var waiting: [UInt64] = []
  }

  private let state = Mutex(State())

  /// Nobody is large.
  package init() {}

  /// A child begins.
  package func enter() -> UInt64 {
    state.withLock { state in
      state.next += 1
      return state.next
    }
  }

  /// A child needs much memory: whether it may go on, or has to wait for those who needed it before.
  package func mayGrow(_ child: UInt64) -> Bool {
    state.withLock { state in
      if !state.waiting.contains(child) { state.waiting.append(child) }
      return state.waiting.first == child
    }
  }

  /// A child has ended.
  package func leave(_ child: UInt64) {
    state.withLock { state in state.waiting.removeAll { $0 == child } }
  }
}
