import Wire

/// An enrolled key: a worker or a client.
package struct MemberRecord: Equatable, Sendable {
  /// The start of the key's hash, in hexadecimal.
  package let id: String
  /// The static public key, 32 bytes.
  package let key: [UInt8]
  package let role: TokenRole
  package var name: String
  package var threads: Int
  package var memoryBytes: UInt64
  /// The token that enrolled it; nil where it needed none.
  package let token: String?
  package let enrolled: Double
  package var lastSeen: Double
  package var revoked: Bool

  /// Whose limits and whose share of the workers count for it: those of all keys that its token enrolled, together.
  package var account: String { token ?? id }

  /// An enrolled key, or one that asks to be.
  package init(
    id: String, key: [UInt8], role: TokenRole, name: String, threads: Int, memoryBytes: UInt64,
    token: String? = nil, enrolled: Double, lastSeen: Double, revoked: Bool = false
  ) {
    self.id = id
    self.key = key
    self.role = role
    self.name = name
    self.threads = threads
    self.memoryBytes = memoryBytes
    self.token = token
    self.enrolled = enrolled
    self.lastSeen = lastSeen
    self.revoked = revoked
  }
}

/// Why a key or token is not accepted.
package enum AdmissionRefusal: Error, Equatable, Sendable {
  case revokedKey
  case needsToken
  case unknownToken
  case expiredToken
  case revokedToken
  case usedToken
  case wrongRole(expected: TokenRole)
}

extension Sequence<MemberRecord> {
  /// The one whom an operator means by an id or a name; nil where nobody has it.
  ///
  /// Members choose their names themselves, also such as others have for a name or an id: an id means its bearer only, and
  /// a name means somebody only where no other member that is not revoked has it.
  ///
  /// - Throws: `badRequest` with the ids where several have the name.
  package func named(_ word: String) throws(CoordinatorError) -> MemberRecord? {
    if let bearer = first(where: { $0.id == word }) { return bearer }
    let all = filter { $0.name == word }
    let active = all.filter { !$0.revoked }
    let found = active.isEmpty ? all : active
    guard found.count > 1 else { return found.first }
    let ids = found.map(\.id).sorted().joined(separator: ", ")
    throw .badRequest("\(found.count) have the name '\(word)'; say which by its id: \(ids)")
  }
}

