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
}
