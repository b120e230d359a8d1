/// What goes when jobs have ended: the database stays bounded.
extension Store {
  /// Ended jobs whose tasks and attempts are kept; of older ones only the job and its document are.
  package static let detailedJobs = 1000

  private static var final: String {
    JobStage.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }

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
        "SELECT id FROM jobs WHERE stage IN (\(Self.final)) AND updated < ? ORDER BY updated",
        [.real(time)])
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }

  /// Removes a job and all that belongs to it; returns its document, where no other job has the same.
  package func delete(job: String) throws(CoordinatorError) -> [UInt8]? {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT document FROM jobs WHERE id = ?1 AND document IS NOT NULL
        AND document NOT IN (SELECT document FROM jobs WHERE id != ?1 AND document IS NOT NULL)
        AND document NOT IN (SELECT digest FROM artifacts WHERE job != ?1)
        """, [.text(job)])
      let document = try rows.first?.blob("jobs", "document", count: 32)
      try Self.deleteDetails(job, connection)
      for table in ["groups", "quarantines", "artifacts"] {
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
        DELETE FROM groups WHERE job IN (SELECT id FROM jobs WHERE stage IN (\(Self.final)))
        """)
      let rows = try connection.rows(
        """
        SELECT DISTINCT tasks.job AS job FROM tasks WHERE tasks.job IN (
          SELECT id FROM jobs WHERE stage IN (\(Self.final)) ORDER BY updated DESC
          LIMIT -1 OFFSET \(Self.detailedJobs))
        """)
      for row in rows { try Self.deleteDetails(try row.text("tasks", "job"), connection) }
    }
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
