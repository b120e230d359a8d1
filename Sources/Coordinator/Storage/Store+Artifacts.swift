extension Store {
  /// Records which artifacts a job needs; witnesses before they are written.
  package func keepArtifacts(_ digests: [[UInt8]], of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try Self.keepArtifacts(digests, of: job, connection)
    }
  }

  static func keepArtifacts(
    _ digests: [[UInt8]], of job: String, _ connection: SQLiteConnection
  ) throws(CoordinatorError) {
    for digest in digests {
      try connection.run(
        "INSERT OR IGNORE INTO artifacts (job, digest) VALUES (?, ?)",
        [.text(job), .blob(digest)])
    }
  }

  /// Whether a job of this owner needs an artifact.
  package func isNeeded(_ digest: [UInt8], byJobsOf owner: String) throws(CoordinatorError) -> Bool
  {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT 1 FROM artifacts CROSS JOIN jobs ON id = job WHERE digest = ? AND owner = ? LIMIT 1
        """,
        [.blob(digest), .text(owner)])
      return !rows.isEmpty
    }
  }

  /// The artifacts of a job that no other job needs, and that are nobody's document.
  package func ownArtifacts(of job: String) throws(CoordinatorError) -> [[UInt8]] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT digest FROM artifacts AS own WHERE job = ?1
        AND NOT EXISTS (SELECT 1 FROM artifacts WHERE digest = own.digest AND job != ?1)
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE document = own.digest) ORDER BY digest
        """, [.text(job)])
      return readable(rows, Self.digest)
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
    try perform { connection throws(CoordinatorError) in
      var jobs: [String] = []
      // The few artifacts first, never the many jobs.
      let rows = try connection.rows(
        """
        SELECT DISTINCT id FROM artifacts CROSS JOIN jobs ON id = job
        WHERE stage IN (\(JobStage.finalWords)) ORDER BY id
        """)
      for row in rows { jobs.append(try row.text("jobs", "id")) }
      return jobs
    }
  }

  /// Those of some artifacts that no job needs, and that are not the document of one that ended.
  package func unneeded(among digests: [[UInt8]]) throws(CoordinatorError) -> [[UInt8]] {
    try perform { connection throws(CoordinatorError) in
      var unneeded: [[UInt8]] = []
      for digest in digests {
        let rows = try connection.rows(
          """
          SELECT 1 WHERE EXISTS (SELECT 1 FROM artifacts WHERE digest = ?1)
          OR EXISTS (SELECT 1 FROM jobs WHERE document = ?1)
          """, [.blob(digest)])
        if rows.isEmpty { unneeded.append(digest) }
      }
      return unneeded
    }
  }

  /// The artifacts that a job needs.
  package func artifacts(of job: String) throws(CoordinatorError) -> [[UInt8]] {
    try perform { connection throws(CoordinatorError) in
      readable(
        try connection.rows("SELECT digest FROM artifacts WHERE job = ?", [.text(job)]),
        Self.digest)
    }
  }

  private static func digest(_ row: SQLiteRow) throws(CoordinatorError) -> [UInt8] {
    try row.blob("artifacts", "digest", count: 32)
  }
}
