import Coordinator

/// A worker of a simulation: what it was given and in which order it works on it.
///
/// As the real one, it does as many things side by side as it has threads, each on one thread while others wait, gives a lone
/// one all of them, and takes steps of shares before keys.
struct SimulatedWorker {
  /// Something that it computes without a break.
  struct Work: Equatable {
    let task: TaskID
    /// The last step of it; the answer that is waited for.
    let step: Int
    let isKey: Bool
    /// Seconds of one thread.
    let threadSeconds: Double
  }

  let threads: Int
  private var free: Int
  private var shares: [Work] = []
  private var keys: [Work] = []

  /// An idle worker.
  init(threads: Int) { (self.threads, free) = (threads, threads) }

  /// Puts something at the end of its queue.
  mutating func add(_ work: Work) {
    if work.isKey { keys.append(work) } else { shares.append(work) }
  }

  /// Forgets what it has not begun of a task.
  mutating func drop(_ task: TaskID) {
    shares.removeAll { $0.task == task }
    keys.removeAll { $0.task == task }
  }

  /// What it begins now, on how many threads, and how long each takes.
  mutating func begin() -> [(work: Work, threads: Int, seconds: Double)] {
    var begun: [(Work, Int, Double)] = []
    while free > 0, !shares.isEmpty || !keys.isEmpty {
      let work = shares.isEmpty ? keys.removeFirst() : shares.removeFirst()
      let width = shares.isEmpty && keys.isEmpty ? free : 1
      free -= width
      begun.append((work, width, work.threadSeconds / Self.speedUp(width)))
    }
    return begun
  }

  /// It has threads again.
  mutating func end(threads: Int) { free += threads }

  /// How many times as fast a step is on several threads: 1.89 on two, as measured (docs/performance.md).
  private static func speedUp(_ threads: Int) -> Double {
    threads == 1 ? 1 : 1 + 0.89 * Double(threads - 1)
  }
}
