import Wire

/// Lets plannings begin as `PlanningQueue` says; those who ask wait on their own thread.
final class PlanningDesk: @unchecked Sendable {
  /// How often a waiting one looks whether it is still wanted, in seconds.
  private static let tick = 0.2

  private let condition = MonotonicCondition()
  // Both are touched only under `condition`.
  private var queue = PlanningQueue()
  private var admitted: Set<PlanningQueue.Ticket> = []

  /// Runs `body` when it is its turn; `PlanningPlace.current` is its place meanwhile.
  ///
  /// - Parameters:
  ///   - sender: whose plannings take turns with others'.
  ///   - limit: how many of the sender's that have a limit may wait or run; nil: none.
  ///   - rank: of one sender's, lower ones come first.
  ///   - isWanted: where it says no while the body waits, the body is not run.
  /// - Throws: `tooMany`, `jobCancelled` where it is not wanted, and what `body` throws.
  func perform<T>(
    for sender: String, limit: Int? = nil, rank: Int = 0, while isWanted: () -> Bool,
    _ body: () throws(CoordinatorError) -> T
  ) throws(CoordinatorError) -> T {
    guard let ticket = locked({ queue.enter(sender, limit: limit, rank: rank) }) else {
      throw .tooMany(what: "plans of one client under way", limit: limit ?? 0)
    }
    defer {
      locked {
        queue.leave(ticket)
        admitted.remove(ticket)
        condition.broadcast()
      }
    }
    condition.lock()
    while true {
      admitted.formUnion(queue.admit(at: Core.now))
      if admitted.contains(ticket) { break }
      condition.unlock()
      guard isWanted() else { throw .jobCancelled(id: "plan") }
      condition.lock()
      if !admitted.contains(ticket) {
        _ = condition.wait(seconds: Self.tick)
      }
    }
    condition.broadcast()
    condition.unlock()
    let place = PlanningPlace { [self] isAsleep in
      locked {
        queue.sleep(ticket, isAsleep)
        condition.broadcast()
      }
    }
    return try PlanningPlace.$current.withValue(place) {
      Result { () throws(CoordinatorError) in try body() }
    }.get()
  }

  private func locked<T>(_ body: () -> T) -> T {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }
}
