/// A message that is to be sent.
struct DueDelivery: Equatable, Sendable {
  let number: Int64
  let job: String
  let account: String
  let url: String
  let isOperators: Bool
  let attempts: Int

  /// The message's id.
  var id: String { Self.id(job: job, number) }

  static func id(job: String, _ number: Int64) -> String { "msg_\(job)_\(number)" }
}

/// Messages about ends of jobs: the database makes them in the transaction that ends the job, so that none is lost.
extension Store {
  /// Names the operator's own webhook for jobs that end from now on; nil: there is none.
  package func setOperatorWebhook(_ url: String?) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      guard let url else {
        try connection.run("DELETE FROM operator_webhook WHERE id = 1")
        return
      }
      try connection.run(
        "INSERT OR REPLACE INTO operator_webhook (id, url) VALUES (1, ?)", [.text(url)])
    }
  }

  /// Of every account the message that is due for longest, if its time has come; the longest due first. Damaged rows are removed.
  func dueDeliveries(at now: Double, limit: Int) throws(CoordinatorError) -> [DueDelivery] {
    try perform { connection throws(CoordinatorError) in
      var due: [DueDelivery] = []
      let rows = try connection.rows(
        """
        SELECT id, job, account, url, operators, attempts, min(due) AS since FROM deliveries
        WHERE due IS NOT NULL AND due <= ? GROUP BY account ORDER BY since LIMIT ?
        """, [.real(now), .integer(Int64(limit))])
      for row in rows {
        let number = try row.integer("deliveries", "id")
        do throws(CoordinatorError) {
          due.append(
            DueDelivery(
              number: number, job: try row.text("deliveries", "job"),
              account: try row.text("deliveries", "account"),
              url: try row.text("deliveries", "url"),
              isOperators: try row.integer("deliveries", "operators") != 0,
              attempts: Int(clamping: try row.integer("deliveries", "attempts"))))
        } catch {
          try connection.run("DELETE FROM deliveries WHERE id = ?", [.integer(number)])
        }
      }
      return due
    }
  }

  /// When the next message is due; nil: none is.
  func nextDelivery() throws(CoordinatorError) -> Double? {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT due FROM deliveries WHERE due IS NOT NULL ORDER BY due LIMIT 1")
      return try rows.first?.real("deliveries", "due")
    }
  }

  /// Records an attempt: how many there were, and what came of this one.
  func record(
    _ delivery: DueDelivery, attempts: Int, state: WebhookDelivery.State, status: Int?,
    detail: String, due: Double?, at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        UPDATE deliveries SET attempts = ?, state = ?, status = ?, detail = ?, due = ?, updated = ?
        WHERE id = ?
        """,
        [
          .integer(Int64(attempts)), .text(state.rawValue),
          status.map { .integer(Int64($0)) } ?? .null, .text(detail),
          due.map { .real($0) } ?? .null, .real(now), .integer(delivery.number),
        ])
    }
  }

  /// The messages about a job's end, in order.
  package func deliveries(of job: String) throws(CoordinatorError) -> [WebhookDelivery] {
    try perform { connection throws(CoordinatorError) in
      var found: [WebhookDelivery] = []
      let rows = try connection.rows(
        """
        SELECT id, url, operators, state, attempts, status, detail, updated, due FROM deliveries
        WHERE job = ? ORDER BY id
        """, [.text(job)])
      for row in rows {
        guard let state = WebhookDelivery.State(rawValue: try row.text("deliveries", "state"))
        else { throw .corruptRow(table: "deliveries", column: "state", expected: "a state") }
        found.append(
          WebhookDelivery(
            id: DueDelivery.id(job: job, try row.integer("deliveries", "id")),
            receiver: WebhookTarget.shown(try row.text("deliveries", "url")),
            isOperators: try row.integer("deliveries", "operators") != 0, state: state,
            attempts: Int(clamping: try row.integer("deliveries", "attempts")),
            status: try row.optionalInteger("deliveries", "status").map { Int(clamping: $0) },
            detail: try row.text("deliveries", "detail"),
            updated: try row.real("deliveries", "updated"),
            next: row.columns["due"] == .null ? nil : try row.real("deliveries", "due")))
      }
      return found
    }
  }
}
