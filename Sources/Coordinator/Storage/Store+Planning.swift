extension Store {
  /// How often a job's planning was begun and broke off.
  package func planning(of job: String) throws(CoordinatorError) -> PlanningRecord {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT plan_attempts, plan_breaks, plan_fault, computations FROM jobs WHERE id = ?",
        [.text(job)])
      guard let row = rows.first else { throw .unknownJob(job) }
      return PlanningRecord(
        attempts: Int(try row.integer("jobs", "plan_attempts")),
        breaks: Int(try row.integer("jobs", "plan_breaks")),
        fault: try row.optionalText("jobs", "plan_fault"),
        computations: Int(try row.integer("jobs", "computations")))
    }
  }

  /// Counts a computation for a job before it begins.
  package func beginComputation(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE jobs SET computations = computations + 1 WHERE id = ?", [.text(job)])
    }
  }

  /// A computation for a job is over.
  package func endComputation(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE jobs SET computations = max(0, computations - 1) WHERE id = ?", [.text(job)])
    }
  }

  /// Counts an attempt before it begins.
  package func beginPlanning(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE jobs SET plan_attempts = plan_attempts + 1 WHERE id = ?", [.text(job)])
    }
  }

  /// An attempt ended with a result, or was not wanted any more.
  package func endPlanning(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("UPDATE jobs SET plan_attempts = 0 WHERE id = ?", [.text(job)])
    }
  }

  /// An attempt's process ended without a result.
  package func planningBroke(of job: String, fault: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        UPDATE jobs SET plan_attempts = max(0, plan_attempts - 1), plan_breaks = plan_breaks + 1,
          plan_fault = ? WHERE id = ?
        """, [.text(fault), .text(job)])
    }
  }
}
