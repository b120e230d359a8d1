/// A job as the database holds it.
package struct JobRecord: Equatable, Sendable {
  /// Random hexadecimal text, also the name users see.
  package let id: String
  /// The id of the key that submitted it; empty for jobs of a version that did not record it.
  package let owner: String
  /// Whose limits and share of the workers it counts for: the account of that key.
  package let account: String
  /// What the artifacts are.
  package let kind: JobKind
  /// The model's file name, for display.
  package let modelName: String
  /// Digests of the artifacts: the model, its input, and the calibration inputs if there are any; or the
  /// lists of circuits and of witnesses.
  package let model, input: [UInt8]
  package let calibration: [UInt8]?
  package let options: SubmitOptions
  /// 32 random bytes from which the salts of the job's tensors are derived. Secret.
  package let seed: [UInt8]
  package var stage: JobStage
  /// The reason of a failure, or a word about the stage.
  package var detail: String
  package let submitted: Double
  package var updated: Double
  /// What kind of failure ended the job: a code as in refusals; nil where it did not fail.
  package var failure: String?
  /// The workers that the plan was made for; nil before planning.
  package var workforce: Workforce?
  package var planDigest: [UInt8]?
  /// The digest of the finished document's artifact.
  package var document: [UInt8]?

  /// A job that has just been submitted.
  package init(
    id: String, owner: String = "", account: String? = nil, kind: JobKind = .model,
    modelName: String, model: [UInt8], input: [UInt8],
    calibration: [UInt8]?, options: SubmitOptions, seed: [UInt8], stage: JobStage, detail: String,
    submitted: Double, updated: Double, failure: String? = nil, workforce: Workforce? = nil,
    planDigest: [UInt8]? = nil,
    document: [UInt8]? = nil
  ) {
    self.id = id
    self.owner = owner
    self.account = account ?? owner
    self.kind = kind
    self.modelName = modelName
    self.model = model
    self.input = input
    self.calibration = calibration
    self.options = options
    self.seed = seed
    self.stage = stage
    self.detail = detail
    self.submitted = submitted
    self.updated = updated
    self.failure = failure
    self.workforce = workforce
    self.planDigest = planDigest
    self.document = document
  }
}

