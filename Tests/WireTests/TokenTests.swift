import Testing
import Wire

struct TokenTests {
  static let secret = TokenSecret(bytes: (0..<32).map { UInt8($0) })!

  static func token(_ address: String, expiry: UInt64? = 1_800_000_000) throws -> JoinToken {
    JoinToken(
      address: try Endpoint(parsing: address), coordinator: Digest(of: [1, 2, 3]),
      secret: secret, role: .worker, expiry: expiry)
  }

  @Test(arguments: ["127.0.0.1:9000", "coordinator.example.org:1", "[2001:db8::1]:65535"])
  func textComesBack(_ address: String) throws {
    for expiry: UInt64? in [nil, 1, 1_800_000_000] {
      let token = try Self.token(address, expiry: expiry)
      #expect(try JoinToken(parsing: token.text) == token)
      #expect(try JoinToken(parsing: "  \(token.text)\n") == token)
    }
  }

  @Test func textIsStable() throws {
    #expect(
      try Self.token("127.0.0.1:9000").text
        == "ezkl1.AQDSSWsAAAAAA5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc-4EAAQIDBAUGBwgJCgsMDQ"
        + "4PEBESExQVFhcYGRobHB0eHw4AMTI3LjAuMC4xOjkwMDCKHkyB")
  }

  @Test func everyCharacterMatters() throws {
    let text = try Self.token("10.0.0.1:9000").text
    for place in text.indices {
      var changed = text
      changed.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
      #expect(throws: WireError.self, "\(changed)") { try JoinToken(parsing: changed) }
    }
    for count in 0..<text.count {
      #expect(throws: WireError.self) { try JoinToken(parsing: String(text.prefix(count))) }
    }
    #expect(throws: WireError.invalidToken(.checksum)) { try JoinToken(parsing: text + "AAAA") }
  }

  @Test func faultsAreNamed() throws {
    #expect(throws: WireError.invalidToken(.notAToken)) { try JoinToken(parsing: "") }
    #expect(throws: WireError.invalidToken(.notAToken)) { try JoinToken(parsing: "ezkl2.AAAA") }
    #expect(throws: WireError.invalidToken(.badCharacters)) {
      try JoinToken(parsing: "ezkl1.AA+A")
    }
    #expect(throws: WireError.invalidToken(.checksum)) { try JoinToken(parsing: "ezkl1.") }
    // Contents that nobody issues, under a correct checksum.
    let contents: [UInt8] = [9, 0, 0]
    let checksum = Digest(of: Array("ezkl1.".utf8) + contents).bytes.prefix(4)
    #expect(Array(checksum) == bytes("96c53f49"))
    #expect(throws: WireError.invalidToken(.malformed)) {
      try JoinToken(parsing: "ezkl1.CQAAlsU_SQ")
    }
  }

  @Test func expiry() throws {
    let token = try Self.token("a:1", expiry: 100)
    #expect(!token.isExpired(at: 99))
    #expect(token.isExpired(at: 100))
    #expect(try !Self.token("a:1", expiry: nil).isExpired(at: .max))
  }

  @Test func theStoredHashRecognisesTheSecret() throws {
    let hash = Self.secret.hash
    #expect(Self.secret.matches(hash: hash))
    #expect(hash != Digest(of: Self.secret.bytes))
    #expect(!TokenSecret.random().matches(hash: hash))
    #expect(Self.secret.id == String(hash.hex.prefix(16)))
    #expect(TokenSecret(bytes: Self.secret.bytes) == Self.secret)
    #expect(TokenSecret.random() != TokenSecret.random())
    #expect(TokenSecret(bytes: [1, 2]) == nil)
  }

  @Test func secretsAreNotPrinted() throws {
    let token = try Self.token("a:1")
    let hello = Hello(
      productVersion: "1", role: .worker, name: "n", token: Self.secret)
    let secretText = Hex.encode(Self.secret.bytes)
    for text in [
      "\(token)", String(reflecting: token), "\(Self.secret)", "\(hello)",
      "\(Message.hello(hello))", String(reflecting: Message.hello(hello)),
    ] {
      #expect(!text.contains(secretText) && !text.contains("1, 2, 3"))
      #expect(!text.contains("AAECAwQF"))
    }
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("- 31"))
  }
}
