/// One line of the audit log: who did what, when and from where, and what came of it.
public struct AuditEntry: Codable, Equatable, Sendable {
  /// Grows by one with every entry; a gap would show that one was removed.
  public var number: UInt64
  /// Seconds since 1970.
  public var time: Double
  /// The member's id: the start of its key's hash; empty where nobody was admitted.
  public var member: String
  /// The name it gave itself.
  public var name: String
  /// Its role; empty where it has none.
  public var role: String
  /// Where it connected from.
  public var address: String
  /// What it did: a method, or `join`, `refused`, `turned away`.
  public var action: String
  /// What it did it to: a job, a worker, a token's id.
  public var subject: String
  /// `done`, or the code of the error.
  public var outcome: String

  /// One line; the number is given when it is stored.
  public init(
    number: UInt64 = 0, time: Double, member: String, name: String, role: String, address: String,
    action: String, subject: String, outcome: String
  ) {
    self.number = number
    self.time = time
    self.member = member
    self.name = name
    self.role = role
    self.address = address
    self.action = action
    self.subject = subject
    self.outcome = outcome
  }
}

/// Which part of the audit log is wanted.
package struct AuditRequest: Codable, Equatable, Sendable {
  /// How many of the newest entries, 1 to ``maximum``.
  package var limit: Int

  /// The most entries of one answer.
  package static let maximum = 10_000

  /// The newest entries.
  package init(limit: Int) { self.limit = limit }
}

/// What `client list` shows about one key that is no worker.
public struct ClientSummary: Codable, Equatable, Sendable {
  /// The id: the start of its key's hash, in hexadecimal.
  public var id: String
  /// The name it gave itself.
  public var name: String
  /// What it may do.
  public var role: TokenRole
  /// `connected`, `away` or `revoked`.
  public var state: String
  /// Its jobs that have not ended.
  public var jobs: Int
  /// When it was last admitted, in seconds since 1970.
  public var lastSeen: Double

  /// One client's line.
  public init(
    id: String, name: String, role: TokenRole, state: String, jobs: Int, lastSeen: Double
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.state = state
    self.jobs = jobs
    self.lastSeen = lastSeen
  }
}
