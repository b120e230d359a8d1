/// The latest attempt at a group of a job: how far it is, and how its instances are divided.
package struct GroupShares: Codable, Equatable, Sendable {
  /// The group's place in the plan.
  package let number: Int
  /// 0 for the first attempt.
  package let attempt: Int
  /// `running`, `proved` or `faulted`.
  package let state: String
  /// For each share its instances: places in the list of the group's chunks by circuit, then by number.
  package let instances: [[Int]]
}

extension Store {
  /// The latest attempt at every group of a job that has begun, by number, without transcripts; none once the job has ended.
  package func shares(of job: String) throws(CoordinatorError) -> [GroupShares] {
    try perform { connection throws(CoordinatorError) in
      var latest: [GroupShares] = []
      let rows = try connection.rows(
        "SELECT number, attempt, state, holders FROM groups WHERE job = ? ORDER BY number, attempt",
        [.text(job)])
      for row in rows {
        let shares = GroupShares(
          number: Int(try row.integer("groups", "number")),
          attempt: Int(try row.integer("groups", "attempt")),
          state: try row.text("groups", "state"),
          instances: try Self.decode(
            [[Int]].self, try row.text("groups", "holders"), table: "groups", column: "holders"))
        if latest.last?.number == shares.number { latest.removeLast() }
        latest.append(shares)
      }
      return latest
    }
  }
}