extension Store {
  /// Stores a new job and which artifacts it needs: both or neither.
  package func insert(
    _ job: JobRecord, keeping digests: [[UInt8]] = []
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        INSERT INTO jobs (id, owner, account, kind, model_name, model, input, calibration, options,
          seed, stage, detail, submitted, updated, bytes)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
            length(CAST(?9 AS BLOB)))
        """,
        [
          .text(job.id), .text(job.owner), .text(job.account), .text(job.kind.rawValue),
          .text(job.modelName), .blob(job.model), .blob(job.input),
          job.calibration.map { .blob($0) } ?? .null, .text(Self.encode(job.options)),
          .blob(job.seed), .text(job.stage.rawValue), .text(job.detail), .real(job.submitted),
          .real(job.updated),
        ])
      try Self.keepArtifacts(digests, of: job.id, connection)
    }
  }

  /// Records where a job is, and the code of what made it fail.
  package func setStage(
    _ stage: JobStage, detail: String, failure: String? = nil, of job: String, at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      let changed = try connection.run(
        "UPDATE jobs SET stage = ?, detail = ?, failure = ?, updated = ? WHERE id = ?",
        [
          .text(stage.rawValue), .text(detail), failure.map { .text($0) } ?? .null, .real(now),
          .text(job),
        ])
      if changed == 0 { throw .unknownJob(job) }
    }
  }

  /// Records the plan: for which workers it was made, its digest and its printable form.
  package func setPlan(
    workforce: Workforce, digest: [UInt8], text: String, of job: String
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        UPDATE jobs SET workforce = ?1, plan_digest = ?2, plan = ?3,
          bytes = length(CAST(options AS BLOB)) + length(CAST(?3 AS BLOB)) WHERE id = ?4
        """,
        [.text(Self.encode(workforce)), .blob(digest), .text(text), .text(job)])
    }
  }

  /// The printable plan of a job; nil before planning is over.
  package func planText(of job: String) throws(CoordinatorError) -> String? {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows("SELECT plan FROM jobs WHERE id = ?", [.text(job)])
      guard let row = rows.first else { throw .unknownJob(job) }
      return try row.optionalText("jobs", "plan")
    }
  }

  /// Records the digest of the verified document and ends the job.
  package func finish(_ job: String, document: [UInt8], at now: Double) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE jobs SET document = ?, stage = ?, detail = '', updated = ? WHERE id = ?",
        [.blob(document), .text(JobStage.done.rawValue), .real(now), .text(job)])
    }
  }

  /// One job, or nil.
  package func job(_ id: String) throws(CoordinatorError) -> JobRecord? {
    try perform { connection throws(CoordinatorError) in
      guard
        let row = try connection.rows(
          "SELECT \(Self.jobColumns) FROM jobs WHERE id = ?", [.text(id)]
        ).first
      else { return nil }
      return try Self.job(row)
    }
  }

  /// Jobs, newest first.
  ///
  /// - Parameters:
  ///   - owner: only those of this one; nil: of everybody.
  ///   - stages: only those in these stages; nil: in any.
  ///   - model: only those of models with this name; nil: of any.
  ///   - place: only those behind it; nil: from the newest on.
  ///   - limit: at most so many; nil: all.
  ///   - isStrict: whether a damaged row is an error; otherwise it stands as a job that failed for it.
  ///   - bytes: none after the one behind which options have more bytes than this; nil: whatever they have.
  package func jobs(
    of owner: String? = nil, in stages: [JobStage]? = nil, model: String? = nil,
    after place: JobQuery.Place? = nil, limit: Int? = nil, bytes: Int? = nil,
    isStrict: Bool = false
  ) throws(CoordinatorError) -> [JobRecord] {
    // Only what is asked for stands in the statement: an index serves no condition that may not be one.
    var conditions = ["TRUE"]
    var values: [SQLiteValue] = []
    if let stages { conditions.append("stage IN (\(JobStage.words(stages)))") }
    if let owner {
      conditions.append("owner = ?")
      values.append(.text(owner))
    }
    if let place {
      conditions.append("(submitted < ? OR (submitted = ? AND id > ?))")
      values += [.real(place.submitted), .real(place.submitted), .text(place.id)]
    }
    if let model {
      conditions.append("model_name = ?")
      values.append(.text(model))
    }
    let found = """
      FROM jobs WHERE \(conditions.joined(separator: " AND ")) ORDER BY submitted DESC, id LIMIT ?
      """
    return try perform { connection throws(CoordinatorError) in
      var count = limit.map { Int64($0) } ?? -1
      if let bytes {
        // How long they are, before any of them is in memory.
        let sizes = try connection.rows(
          "SELECT length(CAST(options AS BLOB)) AS bytes \(found)", values + [.integer(count)])
        var sum: Int64 = 0
        count = 0
        for row in sizes where sum <= Int64(bytes) {
          count += 1
          sum += try row.integer("jobs", "bytes")
        }
      }
      let rows = try connection.rows(
        "SELECT \(Self.jobColumns) \(found)", values + [.integer(count)])
      if !isStrict {
        return readable(rows) { (row) throws(CoordinatorError) in try listed(row) }
      }
      var jobs: [JobRecord] = []
      for row in rows { jobs.append(try Self.job(row)) }
      return jobs
    }
  }

  /// Why a job's row cannot be read; nil where it can, or is not there.
  package func damage(of job: String) throws(CoordinatorError) -> CoordinatorError? {
    try perform { connection throws(CoordinatorError) in
      guard
        let row = try connection.rows(
          "SELECT \(Self.jobColumns) FROM jobs WHERE id = ?", [.text(job)]
        ).first
      else { return nil }
      do throws(CoordinatorError) {
        _ = try Self.job(row)
        return nil
      } catch {
        return error
      }
    }
  }

  /// Ends a job whose row cannot be read, and makes one of it that can: nothing of it is of use any more but whose it was.
  package func failDamaged(
    _ job: String, reason: String, failure: String, at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        UPDATE jobs SET stage = ?, detail = ?, failure = ?, updated = ?, kind = ?, options = ?,
          model = zeroblob(32), input = zeroblob(32), calibration = NULL, seed = zeroblob(32),
          workforce = NULL, plan_digest = NULL, document = NULL
        WHERE id = ?
        """,
        [
          .text(JobStage.failed.rawValue), .text(reason), .text(failure), .real(now),
          .text(JobKind.model.rawValue), .text(Self.encode(SubmitOptions())), .text(job),
        ])
    }
  }

  /// How many jobs of every owner have not ended; owners without any are left out.
  package func unfinishedJobsByOwner() throws(CoordinatorError) -> [String: Int] {
    try perform { connection throws(CoordinatorError) in
      var counts: [String: Int] = [:]
      let rows = try connection.rows(
        """
        SELECT owner, count(*) AS jobs FROM jobs WHERE stage IN (\(JobStage.unfinishedWords))
        GROUP BY owner
        """)
      for row in rows {
        counts[try row.text("jobs", "owner")] = Int(try row.integer("jobs", "jobs"))
      }
      return counts
    }
  }

  /// How many jobs of an account have not ended.
  package func unfinishedJobs(ofAccount account: String) throws(CoordinatorError) -> Int {
    try perform { connection throws(CoordinatorError) in
      // By stage and not by account, of which there is no index: few jobs have not ended.
      let rows = try connection.rows(
        """
        SELECT count(*) AS jobs FROM jobs
        WHERE account = ? AND stage IN (\(JobStage.unfinishedWords))
        """, [.text(account)])
      return Int(try rows.first?.integer("jobs", "jobs") ?? 0)
    }
  }

  /// Whether an artifact is the document of a job of this owner; nil: of any job.
  package func isDocument(_ digest: [UInt8], ofJobsOf owner: String?) throws(CoordinatorError)
    -> Bool
  {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT 1 FROM jobs WHERE document = ?1 AND (?2 IS NULL OR owner = ?2) LIMIT 1",
        [.blob(digest), owner.map { .text($0) } ?? .null])
      return !rows.isEmpty
    }
  }

  /// The ids of jobs in some stages, oldest first.
  package func jobIDs(in stages: [JobStage]) throws(CoordinatorError) -> [String] {
    try perform { connection throws(CoordinatorError) in
      var ids: [String] = []
      let rows = try connection.rows(
        """
        SELECT id FROM jobs WHERE stage IN (\(JobStage.words(stages))) ORDER BY submitted, id DESC
        """)
      for row in rows { ids.append(try row.text("jobs", "id")) }
      return ids
    }
  }

  /// All of a record, which is not all of a row: the plan is long.
  private static let jobColumns = """
    id, owner, account, kind, model_name, model, input, calibration, options, seed, stage, detail,
    submitted, updated, failure, workforce, plan_digest, document
    """

  /// A job of a list: one whose row is damaged stands there as failed, so that pages go on behind it.
  private func listed(_ row: SQLiteRow) throws(CoordinatorError) -> JobRecord {
    do throws(CoordinatorError) {
      return try Self.job(row)
    } catch {
      noteDamage(error)
      let times = (try row.real("jobs", "submitted"), try row.real("jobs", "updated"))
      return JobRecord(
        id: try row.text("jobs", "id"), owner: try row.text("jobs", "owner"),
        account: try row.text("jobs", "account"), modelName: try row.text("jobs", "model_name"),
        model: [], input: [], calibration: nil, options: SubmitOptions(), seed: [], stage: .failed,
        detail: error.description, submitted: times.0, updated: times.1, failure: error.code)
    }
  }

  private static func job(_ row: SQLiteRow) throws(CoordinatorError) -> JobRecord {
    guard let stage = JobStage(rawValue: try row.text("jobs", "stage")) else {
      throw .corruptRow(table: "jobs", column: "stage", expected: "a stage")
    }
    guard let kind = JobKind(rawValue: try row.text("jobs", "kind")) else {
      throw .corruptRow(table: "jobs", column: "kind", expected: "a kind of job")
    }
    let workforce = try row.optionalText("jobs", "workforce").map {
      (text) throws(CoordinatorError) in
      try decode(Workforce.self, text, table: "jobs", column: "workforce")
    }
    return JobRecord(
      id: try row.text("jobs", "id"), owner: try row.text("jobs", "owner"),
      account: try row.text("jobs", "account"), kind: kind,
      modelName: try row.text("jobs", "model_name"),
      model: try row.blob("jobs", "model", count: 32),
      input: try row.blob("jobs", "input", count: 32),
      calibration: try row.optionalBlob("jobs", "calibration"),
      options: try decode(
        SubmitOptions.self, try row.text("jobs", "options"), table: "jobs", column: "options"),
      seed: try row.blob("jobs", "seed", count: 32), stage: stage,
      detail: try row.text("jobs", "detail"), submitted: try row.real("jobs", "submitted"),
      updated: try row.real("jobs", "updated"), failure: try row.optionalText("jobs", "failure"),
      workforce: workforce,
      planDigest: try row.optionalBlob("jobs", "plan_digest"),
      document: try row.optionalBlob("jobs", "document"))
  }
}

extension JobStage {
  /// Stages as a list in a statement: an index on them serves `IN`, and does not serve `NOT IN`.
  static func words(_ stages: [JobStage]) -> String {
    stages.map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }

  /// The stages of jobs that ended.
  static var finalWords: String { words(allCases.filter(\.isFinal)) }

  /// The stages of jobs that have not ended.
  static var unfinishedWords: String { words(unfinished) }
}
