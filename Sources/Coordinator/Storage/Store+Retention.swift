/// What goes when jobs have ended: the database stays bounded.
extension Store {
  /// Ended jobs whose tasks and attempts are kept; of older ones only the job and its document are.
  package static let detailedJobs = 1000

  /// How many jobs are in each stage.
  package func stages() throws(CoordinatorError) -> [String: Int] {
    try perform { connection throws(CoordinatorError) in
      var stages: [String: Int] = [:]
      for row in try connection.rows("SELECT stage, count(*) AS jobs FROM jobs GROUP BY stage") {
        stages[try row.text("jobs", "stage")] = Int(try row.integer("jobs", "jobs"))
      }
      return stages
    }
  }

  /// Jobs that ended before a time, oldest first.
  package func jobs(endedBefore time: Double) throws(CoordinatorError) -> [String] {
    try perform { connection throws(CoordinatorError) in
      var jobs: [String] = []
      let rows = try connection.rows(
        "SELECT id FROM jobs WHERE stage IN (\(JobStage.finalWords)) AND updated < ? ORDER BY updated",
        [.real(time)])
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }

  /// What a stored job takes beside its options and its plan, about.
  private static let recordBytes = 1024

  /// Ended jobs of an account that are not among its newest `count`, or beyond which newer ones have `bytes` in the database;
  /// oldest first, at most `limit`.
  package func endedJobs(
    of account: String, beyond count: Int, bytes: UInt64, limit: Int
  ) throws(CoordinatorError) -> [String] {
    try perform { connection throws(CoordinatorError) in
      var jobs: [String] = []
      let rows = try connection.rows(
        """
        SELECT id FROM (
          SELECT id, row_number() OVER newest AS place,
            sum(bytes + \(Self.recordBytes)) OVER newest AS total
          FROM jobs WHERE account = ? AND stage IN (\(JobStage.finalWords))
          WINDOW newest AS (ORDER BY updated DESC, rowid DESC ROWS UNBOUNDED PRECEDING))
        WHERE place > ? OR total > ? ORDER BY place DESC LIMIT ?
        """,
        [
          .text(account), .integer(Int64(count)), .integer(Int64(clamping: bytes)),
          .integer(Int64(limit)),
        ])
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }

  /// All accounts that have jobs.
  package func accounts() throws(CoordinatorError) -> [String] {
    try perform { connection throws(CoordinatorError) in
      var accounts: [String] = []
      for row in try connection.rows("SELECT DISTINCT account FROM jobs") {
        accounts.append(try row.text("jobs", "account"))
      }
      return accounts
    }
  }

  /// Removes a job and all that belongs to it; returns its document, where no other job has the same.
  package func delete(job: String) throws(CoordinatorError) -> [UInt8]? {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT document FROM jobs AS own WHERE id = ?1 AND document IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE document = own.document AND id != ?1)
        AND NOT EXISTS (SELECT 1 FROM artifacts WHERE digest = own.document AND job != ?1)
        """, [.text(job)])
      let document = readable(rows) { (row) throws(CoordinatorError) in
        try row.blob("jobs", "document", count: 32)
      }.first
      try Self.deleteDetails(job, connection)
      for table in ["groups", "quarantines", "artifacts", "deliveries"] {
        try connection.run("DELETE FROM \(table) WHERE job = ?", [.text(job)])
      }
      if try connection.run("DELETE FROM jobs WHERE id = ?", [.text(job)]) == 0 {
        throw .unknownJob(job)
      }
      return document
    }
  }

  /// Removes transcripts of jobs that ended, and tasks and attempts of all but the last of them.
  package func trim() throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        DELETE FROM groups WHERE EXISTS (
          SELECT 1 FROM jobs WHERE id = groups.job AND stage IN (\(JobStage.finalWords)))
        """)
      guard let time = try Self.oldestDetailed(connection) else { return }
      let rows = try connection.rows(
        """
        SELECT DISTINCT job FROM tasks CROSS JOIN jobs ON jobs.id = job
        WHERE stage IN (\(JobStage.finalWords)) AND updated <= ?
        """, [.real(time)])
      for row in rows { try Self.deleteDetails(try row.text("tasks", "job"), connection) }
    }
  }

  /// When the newest job ended whose details are not kept any more; nil while there are few jobs.
  ///
  /// The newest of each stage are read from the index, so that a long history costs nothing.
  private static func oldestDetailed(
    _ connection: SQLiteConnection
  ) throws(CoordinatorError) -> Double? {
    let newest = JobStage.allCases.filter(\.isFinal).map { stage in
      """
      SELECT * FROM (SELECT updated FROM jobs WHERE stage = '\(stage.rawValue)'
      ORDER BY updated DESC LIMIT \(detailedJobs + 1))
      """
    }
    let rows = try connection.rows(
      """
      SELECT updated FROM (\(newest.joined(separator: " UNION ALL ")))
      ORDER BY updated DESC LIMIT 1 OFFSET \(detailedJobs)
      """)
    return try rows.first?.real("jobs", "updated")
  }

  private static func deleteDetails(
    _ job: String, _ connection: SQLiteConnection
  ) throws(CoordinatorError) {
    try connection.run(
      "DELETE FROM leases WHERE task IN (SELECT id FROM tasks WHERE job = ?)", [.text(job)])
    try connection.run("DELETE FROM tasks WHERE job = ?", [.text(job)])
    try connection.run("DELETE FROM attempts WHERE job = ?", [.text(job)])
  }
}
