import Synchronization

/// Lets one heavy computation run at a time, so that each has all threads and the memory of one.
///
/// Fetching, waiting and heartbeats do not pass it.
package final class ComputeGate: Sendable {
  private let mutex = Mutex(())

  /// An open gate.
  package init() {}

  /// Runs the body when no other is running.
  package func run<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { (_) throws(Failure) in try body() }
  }
}
