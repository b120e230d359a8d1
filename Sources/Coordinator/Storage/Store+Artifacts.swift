extension Store {
  /// Records which artifacts a job needs; witnesses before they are written.
  package func keepArtifacts(_ digests: [[UInt8]], of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      for digest in digests {
        try connection.run(
          "INSERT OR IGNORE INTO artifacts (job, digest) VALUES (?, ?)",
          [.text(job), .blob(digest)])
      }
    }
  }

  /// Whether a job of this owner needs an artifact.
  package func isNeeded(_ digest: [UInt8], byJobsOf owner: String) throws(CoordinatorError) -> Bool
  {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT 1 FROM artifacts JOIN jobs ON id = job WHERE digest = ? AND owner = ? LIMIT 1",
        [.blob(digest), .text(owner)])
      return !rows.isEmpty
    }
  }

  /// The artifacts of a job that no other job needs, and that are nobody's document.
  package func ownArtifacts(of job: String) throws(CoordinatorError) -> [[UInt8]] {
    try perform { connection throws(CoordinatorError) in
      var digests: [[UInt8]] = []
      let rows = try connection.rows(
        """
        SELECT digest FROM artifacts WHERE job = ?1
        AND digest NOT IN (SELECT digest FROM artifacts WHERE job != ?1)
        AND digest NOT IN (SELECT document FROM jobs WHERE document IS NOT NULL) ORDER BY digest
        """, [.text(job)])
      for row in rows { digests.append(try row.blob("artifacts", "digest", count: 32)) }
      return digests
    }
  }

  /// Forgets which artifacts a job had; their files are gone already.
  package func forgetArtifacts(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM artifacts WHERE job = ?", [.text(job)])
    }
  }

  /// The jobs that ended and still have artifacts: a crash came in between.
  package func endedJobsWithArtifacts() throws(CoordinatorError) -> [String] {
    let final = JobStage.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }
    return try perform { connection throws(CoordinatorError) in
      var jobs: [String] = []
      let rows = try connection.rows(
        """
        SELECT DISTINCT id FROM artifacts JOIN jobs ON id = job
        WHERE stage IN (\(final.joined(separator: ", "))) ORDER BY id
        """)
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }

  /// All artifacts that jobs need, and the documents of those that ended.
  package func neededArtifacts() throws(CoordinatorError) -> Set<[UInt8]> {
    try perform { connection throws(CoordinatorError) in
      var digests: Set<[UInt8]> = []
      let rows = try connection.rows(
        """
        SELECT digest FROM artifacts
        UNION SELECT document FROM jobs WHERE document IS NOT NULL
        """)
      for row in rows { digests.insert(try row.blob("artifacts", "digest", count: 32)) }
      return digests
    }
  }

  /// The artifacts that an owner's jobs need which have not ended.
  package func artifacts(
    ofUnfinishedJobsOf owner: String
  ) throws(CoordinatorError) -> [[UInt8]] {
    let final = JobStage.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }
    return try perform { connection throws(CoordinatorError) in
      var digests: [[UInt8]] = []
      let rows = try connection.rows(
        """
        SELECT DISTINCT digest FROM artifacts JOIN jobs ON id = job
        WHERE owner = ? AND stage NOT IN (\(final.joined(separator: ", ")))
        """, [.text(owner)])
      for row in rows { digests.append(try row.blob("artifacts", "digest", count: 32)) }
      return digests
    }
  }
}
