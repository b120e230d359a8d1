extension Store {
  /// Stores new tasks and returns their ids, which are never used again and grow.
  package func insertTasks(
    job: String, descriptions: [String]
  ) throws(CoordinatorError) -> [UInt64] {
    try perform { connection throws(CoordinatorError) in
      try descriptions.map { (description) throws(CoordinatorError) in
        let rows = try connection.rows(
          "INSERT INTO tasks (job, description, state) VALUES (?, ?, 'pending') RETURNING id",
          [.text(job), .text(description)])
        guard let row = rows.first else {
          throw .corruptRow(table: "tasks", column: "id", expected: "a row")
        }
        return UInt64(clamping: try row.integer("tasks", "id"))
      }
    }
  }

  /// Records that a worker holds a task.
  package func lease(task: UInt64, to worker: String, at now: Double) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "INSERT OR REPLACE INTO leases (task, worker, since) VALUES (?, ?, ?)",
        [.integer(Int64(task)), .text(worker), .real(now)])
      try connection.run(
        "UPDATE tasks SET state = 'running' WHERE id = ?", [.integer(Int64(task))])
    }
  }

  /// Records that a task went back to the queue, with what it cost so far.
  package func requeue(
    task: UInt64, failures: Int, losses: Int, detail: String
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM leases WHERE task = ?", [.integer(Int64(task))])
      try connection.run(
        "UPDATE tasks SET state = 'pending', failures = ?, losses = ?, detail = ? WHERE id = ?",
        [
          .integer(Int64(failures)), .integer(Int64(losses)), .text(detail), .integer(Int64(task)),
        ])
    }
  }

  /// Records the end of a task: `done`, `failed` or `dropped`.
  package func endTask(_ task: UInt64, state: String, detail: String = "") throws(CoordinatorError)
  {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM leases WHERE task = ?", [.integer(Int64(task))])
      try connection.run(
        "UPDATE tasks SET state = ?, detail = ? WHERE id = ?",
        [.text(state), .text(detail), .integer(Int64(task))])
    }
  }

  /// Ends all tasks and leases that an earlier process left behind; their jobs make new ones.
  package func dropUnfinishedTasks() throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM leases")
      try connection.run(
        """
        UPDATE tasks SET state = 'dropped', detail = 'the coordinator restarted'
        WHERE state IN ('pending', 'running')
        """)
    }
  }

  /// The tasks of a job as (description, state, worker), oldest first.
  package func tasks(
    of job: String
  ) throws(CoordinatorError) -> [(description: String, state: String, worker: String?)] {
    try perform { connection throws(CoordinatorError) in
      var tasks: [(String, String, String?)] = []
      let rows = try connection.rows(
        """
        SELECT description, state, worker FROM tasks LEFT JOIN leases ON task = id
        WHERE job = ? ORDER BY id
        """, [.text(job)])
      for row in rows {
        tasks.append(
          (
            try row.text("tasks", "description"), try row.text("tasks", "state"),
            try row.optionalText("leases", "worker")
          ))
      }
      return tasks
    }
  }

  /// Records that a worker gave a wrong share and is not used for this job again.
  package func quarantine(_ worker: String, job: String, reason: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "INSERT OR REPLACE INTO quarantines (job, worker, reason) VALUES (?, ?, ?)",
        [.text(job), .text(worker), .text(reason)])
    }
  }

  /// For each of these jobs the reasons why workers are not used for it; jobs without any are left out.
  package func quarantines(ofJobs jobs: [String]) throws(CoordinatorError) -> [String: [String]] {
    try perform { connection throws(CoordinatorError) in
      var reasons: [String: [String]] = [:]
      let rows = try connection.rows(
        """
        SELECT job, reason FROM quarantines WHERE job IN (SELECT value FROM json_each(?))
        ORDER BY job, worker
        """, [.text(Self.encode(jobs))])
      for row in rows {
        reasons[try row.text("quarantines", "job"), default: []].append(
          try row.text("quarantines", "reason"))
      }
      return reasons
    }
  }

  /// The workers that are not used for a job, with the reasons.
  package func quarantined(
    job: String
  ) throws(CoordinatorError) -> [(worker: String, reason: String)] {
    try perform { connection throws(CoordinatorError) in
      var list: [(String, String)] = []
      let rows = try connection.rows(
        "SELECT worker, reason FROM quarantines WHERE job = ? ORDER BY worker", [.text(job)])
      for row in rows {
        list.append((try row.text("quarantines", "worker"), try row.text("quarantines", "reason")))
      }
      return list
    }
  }
}
