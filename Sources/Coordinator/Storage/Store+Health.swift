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
  package func health() throws(CoordinatorError) -> [String: WorkerHealth] {
    try perform { connection throws(CoordinatorError) in
      var all: [String: WorkerHealth] = [:]
      for row in try connection.rows("SELECT worker, record FROM health") {
        all[try row.text("health", "worker")] = try Self.decode(
          WorkerHealth.self, try row.text("health", "record"), table: "health", column: "record")
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
