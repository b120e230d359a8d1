/// Which lines go into the audit log, so that nobody pushes out those of others. Pure.
///
/// The same caller's reads of one thing are one line, and one more that counts what followed. What clients and workers do, and
/// what was refused, is written at a bounded rate; the next line says how many are missing. Lines of operators are all written.
package struct AuditMeter: Equatable, Sendable {
  /// What a line says that was done, for who decides whether it is written.
  package enum Kind: Sendable {
    /// Something was handed out, and nothing changed.
    case read
    case change
    case refusal
  }

  /// Lines of one account that are written however fast they come, and per second beyond that.
  static let (burst, perSecond) = (1000.0, 0.2)
  /// Refusals of everybody together, likewise.
  static let (refusalBurst, refusalsPerSecond) = (100.0, 0.2)
  /// Seconds that reads of one thing are counted before there is a line about them again.
  static let foldSeconds = 3600.0
  /// Things whose reads are counted at a time, of one account.
  static let mostFolds = 256
  /// Accounts of which is known what they did.
  static let mostAccounts = 4096

  private struct Account: Equatable {
    var meter = RateMeter(capacity: AuditMeter.burst, perSecond: AuditMeter.perSecond)
    var missing = 0
    var reads: [Read: Fold] = [:]
    var latest = 0.0
  }

  private struct Read: Hashable {
    let member, action, subject: String
  }

  private struct Fold: Equatable {
    let began: Double
    var last: AuditEntry
    var count = 0
  }

  private var accounts: [String: Account] = [:]
  private var refusals = RateMeter(
    capacity: AuditMeter.refusalBurst, perSecond: AuditMeter.refusalsPerSecond)
  private var refused = 0

  /// Nothing was written.
  package init() {}

  /// The line to be written for one that an account caused; nil: none now. Time is that of a clock that never goes back.
  package mutating func take(
    _ entry: AuditEntry, of account: String, _ kind: Kind, isOperators: Bool, at now: Double
  ) -> AuditEntry? {
    if kind == .refusal {
      guard refusals.take(at: now) else {
        refused += 1
        return nil
      }
      defer { refused = 0 }
      return Self.noting(entry, refused, "refusals")
    }
    var state = accounts[account] ?? Account()
    defer { accounts[account] = state }
    state.latest = now
    let read = Read(member: entry.member, action: entry.action, subject: entry.subject)
    if kind == .read {
      if state.reads[read] != nil {
        state.reads[read]?.count += 1
        state.reads[read]?.last = entry
        return nil
      }
      if state.reads.count < Self.mostFolds {
        state.reads[read] = Fold(began: now, last: entry)
      }
    }
    guard isOperators || state.meter.take(at: now) else {
      state.missing += 1
      return nil
    }
    defer { state.missing = 0 }
    return Self.noting(entry, state.missing, "of this account")
  }

  /// The lines about reads that were counted for long enough, or about all; accounts that are quiet are forgotten.
  package mutating func sweep(at now: Double, all: Bool = false) -> [AuditEntry] {
    var lines: [AuditEntry] = []
    for (name, account) in accounts {
      for (read, fold) in account.reads where all || now - fold.began >= Self.foldSeconds {
        accounts[name]?.reads[read] = nil
        guard fold.count > 0 else { continue }
        var line = fold.last
        line.subject += " (the last of \(fold.count) more times since the line before)"
        lines.append(line)
      }
    }
    // Its bucket is full again after so long.
    let quiet = Self.burst / Self.perSecond
    accounts = accounts.filter { now - $0.value.latest < quiet || !$0.value.reads.isEmpty }
    if accounts.count > Self.mostAccounts {
      let oldest = accounts.sorted { $0.value.latest < $1.value.latest }
      for (name, _) in oldest.prefix(accounts.count - Self.mostAccounts) { accounts[name] = nil }
    }
    return lines.sorted { ($0.time, $0.subject) < ($1.time, $1.subject) }
  }

  private static func noting(_ entry: AuditEntry, _ missing: Int, _ what: String) -> AuditEntry {
    var entry = entry
    if missing > 0 { entry.subject += " (and \(missing) \(what) before, not written down)" }
    return entry
  }
}
