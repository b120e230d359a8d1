/// Which jobs are wanted.
package struct JobFilter: Equatable, Sendable {
  /// In these stages; nil: in any.
  package var stages: [JobStage]?
  /// Of this owner; nil: of all.
  package var owner: String?
  /// Of models with this name; nil: of all.
  package var model: String?

  /// All jobs, but for what is given.
  package init(stages: [JobStage]? = nil, owner: String? = nil, model: String? = nil) {
    self.stages = stages
    self.owner = owner
    self.model = model
  }
}

/// Where a page of jobs ended: the next one goes on after it, whatever came or went meanwhile.
package struct JobCursor: Equatable, Sendable {
  let submitted: Double
  let id: String

  init(_ job: JobRecord) { (submitted, id) = (job.submitted, job.id) }

  /// A cursor as it was handed out; nil where it never was.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 16, let bits = UInt64(parts[0], radix: 16),
      Double(bitPattern: bits).isFinite
    else { return nil }
    submitted = Double(bitPattern: bits)
    id = String(parts[1])
  }

  /// What clients send back; opaque to them.
  package var text: String {
    let bits = String(submitted.bitPattern, radix: 16)
    return String(repeating: "0", count: 16 - bits.count) + bits + "-" + id
  }
}

/// What a list of jobs answers.
struct JobPage: Codable, Equatable, Sendable {
  let jobs: [JobSummary]
  /// What gives the next page; nil: this is the last one.
  let next: String?
}

/// All that is known of one job.
struct JobDetail: Codable, Equatable, Sendable {
  let job: JobSummary
  /// What it does now; nil where it has ended.
  let progress: ProgressEvent?
  /// Every attempt at its tasks, in order; nil unless asked for.
  let attempts: [AttemptRecord]?
}

extension Store {
  /// At most so many jobs, newest first, after those of an earlier page.
  package func jobs(
    _ filter: JobFilter, after cursor: JobCursor?, limit: Int
  ) throws(CoordinatorError) -> [JobRecord] {
    let ids = try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        """
        SELECT id FROM jobs WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR model_name = ?2)
        AND (?3 IS NULL OR stage IN (SELECT value FROM json_each(?3)))
        AND (?4 IS NULL OR submitted < ?4 OR (submitted = ?4 AND id > ?5))
        ORDER BY submitted DESC, id LIMIT ?6
        """,
        [
          filter.owner.map { .text($0) } ?? .null, filter.model.map { .text($0) } ?? .null,
          filter.stages.map { .text(Self.encode($0)) } ?? .null,
          cursor.map { .real($0.submitted) } ?? .null, .text(cursor?.id ?? ""),
          .integer(Int64(limit)),
        ])
      return try rows.map { (row) throws(CoordinatorError) in try row.text("jobs", "id") }
    }
    // A job that was deleted in between is not there any more.
    var jobs: [JobRecord] = []
    for id in ids { if let job = try job(id) { jobs.append(job) } }
    return jobs
  }
}
