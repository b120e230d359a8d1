extension Store {
  /// Keeps what is known of a worker; times in it are of the wall clock.
  package func setHealth(_ health: WorkerHealth, of worker: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "INSERT OR REPLACE INTO health (worker, record) VALUES (?, ?)",
        [.text(worker), .text(Self.encode(health))])
    }
  }

  /// What is known of all workers, by id.
  ///
  /// One damaged row is the end of what is known of one worker, not of the service: it is removed, and the worker begins
  /// anew, as one that never joined.
  /// - Parameter onDamage: gets a removed row's worker and what is wrong with it.
  package func health(
    onDamage: (_ worker: String, _ fault: CoordinatorError) -> Void = { _, _ in }
  ) throws(CoordinatorError) -> [String: WorkerHealth] {
    try perform { connection throws(CoordinatorError) in
      var all: [String: WorkerHealth] = [:]
      for row in try connection.rows("SELECT worker, record FROM health") {
        let worker = try row.text("health", "worker")
        do throws(CoordinatorError) {
          let health = try Self.decode(
            WorkerHealth.self, try row.text("health", "record"), table: "health", column: "record")
          guard health.isPlausible else {
            throw .corruptRow(table: "health", column: "record", expected: "counts and times")
          }
          all[worker] = health
        } catch {
          try connection.run("DELETE FROM health WHERE worker = ?", [.text(worker)])
          onDamage(worker, error)
        }
      }
      return all
    }
  }

  /// Forgets a worker: its key, what is known of it, and with them its enrolment.
  package func forgetWorker(_ worker: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM health WHERE worker = ?", [.text(worker)])
      let changed = try connection.run(
        "DELETE FROM members WHERE id = ? AND role = 'worker' AND revoked = 0", [.text(worker)])
      if changed == 0 { throw .unknownWorker(worker) }
    }
  }
}
