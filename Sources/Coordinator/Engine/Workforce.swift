import Worker

/// Who a job is cut for.
package struct Workforce: Codable, Equatable, Sendable {
  /// How many workers, at least 1.
  package var workers: Int
  /// Bytes of memory of each that is known, largest first; nil: unknown.
  package var memory: [Int]?

  /// So many workers with this memory.
  package init(workers: Int, memory: [Int]? = nil) {
    self.workers = workers
    self.memory = memory
  }

  /// The largest of the workers that are there, as many as are wanted.
  ///
  /// - Parameters:
  ///   - offers: bytes that each offers.
  ///   - limit: what a user lets a job take of each.
  package init(workers: Int, offers: [UInt64], limit: UInt64?) {
    let used = offers.map { Self.rounded(min($0, limit ?? .max)) }.sorted(by: >)
    self.init(workers: workers, memory: used.isEmpty ? nil : Array(used.prefix(workers)))
  }

  /// So many as a user wants to plan for, each with the memory that he names: nobody is there.
  package init(assumedBy options: SubmitOptions) {
    let workers = max(1, options.workers ?? 0)
    let offer = options.memory.map {
      MemoryBudget(machine: $0, group: nil, operatorLimit: nil).forTasks
    }
    self.init(
      workers: workers, offers: offer.map { [UInt64](repeating: $0, count: workers) } ?? [],
      limit: nil)
  }

  /// Without those that have less than so many bytes, where anybody has as many: one small machine must not decide how
  /// everybody's jobs are cut, or that they cannot be.
  package func without(smallerThan bytes: Int) -> Workforce {
    guard let memory else { return self }
    let kept = memory.filter { $0 >= bytes }
    if kept.isEmpty { return self }
    return Workforce(workers: max(1, workers - (memory.count - kept.count)), memory: kept)
  }

  /// In steps, so that machines that differ by a few pages get the same plan.
  private static func rounded(_ bytes: UInt64) -> Int {
    let step: UInt64 = bytes < 1 << 30 ? 1 << 20 : 64 << 20
    return Int(clamping: bytes / step * step)
  }
}
