extension Store {
  /// The verifying key of a circuit under some parameters, if it was ever computed here.
  package func verifyingKey(program: [UInt8], srs: [UInt8]) throws(CoordinatorError) -> [UInt8]? {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT key FROM keys WHERE program = ? AND srs = ?", [.blob(program), .blob(srs)])
      return try rows.first?.blob("keys", "key")
    }
  }

  /// Keeps a verifying key; the first one stays where two workers computed it.
  package func keepVerifyingKey(
    _ key: [UInt8], program: [UInt8], srs: [UInt8], at now: Double
  ) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "INSERT OR IGNORE INTO keys (program, srs, key, made) VALUES (?, ?, ?, ?)",
        [.blob(program), .blob(srs), .blob(key), .real(now)])
    }
  }

  /// Forgets a key that turned out to be wrong.
  package func forgetVerifyingKey(program: [UInt8], srs: [UInt8]) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "DELETE FROM keys WHERE program = ? AND srs = ?", [.blob(program), .blob(srs)])
    }
  }
}
