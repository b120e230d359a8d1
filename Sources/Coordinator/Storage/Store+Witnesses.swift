extension Store {
  /// Records, before they are written, which artifacts hold the witnesses of a job.
  package func keepWitnesses(_ digests: [[UInt8]], of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      for digest in digests {
        try connection.run(
          "INSERT OR IGNORE INTO witnesses (job, digest) VALUES (?, ?)",
          [.text(job), .blob(digest)])
      }
    }
  }

  /// The witnesses of a job that no other job needs.
  package func ownWitnesses(of job: String) throws(CoordinatorError) -> [[UInt8]] {
    try perform { connection throws(CoordinatorError) in
      var digests: [[UInt8]] = []
      let rows = try connection.rows(
        """
        SELECT digest FROM witnesses WHERE job = ?1
        AND digest NOT IN (SELECT digest FROM witnesses WHERE job != ?1) ORDER BY digest
        """, [.text(job)])
      for row in rows { digests.append(try row.blob("witnesses", "digest", count: 32)) }
      return digests
    }
  }

  /// Forgets which witnesses a job had; their files are gone already.
  package func forgetWitnesses(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM witnesses WHERE job = ?", [.text(job)])
    }
  }

  /// The jobs that ended and still have witnesses: a crash came in between.
  package func endedJobsWithWitnesses() throws(CoordinatorError) -> [String] {
    let final = JobStage.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }
    return try perform { connection throws(CoordinatorError) in
      var jobs: [String] = []
      let rows = try connection.rows(
        """
        SELECT DISTINCT id FROM witnesses JOIN jobs ON id = job
        WHERE stage IN (\(final.joined(separator: ", "))) ORDER BY id
        """)
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }
}
