/// What a new node needs to join: where the coordinator is, which key it has, and a secret to enrol with.
///
/// Text form: `ezkl1.` and the base64url of
/// role (1 byte), expiry (8, little-endian Unix seconds, 0 = never), coordinator key fingerprint (32),
/// secret (32), address (16-bit length and UTF-8), checksum (first 4 bytes of SHA-256 of `ezkl1.` and the
/// rest). The checksum only catches copying errors; the secret is what authenticates.
package struct JoinToken: Equatable, Sendable, CustomStringConvertible {
  /// What every token text starts with.
  package static let prefix = "ezkl1."
  /// Longest address, in UTF-8 bytes.
  package static let maximumAddressBytes = 256
  private static let checksumBytes = 4

  /// Where the coordinator listens, as HOST:PORT.
  package let address: Endpoint
  /// Fingerprint of the coordinator's public key.
  package let coordinator: Digest
  /// What proves that the coordinator's operator invited the bearer.
  package let secret: TokenSecret
  /// What the bearer may become.
  package let role: NodeRole
  /// Unix time in seconds from which on the token is refused; nil means never.
  package let expiry: UInt64?

  /// Collects the fields.
  package init(
    address: Endpoint, coordinator: Digest, secret: TokenSecret, role: NodeRole, expiry: UInt64?
  ) {
    self.address = address
    self.coordinator = coordinator
    self.secret = secret
    self.role = role
    self.expiry = expiry
  }

  /// Whether the token is of no use any more at the given Unix time.
  package func isExpired(at now: UInt64) -> Bool { expiry.map { now >= $0 } ?? false }

  /// The text to hand to the operator of the new node. Contains the secret.
  package var text: String {
    var writer = ByteWriter()
    writer.integer(role.rawValue)
    writer.integer(expiry ?? 0)
    writer.fixed(coordinator.bytes)
    writer.fixed(secret.bytes)
    writer.clippedText(address.description, limit: Self.maximumAddressBytes)
    return Self.prefix + Base64URL.encode(writer.bytes + Self.checksum(writer.bytes))
  }

  /// Reads the text form; surrounding white space is ignored.
  package init(parsing text: String) throws(WireError) {
    let trimmed = text.drop(while: \.isWhitespace)
    let end = trimmed.lastIndex { !$0.isWhitespace }.map { trimmed.index(after: $0) }
    let body = trimmed[..<(end ?? trimmed.startIndex)]
    guard body.hasPrefix(Self.prefix) else { throw .invalidToken(.notAToken) }
    guard let bytes = Base64URL.decode(body.dropFirst(Self.prefix.count)) else {
      throw .invalidToken(.badCharacters)
    }
    let contents = Array(bytes.dropLast(Self.checksumBytes))
    guard bytes.count > Self.checksumBytes,
      Array(bytes.suffix(Self.checksumBytes)) == Self.checksum(contents)
    else { throw .invalidToken(.checksum) }
    do {
      try self.init(contents: contents)
    } catch {
      throw .invalidToken(.malformed)
    }
  }

  private init(contents: [UInt8]) throws(WireError) {
    var reader = ByteReader(contents, name: "token")
    guard let role = NodeRole(rawValue: try reader.integer("role")) else {
      throw reader.malformed("unknown role")
    }
    let expiry: UInt64 = try reader.integer("expiry")
    let coordinator = try reader.digest("coordinator")
    let secret = TokenSecret(bytes: try reader.fixed(TokenSecret.byteCount, "secret"))!
    let address = try reader.text("address", limit: Self.maximumAddressBytes)
    try reader.end()
    self.init(
      address: try Endpoint(parsing: address), coordinator: coordinator, secret: secret,
      role: role, expiry: expiry == 0 ? nil : expiry)
  }

  private static func checksum(_ contents: [UInt8]) -> [UInt8] {
    Array(Sodium.sha256(Array(prefix.utf8) + contents).bytes.prefix(checksumBytes))
  }

  /// Everything but the secret.
  package var description: String { "\(role) \(secret) for \(address)" }
}
