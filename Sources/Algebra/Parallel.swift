import Dispatch

/// The one parallel primitive: splits a range of indices over threads and waits.
///
/// Numeric kernels fork here and nowhere else, with an explicit width; width 1 runs in place. The pieces run on
/// Dispatch's worker threads, never on the cooperative pool of Swift's tasks.
public enum Parallel {
  /// Calls `body` with consecutive ranges that cover `0..<count`, at most `threads` at a time.
  ///
  /// - Parameters:
  ///   - count: how many indices there are.
  ///   - threads: width, at least 1.
  ///   - minimum: the smallest piece worth a thread.
  ///   - body: gets one range; ranges run in any order and side by side.
  @inlinable
  public static func forRanges(
    _ count: Int, threads: Int, minimum: Int = 1, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let pieces = max(1, min(threads, count / max(1, minimum)))
    guard pieces > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: pieces) { piece in
      body(count * piece / pieces..<count * (piece + 1) / pieces)
    }
  }

  /// Calls `body` once for every index, at most `threads` at a time, handing out indices as threads become free.
  @inlinable
  public static func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    guard threads > 1, count > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let width = min(threads, count)
    let next = Counter()
    DispatchQueue.concurrentPerform(iterations: width) { _ in
      while let index = next.take(below: count) { body(index) }
    }
  }

  /// The results of `body` for every index, in order.
  public static func map<T: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) -> T
  ) -> [T] {
    [T](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let base = buffer.baseAddress
      forEach(count, threads: threads) { index in (base! + index).initialize(to: body(index)) }
      initialized = count
    }
  }
}
