import Logging

/// Who did what is written down.
extension Core {
  /// Writes down what somebody did.
  func audit(
    _ action: String, _ subject: String, by caller: Caller, outcome: String = "done"
  ) {
    audit(
      AuditEntry(
        time: Self.wallClock, member: caller.id, name: caller.member.name,
        role: caller.role.rawValue, address: caller.address, action: action,
        subject: Admission.printable(subject), outcome: outcome),
      of: caller.account, isOperators: caller.role >= .operator)
  }

  /// Writes down an entry that an account caused, or counts it. A full disk must not keep the service from going on: then the
  /// log has it.
  func audit(_ entry: AuditEntry, of account: String, isOperators: Bool = false) {
    let kind: AuditMeter.Kind =
      if entry.outcome != "done" {
        .refusal
      } else {
        ClientMethod(rawValue: entry.action)?.isRead == true ? .read : .change
      }
    let line = locked {
      auditMeter.take(entry, of: account, kind, isOperators: isOperators, at: Self.now)
    }
    if let line { record(line) }
  }

  /// Writes down what reads were counted and are not written yet.
  func auditCountedReads() {
    for line in locked({ auditMeter.sweep(at: Self.now, all: true) }) { record(line) }
  }

  func record(_ entry: AuditEntry) {
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
