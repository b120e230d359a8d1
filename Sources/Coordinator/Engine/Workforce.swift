import Model
import Worker

/// Who a job is cut for: of more workers than a plan can be made for, as many as it can.
package struct Workforce: Codable, Equatable, Sendable {
  /// How many workers, in `PlanRequest.workerCounts`.
  package let workers: Int
  /// Bytes of memory of each that is known, largest first; nil: unknown.
  package let memory: [Int]?

  /// So many workers with this memory, largest first.
  package init(workers: Int, memory: [Int]? = nil) {
    let counts = PlanRequest.workerCounts
    self.workers = min(max(workers, counts.lowerBound), counts.upperBound)
    self.memory = memory.map {
      $0.prefix(counts.upperBound).map { min($0, PlanRequest.memoryBytes.upperBound) }
    }
  }

  /// Reads what was kept, by a version that knew no bounds perhaps.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      workers: try container.decode(Int.self, forKey: .workers),
      memory: try container.decodeIfPresent([Int].self, forKey: .memory))
  }

  private enum CodingKeys: String, CodingKey { case workers, memory }

  /// The largest of the workers that are there, as many as are wanted.
  ///
  /// - Parameters:
  ///   - offers: bytes that each offers.
  ///   - limit: what a user lets a job take of each.
  package init(workers: Int, offers: [UInt64], limit: UInt64?) {
    let used = offers.map { Self.rounded(min($0, limit ?? .max)) }.sorted(by: >)
    self.init(workers: workers, memory: used.isEmpty ? nil : Array(used.prefix(max(1, workers))))
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
