/// What a key that came with a request stands for.
package enum Reservation: Equatable, Sendable {
  /// The key is this request's: its job has this id, whether it is there or not.
  case job(String)
  /// The key came with another request before.
  case taken
}

extension Store {
  /// Seconds that a key is remembered.
  package static let keySeconds: Double = 86_400

  /// Reserves a key of a member for a request, and an id for its job; or says what it is reserved for.
  package func reserve(
    key: String, of member: String, request: [UInt8], job: String, at now: Double
  ) throws(CoordinatorError) -> Reservation {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "DELETE FROM idempotency WHERE created < ?", [.real(now - Self.keySeconds)])
      let rows = try connection.rows(
        "SELECT request, job FROM idempotency WHERE member = ? AND key = ?",
        [.text(member), .text(key)])
      if let row = rows.first {
        guard try row.blob("idempotency", "request") == request else { return .taken }
        return .job(try row.text("idempotency", "job"))
      }
      try connection.run(
        "INSERT INTO idempotency (member, key, request, job, created) VALUES (?, ?, ?, ?, ?)",
        [.text(member), .text(key), .blob(request), .text(job), .real(now)])
      return .job(job)
    }
  }

  /// Forgets a key whose request was refused: it may come with another one.
  package func release(key: String, of member: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "DELETE FROM idempotency WHERE member = ? AND key = ?", [.text(member), .text(key)])
    }
  }
}
