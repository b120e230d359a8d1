/// One attempt to prove one group of a job, with its transcript so far.
package struct GroupRecord: Equatable, Sendable {
  /// What became of the attempt.
  package enum State: String, Sendable {
    /// Its rounds are under way.
    case running
    /// Its proof has been verified.
    case proved
    /// A share was wrong; the next attempt has fresh randomness.
    case faulted
  }

  package let job: String
  /// The group's place in the plan.
  package let number: Int
  /// 0 for the first attempt.
  package let attempt: Int
  package var state: State
  /// Which share holds which instances, as JSON.
  package let holders: String
  /// 32 bytes, fresh in every attempt. Secret.
  package let seed: [UInt8]
  /// The replies of the rounds completed so far.
  package var snapshot: [UInt8]?
  package var proof: [UInt8]?

  /// An attempt; a new one has neither transcript nor proof.
  package init(
    job: String, number: Int, attempt: Int, state: State, holders: String, seed: [UInt8],
    snapshot: [UInt8]? = nil, proof: [UInt8]? = nil
  ) {
    self.job = job
    self.number = number
    self.attempt = attempt
    self.state = state
    self.holders = holders
    self.seed = seed
    self.snapshot = snapshot
    self.proof = proof
  }
}

extension Store {
  /// Stores a new attempt before its first message leaves.
  package func insert(_ group: GroupRecord) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        INSERT INTO groups (job, number, attempt, state, holders, seed, snapshot, proof)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(group.job), .integer(Int64(group.number)), .integer(Int64(group.attempt)),
          .text(group.state.rawValue), .text(group.holders), .blob(group.seed),
          group.snapshot.map { .blob($0) } ?? .null, group.proof.map { .blob($0) } ?? .null,
        ])
    }
  }

  /// Keeps the transcript of a running attempt.
  package func setSnapshot(
    _ snapshot: [UInt8], job: String, number: Int, attempt: Int
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE groups SET snapshot = ? WHERE job = ? AND number = ? AND attempt = ?",
        [.blob(snapshot), .text(job), .integer(Int64(number)), .integer(Int64(attempt))])
    }
  }

  /// Ends an attempt: with its proof, or faulted without one.
  package func finishGroup(
    _ state: GroupRecord.State, proof: [UInt8]?, job: String, number: Int, attempt: Int
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE groups SET state = ?, proof = ? WHERE job = ? AND number = ? AND attempt = ?",
        [
          .text(state.rawValue), proof.map { .blob($0) } ?? .null, .text(job),
          .integer(Int64(number)), .integer(Int64(attempt)),
        ])
    }
  }

  /// The latest attempt of every group of a job that has begun, by number.
  package func groups(of job: String) throws(CoordinatorError) -> [GroupRecord] {
    try perform { connection throws(CoordinatorError) in
      var latest: [GroupRecord] = []
      let rows = try connection.rows(
        "SELECT * FROM groups WHERE job = ? ORDER BY number, attempt", [.text(job)])
      for row in rows {
        guard let state = GroupRecord.State(rawValue: try row.text("groups", "state")) else {
          throw .corruptRow(table: "groups", column: "state", expected: "a state")
        }
        let record = GroupRecord(
          job: job, number: Int(try row.integer("groups", "number")),
          attempt: Int(try row.integer("groups", "attempt")), state: state,
          holders: try row.text("groups", "holders"),
          seed: try row.blob("groups", "seed", count: 32),
          snapshot: try row.optionalBlob("groups", "snapshot"),
          proof: try row.optionalBlob("groups", "proof"))
        if latest.last?.number == record.number { latest.removeLast() }
        latest.append(record)
      }
      return latest
    }
  }

  /// Forgets all attempts of a job whose plan changed, and their transcripts.
  package func removeGroups(of job: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run("DELETE FROM groups WHERE job = ?", [.text(job)])
    }
  }
}