extension Store {
  /// Stores a new token by its hash; the token itself is never stored.
  package func insertToken(_ token: TokenSummary, hash: [UInt8]) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        """
        INSERT INTO tokens (id, hash, role, created, expires, max_uses, bearer)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(token.id), .blob(hash), .text(token.role.rawValue), .real(token.created),
          .real(token.expires), token.maximumUses.map { .integer(Int64($0)) } ?? .null,
          token.bearer.map { .text($0) } ?? .null,
        ])
    }
    tokensChanged()
  }

  /// All tokens, newest first.
  package func tokens() throws(CoordinatorError) -> [TokenSummary] {
    try perform { connection throws(CoordinatorError) in
      readable(try connection.rows("SELECT * FROM tokens ORDER BY created DESC, id"), Self.token)
    }
  }

  /// Makes a token useless; members that it enrolled stay.
  package func revokeToken(_ id: String) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      let changed = try connection.run(
        "UPDATE tokens SET revoked = 1 WHERE id = ?", [.text(id)])
      if changed == 0 { throw .unknownToken(id) }
    }
    tokensChanged()
  }

  /// The tokens that programs show over HTTP, with the hashes of their secrets.
  func bearerTokens() throws(CoordinatorError) -> [BearerTokens.Entry] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows("SELECT * FROM tokens WHERE bearer IS NOT NULL")
      return readable(rows) { (row) throws(CoordinatorError) in
        guard let hash = Digest(bytes: try row.blob("tokens", "hash", count: Digest.byteCount))
        else { throw .corruptRow(table: "tokens", column: "hash", expected: "a hash") }
        return BearerTokens.Entry(token: try Self.token(row), hash: hash)
      }
    }
  }

  /// Lets a key in, enrolling it if it is new and `tokenHash` names a token that is good at `now`.
  ///
  /// Of the role that is asked for only whether it is a worker's counts: which one a client has, its token said.
  /// Looking up the token, enrolling and counting the use are one transaction.
  package func admit(
    _ member: MemberRecord, tokenHash: [UInt8]?, at now: Double
  ) throws(CoordinatorError) -> Result<MemberRecord, AdmissionRefusal> {
    let answer: Result<MemberRecord, AdmissionRefusal> = try perform {
      connection throws(CoordinatorError) in
      let known = try connection.rows("SELECT * FROM members WHERE key = ?", [.blob(member.key)])
      if let row = known.first {
        var old = try Self.member(row)
        if old.revoked { return .failure(.revokedKey) }
        if (old.role == .worker) != (member.role == .worker) {
          return .failure(.wrongRole(expected: old.role))
        }
        (old.name, old.threads, old.memoryBytes) = (member.name, member.threads, member.memoryBytes)
        old.lastSeen = now
        return .success(old)
      }
      // Ids are hashes of keys: where this one's has no whole key, the row is damaged, and it enrols anew.
      let damaged = try connection.rows(
        "SELECT revoked FROM members WHERE id = ? AND length(key) != 32", [.text(member.id)])
      if let row = damaged.first, try row.integer("members", "revoked") != 0 {
        return .failure(.revokedKey)
      }
      guard let tokenHash else { return .failure(.needsToken) }
      let tokens = try connection.rows(
        "SELECT * FROM tokens WHERE hash = ? AND bearer IS NULL", [.blob(tokenHash)])
      guard let row = tokens.first else { return .failure(.unknownToken) }
      let token = try Self.token(row)
      if token.revoked { return .failure(.revokedToken) }
      if token.expires <= now { return .failure(.expiredToken) }
      if let most = token.maximumUses, token.uses >= most { return .failure(.usedToken) }
      if (token.role == .worker) != (member.role == .worker) {
        return .failure(.wrongRole(expected: token.role))
      }
      if !damaged.isEmpty {
        try connection.run("DELETE FROM members WHERE id = ?", [.text(member.id)])
      }
      try connection.run("UPDATE tokens SET uses = uses + 1 WHERE id = ?", [.text(token.id)])
      return .success(
        try Self.enrol(member, as: token.role, token: token.id, at: now, connection))
    }
    // Known members are let in although a full disk does not take what they are called now.
    if case .success(let admitted) = answer { try? refresh(admitted) }
    return answer
  }

  private func refresh(_ member: MemberRecord) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE members SET name = ?, threads = ?, memory = ?, last_seen = ? WHERE id = ?",
        [
          .text(member.name), .integer(Int64(member.threads)),
          .integer(Int64(clamping: member.memoryBytes)), .real(member.lastSeen), .text(member.id),
        ])
    }
  }

  /// Enrols a key without a token, unless it is there already: the coordinator's own administrator.
  package func enrol(_ member: MemberRecord, at now: Double) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      let known = try connection.rows("SELECT id FROM members WHERE key = ?", [.blob(member.key)])
      if known.isEmpty {
        // Ids are hashes of keys: where this one's has another key, the row is damaged.
        try connection.run("DELETE FROM members WHERE id = ?", [.text(member.id)])
        _ = try Self.enrol(member, as: member.role, token: nil, at: now, connection)
      }
    }
  }

  /// All members of a role, by name.
  package func members(_ role: TokenRole) throws(CoordinatorError) -> [MemberRecord] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT * FROM members WHERE role = ? ORDER BY name, id", [.text(role.rawValue)])
      return readable(rows, Self.member)
    }
  }

  /// All members that are no workers, by name.
  package func clients() throws(CoordinatorError) -> [MemberRecord] {
    try perform { connection throws(CoordinatorError) in
      let rows = try connection.rows(
        "SELECT * FROM members WHERE role != 'worker' ORDER BY name, id")
      return readable(rows, Self.member)
    }
  }

  /// Bars a client's key for good, by its id, and makes the token useless that enrolled it: who holds the one may hold the other.
  ///
  /// Returns the token, and the ids of the other keys that it enrolled, which stay.
  @discardableResult
  package func revokeClient(_ id: String) throws(CoordinatorError) -> KeyRevocation {
    try revoke(id, "role != 'worker'", unknown: .unknownClient(id))
  }

  /// The same of a worker's key.
  @discardableResult
  package func revokeWorker(_ id: String) throws(CoordinatorError) -> KeyRevocation {
    try revoke(id, "role = 'worker'", unknown: .unknownWorker(id))
  }

  private func revoke(
    _ id: String, _ condition: String, unknown: CoordinatorError
  ) throws(CoordinatorError) -> KeyRevocation {
    let revocation = try perform { connection throws(CoordinatorError) -> KeyRevocation in
      let changed = try connection.run(
        "UPDATE members SET revoked = 1 WHERE \(condition) AND id = ?", [.text(id)])
      if changed == 0 { throw unknown }
      let tokens = try connection.rows(
        "SELECT token FROM members WHERE id = ? AND token IS NOT NULL", [.text(id)])
      guard let token = try tokens.first?.text("members", "token") else {
        return KeyRevocation(member: id)
      }
      try connection.run("UPDATE tokens SET revoked = 1 WHERE id = ?", [.text(token)])
      let others = try connection.rows(
        "SELECT id FROM members WHERE token = ? AND revoked = 0 ORDER BY id LIMIT ?",
        [.text(token), .integer(Int64(Self.mostOthers))])
      return KeyRevocation(
        member: id, token: token,
        others: readable(others) { (row) throws(CoordinatorError) in
          try row.text("members", "id")
        })
    }
    tokensChanged()
    return revocation
  }

  /// Other keys of a token that are named at most.
  private static let mostOthers = 1024

  /// The ids of all keys of an account; none where it is a key's own.
  package func members(ofAccount account: String) throws(CoordinatorError) -> [String] {
    try perform { connection throws(CoordinatorError) in
      var ids: [String] = []
      for row in try connection.rows("SELECT id FROM members WHERE token = ?", [.text(account)]) {
        ids.append(try row.text("members", "id"))
      }
      return ids
    }
  }

  /// Records when a member was last heard.
  package func setLastSeen(_ member: String, at now: Double) throws(CoordinatorError) {
    try perform { connection throws(CoordinatorError) in
      try connection.run(
        "UPDATE members SET last_seen = ? WHERE id = ?", [.real(now), .text(member)])
    }
  }

  private static func enrol(
    _ member: MemberRecord, as role: TokenRole, token: String?, at now: Double,
    _ connection: SQLiteConnection
  ) throws(CoordinatorError) -> MemberRecord {
    try connection.run(
      """
      INSERT INTO members (id, key, role, name, threads, memory, token, enrolled, last_seen)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(member.id), .blob(member.key), .text(role.rawValue), .text(member.name),
        .integer(Int64(member.threads)), .integer(Int64(clamping: member.memoryBytes)),
        token.map { .text($0) } ?? .null, .real(now), .real(now),
      ])
    return MemberRecord(
      id: member.id, key: member.key, role: role, name: member.name,
      threads: member.threads, memoryBytes: member.memoryBytes, token: token, enrolled: now,
      lastSeen: now, revoked: false)
  }

  private static func token(_ row: SQLiteRow) throws(CoordinatorError) -> TokenSummary {
    TokenSummary(
      id: try row.text("tokens", "id"), role: try role(row, "tokens"),
      created: try row.real("tokens", "created"), expires: try row.real("tokens", "expires"),
      revoked: try row.integer("tokens", "revoked") != 0,
      uses: Int(try row.integer("tokens", "uses")),
      maximumUses: try row.optionalInteger("tokens", "max_uses").map(Int.init),
      bearer: try row.optionalText("tokens", "bearer"))
  }

  private static func member(_ row: SQLiteRow) throws(CoordinatorError) -> MemberRecord {
    MemberRecord(
      id: try row.text("members", "id"), key: try row.blob("members", "key", count: 32),
      role: try role(row, "members"), name: try row.text("members", "name"),
      threads: Int(try row.integer("members", "threads")),
      memoryBytes: UInt64(clamping: try row.integer("members", "memory")),
      token: try row.optionalText("members", "token"),
      enrolled: try row.real("members", "enrolled"),
      lastSeen: try row.real("members", "last_seen"),
      revoked: try row.integer("members", "revoked") != 0)
  }

  private static func role(
    _ row: SQLiteRow, _ table: String
  ) throws(CoordinatorError) -> TokenRole {
    guard let role = TokenRole(rawValue: try row.text(table, "role")) else {
      throw .corruptRow(table: table, column: "role", expected: "a role")
    }
    return role
  }
}
