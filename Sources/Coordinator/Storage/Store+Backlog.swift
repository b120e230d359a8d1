/// Unfinished jobs of one owner, of one priority, in one stage.
package struct Backlog: Equatable, Sendable {
  /// The id of the key or token that submitted them.
  package var owner: String
  /// A ``JobPriority``'s word.
  package let priority: String
  package let stage: JobStage
  package var jobs: Int
  /// When the oldest was submitted, in seconds since 1970.
  package var oldest: Double

  /// So many jobs.
  package init(owner: String, priority: String, stage: JobStage, jobs: Int, oldest: Double) {
    self.owner = owner
    self.priority = priority
    self.stage = stage
    self.jobs = jobs
    self.oldest = oldest
  }
}

extension Store {
  /// What has not ended.
  package func backlog() throws(CoordinatorError) -> [Backlog] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT owner, stage, coalesce(
            CASE WHEN json_valid(options) THEN json_extract(options, '$.priority') END, 'normal')
          AS priority,
          count(*) AS jobs, min(submitted) AS oldest FROM jobs
        WHERE stage IN (\(JobStage.unfinishedWords)) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """)
      return readable(rows) { (row) throws(CoordinatorError) in
        guard let stage = JobStage(rawValue: try row.text("jobs", "stage")) else {
          throw .corruptRow(table: "jobs", column: "stage", expected: "a stage")
        }
        return Backlog(
          owner: try row.text("jobs", "owner"), priority: try row.text("jobs", "priority"),
          stage: stage, jobs: Int(try row.integer("jobs", "jobs")),
          oldest: try row.real("jobs", "oldest"))
      }
    }
  }
}
