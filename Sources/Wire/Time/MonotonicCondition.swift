import Glibc

/// A lock with a condition whose waits follow the monotonic clock, so that setting the machine's time ends none early or late.
///
/// Foundation's conditions wait until a date of the wall clock: a clock that is put back by an hour keeps them waiting
/// for an hour.
package final class MonotonicCondition: @unchecked Sendable {
  // Both are only ever used through the functions of pthread, which synchronise themselves.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// An unlocked one that nobody waits for.
  package init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Takes the lock.
  package func lock() { pthread_mutex_lock(mutex) }

  /// Gives the lock back.
  package func unlock() { pthread_mutex_unlock(mutex) }

  /// Runs a body under the lock.
  package func locked<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
    lock()
    defer { unlock() }
    return try body()
  }

  /// Wakes all that wait.
  package func broadcast() { pthread_cond_broadcast(condition) }

  /// Gives the lock back until somebody broadcasts; the caller holds it.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// The same for at most so many seconds; false where the time ran out.
  package func wait(seconds: Double) -> Bool {
    wait(untilUptime: Self.uptime + max(0, min(seconds, 1e9)))
  }

  /// The same until a moment of ``uptime``; false where it has passed.
  package func wait(untilUptime deadline: Double) -> Bool {
    let whole = deadline.rounded(.down)
    var moment = timespec(tv_sec: Int(whole), tv_nsec: Int((deadline - whole) * 1e9))
    return pthread_cond_timedwait(condition, mutex, &moment) != ETIMEDOUT
  }

  /// Seconds on the monotonic clock.
  package static var uptime: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
