import Logging
import Wire

/// Who calls: an admitted client, and where it connected from.
struct Caller: Sendable {
  let member: MemberRecord
  let address: String

  /// The member's id.
  var id: String { member.id }
  /// Whose limits and whose share of the workers count for what it does.
  var account: String { member.account }
  /// What it may do.
  var role: TokenRole { member.role }

  /// Whether it may see a job, and cancel it or fetch its proof where its role does such things at all.
  func sees(_ job: JobRecord) -> Bool { role.seesEveryJob || job.owner == id }

  /// Refuses what its role does not do.
  func authorise(_ method: ClientMethod) throws(CoordinatorError) {
    guard role >= method.leastRole else {
      throw .notAllowed(
        action: method.rawValue, needed: method.leastRole.rawValue, role: role.rawValue)
    }
  }

  /// Refuses to invite or bar somebody of a role that is not below its own.
  func authorise(governing other: TokenRole) throws(CoordinatorError) {
    guard role.governs(other) else {
      throw .notAllowed(
        action: "a member of role \(other.rawValue)", needed: TokenRole.admin.rawValue,
        role: role.rawValue)
    }
  }
}

extension Core {
  /// A stored job that the caller may see; of others' jobs he learns no more than of such as never were.
  func job(_ id: JobID, for caller: Caller) throws(CoordinatorError) -> JobRecord {
    guard let record = try store.job(id), caller.sees(record) else { throw .unknownJob(id) }
    return record
  }

  /// Writes down what somebody did.
  func audit(
    _ action: String, _ subject: String, by caller: Caller, outcome: String = "done"
  ) {
    audit(
      AuditEntry(
        time: Self.wallClock, member: caller.id, name: caller.member.name,
        role: caller.role.rawValue, address: caller.address, action: action,
        subject: Admission.printable(subject), outcome: outcome))
  }

  /// Writes down an entry. A full disk must not keep the service from going on: then the log has it.
  ///
  /// What was refused is written down at a bounded rate, or strangers could push out everything else; the next entry
  /// says how many are missing.
  func audit(_ entry: AuditEntry) {
    var entry = entry
    if entry.outcome != "done" {
      let missing: Int? = locked {
        guard refusals.take(at: Self.now) else {
          unwritten += 1
          return nil
        }
        defer { unwritten = 0 }
        return unwritten
      }
      guard let missing else { return }
      if missing > 0 { entry.subject += " (and \(missing) refusals before, not written down)" }
    }
    do throws(CoordinatorError) {
      try store.record(entry)
    } catch {
      log(
        .error(
          "cannot write the audit log (\(error)): \(entry.name) (\(client: entry.member)) from \(entry.address): \(entry.action) \(entry.subject): \(entry.outcome)"
        ))
    }
  }
}
