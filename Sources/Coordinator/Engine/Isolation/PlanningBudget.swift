import Synchronization

/// The memory that processes that plan have together, for the threads that watch over one each.
package final class PlanningBudget: Sendable {
  /// The most that one process may have, in bytes.
  package let largest: UInt64
  private let memory: Mutex<PlanningMemory>

  /// Nobody plans; all that will may have so many bytes.
  package init(total: UInt64) {
    let memory = PlanningMemory(total: total)
    largest = memory.largest
    self.memory = Mutex(memory)
  }

  /// Somebody wants to begin.
  func enter() -> PlanningMemory.Ticket { memory.withLock { $0.enter() } }

  /// A process has ended, or is not wanted any more.
  func leave(_ ticket: PlanningMemory.Ticket) { memory.withLock { $0.leave(ticket) } }

  /// Whether a process begins now.
  func begin(_ ticket: PlanningMemory.Ticket) -> Bool { memory.withLock { $0.begin(ticket) } }

  /// What a process that has so many bytes is to do.
  func look(_ ticket: PlanningMemory.Ticket, resident: UInt64) -> PlanningMemory.Verdict {
    memory.withLock { $0.look(ticket, resident: resident) }
  }
}
