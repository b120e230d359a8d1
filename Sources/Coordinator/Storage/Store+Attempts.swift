/// One attempt at a task, for the record: who had it, how long, and why it ended.
public struct AttemptRecord: Codable, Equatable, Sendable {
  /// The task's id.
  public var task: UInt64
  /// What the task is, in words.
  public var work: String
  /// The name the worker gave itself.
  public var worker: String
  /// The worker's id.
  public var workerID: String
  /// Whether it was done beside a worker that took long.
  public var isReplay: Bool
  /// When the worker got it, in seconds since 1970.
  public var began: Double
  /// When it ended; nil while it lasts.
  public var ended: Double?
  /// `done`, or why it ended; nil while it lasts.
  public var outcome: String?
}

extension Store {
  /// Attempts of one job that are kept; the oldest go first.
  package static let attemptsPerJob = 10_000

  /// Records that a worker got a task: its lease, and the beginning of an attempt.
  package func beginAttempt(
    task: UInt64, job: String, worker: String, name: String, isReplay: Bool, at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        INSERT INTO attempts (job, task, worker, name, replay, began) VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          .text(job), .integer(Int64(task)), .text(worker), .text(name),
          .integer(isReplay ? 1 : 0), .real(now),
        ])
      try connection.run(
        """
        DELETE FROM attempts WHERE job = ?1 AND id <=
          (SELECT id FROM attempts WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
        """, [.text(job), .integer(Int64(Self.attemptsPerJob))])
    }
    if !isReplay { try lease(task: task, to: worker, at: now) }
  }

  /// Records how a worker's attempt at a task ended.
  package func endAttempt(
    task: UInt64, worker: String, outcome: String, at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        UPDATE attempts SET ended = ?, outcome = ? WHERE task = ? AND worker = ? AND ended IS NULL
        """, [.real(now), .text(outcome), .integer(Int64(task)), .text(worker)])
    }
  }

  /// Ends the attempts that an earlier process left open.
  package func endOpenAttempts(at now: Double) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE attempts SET ended = ?, outcome = 'the coordinator ended' WHERE ended IS NULL",
        [.real(now)])
    }
  }

  /// All attempts at the tasks of a job, in order.
  package func attempts(of job: String) throws(CoordinatorError) -> [AttemptRecord] {
    try perform { connection throws(CoordinatorError) in
      var list: [AttemptRecord] = []
      let rows = try connection.rows(
        """
        SELECT attempts.*, description FROM attempts LEFT JOIN tasks ON tasks.id = task
        WHERE attempts.job = ? ORDER BY attempts.id
        """, [.text(job)])
      for row in rows {
        list.append(
          AttemptRecord(
            task: UInt64(clamping: try row.integer("attempts", "task")),
            work: try row.optionalText("tasks", "description") ?? "",
            worker: try row.text("attempts", "name"),
            workerID: try row.text("attempts", "worker"),
            isReplay: try row.integer("attempts", "replay") != 0,
            began: try row.real("attempts", "began"),
            ended: row.columns["ended"] == .null ? nil : try row.real("attempts", "ended"),
            outcome: try row.optionalText("attempts", "outcome")))
      }
      return list
    }
  }
}
