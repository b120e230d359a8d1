extension Store {
  /// Entries that the audit log keeps; older ones make room. The table itself refuses any other change.
  package static let auditCapacity = 100_000

  /// Adds a line to the audit log and returns its number.
  @discardableResult
  package func record(_ entry: AuditEntry) throws(CoordinatorError) -> UInt64 {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        INSERT INTO audit (time, member, name, role, address, action, subject, outcome)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
        """,
        [
          .real(entry.time), .text(entry.member), .text(entry.name), .text(entry.role),
          .text(entry.address), .text(entry.action), .text(entry.subject), .text(entry.outcome),
        ])
      guard let row = rows.first else {
        throw .corruptRow(table: "audit", column: "number", expected: "a row")
      }
      let number = try row.integer("audit", "number")
      try connection.run(
        "DELETE FROM audit WHERE number <= ?", [.integer(number - Int64(Self.auditCapacity))])
      return UInt64(clamping: number)
    }
  }

  /// The newest lines of the audit log, newest first; those before a number, where one is given.
  package func audit(
    limit: Int, before number: UInt64? = nil
  ) throws(CoordinatorError) -> [AuditEntry] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT * FROM audit WHERE ?2 IS NULL OR number < ?2 ORDER BY number DESC LIMIT ?1",
        [.integer(Int64(limit)), number.map { .integer(Int64(clamping: $0)) } ?? .null])
      return readable(rows) { (row) throws(CoordinatorError) in
        guard let number = UInt64(exactly: try row.integer("audit", "number")) else {
          throw .corruptRow(table: "audit", column: "number", expected: "no negative number")
        }
        return AuditEntry(
          number: number, time: try row.real("audit", "time"),
          member: try row.text("audit", "member"), name: try row.text("audit", "name"),
          role: try row.text("audit", "role"), address: try row.text("audit", "address"),
          action: try row.text("audit", "action"), subject: try row.text("audit", "subject"),
          outcome: try row.text("audit", "outcome"))
      }
    }
  }
}
