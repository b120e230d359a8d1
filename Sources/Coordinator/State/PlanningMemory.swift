/// Memory of the processes that plan side by side, which have a bound together. Pure.
///
/// Each may take a tenth of it. One at a time may take more, in the order in which they needed it: whatever the others have left, up
/// to nine tenths. Those that need more than a tenth meanwhile sleep, and keep what they have; where the one that may grow lacks
/// it, the last of them is ended and begins again when it is its turn. So the one that grows always ends, and a small planning finds
/// room beside it.
package struct PlanningMemory: Sendable {
  /// So many processes that take a small part fit.
  package static let parts: UInt64 = 10

  /// A process, or what waits to become one.
  package typealias Ticket = UInt64

  /// What a process is to do that has so much memory now.
  package enum Verdict: Equatable, Sendable {
    /// It goes on.
    case run
    /// It stops until there is memory for it.
    case sleep
    /// It ends, gives back what it has, and begins again when it may.
    case restart
  }

  private struct Process {
    var resident: UInt64 = 0
    var hasBegun = false
  }

  /// Bytes that all may have.
  package let total: UInt64
  /// Bytes that each may have.
  package var small: UInt64 { total / Self.parts }
  /// Bytes that one may have.
  package var largest: UInt64 { total - small }

  private var processes: [Ticket: Process] = [:]
  /// Those that need more than a small part, the one that may grow first.
  private var line: [Ticket] = []
  /// Whether the first in line lacks memory.
  private var isShort = false
  private var next: Ticket = 0

  /// Nobody plans; all that will may have so many bytes.
  package init(total: UInt64) { self.total = total }

  /// Bytes that those that have begun have, or may still take without asking.
  package var reserved: UInt64 {
    processes.values.reduce(0) { sum, process in
      process.hasBegun ? sum + max(process.resident, small) : sum
    }
  }

  /// Somebody wants to begin.
  package mutating func enter() -> Ticket {
    next += 1
    processes[next] = Process()
    return next
  }

  /// A process has ended, or is not wanted any more.
  package mutating func leave(_ ticket: Ticket) {
    processes[ticket] = nil
    if line.first == ticket { isShort = false }
    line.removeAll { $0 == ticket }
  }

  /// Whether a process begins now; it has then begun.
  package mutating func begin(_ ticket: Ticket) -> Bool {
    guard processes[ticket]?.hasBegun == false else { return false }
    let isFirst = line.first == ticket
    let hasRoom = reserved + small <= total
    if isFirst { isShort = !hasRoom }
    guard hasRoom, isFirst || mayBegin(beside: ticket) else { return false }
    processes[ticket]!.hasBegun = true
    return true
  }

  /// Whether it is a newcomer's turn: the oldest comes first, and where the first in line lacks memory, one at a time.
  private func mayBegin(beside ticket: Ticket) -> Bool {
    if line.contains(ticket) { return false }
    for (other, process) in processes where !line.contains(other) {
      if process.hasBegun ? isShort : other < ticket { return false }
    }
    return true
  }

  /// What a process that has so many bytes is to do.
  package mutating func look(_ ticket: Ticket, resident: UInt64) -> Verdict {
    guard processes[ticket]?.hasBegun == true else { return .restart }
    processes[ticket]!.resident = resident
    if !line.contains(ticket) {
      if resident <= small { return .run }
      line.append(ticket)
    }
    if line.first == ticket {
      isShort = reserved > total
      return isShort ? .sleep : .run
    }
    guard isShort, line.last(where: { processes[$0]!.hasBegun }) == ticket else { return .sleep }
    processes[ticket] = Process()
    return .restart
  }
}
