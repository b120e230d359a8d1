import Synchronization

/// Hands out consecutive integers to several threads.
@usableFromInline
final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  @usableFromInline
  init() {}

  /// The next integer, or nil once `limit` is reached.
  @usableFromInline
  func take(below limit: Int) -> Int? {
    let index = value.wrappingAdd(1, ordering: .relaxed).oldValue
    return index < limit ? index : nil
  }
}
