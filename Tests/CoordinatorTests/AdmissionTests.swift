import Coordinator
import Foundation
import Testing

/// Who is let in, and why not.
@Suite struct AdmissionTests {
  let folder: TemporaryFolder
  let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.url.appendingPathComponent("test.sqlite").path)
    try insert("good", role: .worker, expires: 100)
    try insert("client", role: .client, expires: 100)
  }

  private func insert(_ id: String, role: TokenRole, expires: Double) throws {
    try store.insertToken(
      TokenSummary(id: id, role: role, created: 0, expires: expires, revoked: false, uses: 0),
      hash: Array(id.utf8))
  }

  private func member(_ key: UInt8, _ role: TokenRole = .worker) -> MemberRecord {
    MemberRecord(
      id: "w\(key)", key: [UInt8](repeating: key, count: 32), role: role, name: "name\(key)",
      threads: 2, memoryBytes: 5, token: nil, enrolled: 0, lastSeen: 0, revoked: false)
  }

  private func admit(_ member: MemberRecord, _ token: String?, at now: Double = 1) throws
    -> AdmissionRefusal?
  {
    switch try store.admit(member, tokenHash: token.map { Array($0.utf8) }, at: now) {
    case .success: nil
    case .failure(let refusal): refusal
    }
  }

  @Test func aTokenEnrolsAKeyThatThenNeedsNone() throws {
    #expect(try admit(member(1), nil) == .needsToken)
    #expect(try admit(member(1), "good") == nil)
    #expect(try admit(member(1), nil, at: 1000) == nil)
    #expect(try store.tokens().first { $0.id == "good" }?.uses == 1)
    #expect(try store.members(.worker).map(\.lastSeen) == [1000])
  }

  @Test func badTokensAreNamed() throws {
    #expect(try admit(member(1), "unknown") == .unknownToken)
    #expect(try admit(member(1), "good", at: 100) == .expiredToken)
    #expect(try admit(member(1), "client") == .wrongRole(expected: .client))
    try store.revokeToken("good")
    #expect(try admit(member(1), "good") == .revokedToken)
    #expect(try store.members(.worker).isEmpty)
    #expect(throws: CoordinatorError.unknownToken("nobody")) { try store.revokeToken("nobody") }
  }

  @Test func aTokenForOneKeyEnrolsNoOther() throws {
    try store.insertToken(
      TokenSummary(
        id: "once", role: .worker, created: 0, expires: 100, revoked: false, uses: 0, maximumUses: 1
      ), hash: Array("once".utf8))
    #expect(try admit(member(1), "once") == nil)
    #expect(try admit(member(2), "once") == .usedToken)
    // The key itself is enrolled: it needs the token no more, and showing it does no harm.
    #expect(try admit(member(1), "once") == nil)
    #expect(try store.tokens().first { $0.id == "once" }?.uses == 1)
  }

  @Test func aRevokedKeyStaysOutWhateverItsToken() throws {
    #expect(try admit(member(1), "good") == nil)
    try store.revokeWorker("w1")
    #expect(try admit(member(1), "good") == .revokedKey)
    #expect(throws: CoordinatorError.unknownWorker("w2")) { _ = try store.revokeWorker("w2") }
  }

  /// Whoever holds a key that is barred may hold the token too.
  @Test func withAClientsKeyItsTokenIsRevoked() throws {
    #expect(try admit(member(1, .client), "client") == nil)
    #expect(try admit(member(2, .client), "client") == nil)
    let first = try store.revokeClient("w1")
    #expect(first == KeyRevocation(member: "w1", token: "client", others: ["w2"]))
    // A fresh key is of no use, and those that were enrolled before stay until they are barred as well.
    #expect(try admit(member(3, .client), "client") == .revokedToken)
    #expect(try admit(member(1, .client), "client") == .revokedKey)
    #expect(try admit(member(2, .client), nil) == nil)
    #expect(try store.revokeClient("w2").others == [])
    // A key that needed no token takes none with it.
    try store.enrol(member(4, .client), at: 0)
    #expect(try store.revokeClient("w4") == KeyRevocation(member: "w4"))
    #expect(try store.tokens().first { $0.id == "good" }?.revoked == false)
  }

  @Test func keysOfOneTokenAreOneAccount() throws {
    #expect(try admit(member(1, .client), "client") == nil)
    #expect(try admit(member(2, .client), "client") == nil)
    try store.enrol(member(3, .client), at: 0)
    let accounts = Dictionary(
      uniqueKeysWithValues: try store.clients().map { ($0.id, $0.account) })
    #expect(accounts == ["w1": "client", "w2": "client", "w3": "w3"])
    #expect(try store.members(ofAccount: "client").sorted() == ["w1", "w2"])
    #expect(try store.members(ofAccount: "w3").isEmpty)
  }

  /// Members call themselves what they like: a name must not steer what is done to another.
  @Test func anIdMeansItsBearerAndANameOneMemberOrNone() throws {
    var (one, two, three) = (member(1), member(2), member(3))
    #expect(try [one, two].named("w2") == two && [one, two].named("name1") == one)
    #expect(try [one, two].named("nobody") == nil)
    // Called as another's id.
    one.name = "w2"
    #expect(try [one, two].named("w2") == two && [one].named("w2") == one)
    // Called as others are called.
    (one.name, three.name) = ("name2", "name2")
    #expect(
      throws: CoordinatorError.badRequest(
        "3 have the name 'name2'; say which by its id: w1, w2, w3")
    ) { _ = try [three, two, one].named("name2") }
    // Who is barred already does not stand in the way.
    (one.revoked, three.revoked) = (true, true)
    #expect(try [three, two, one].named("name2") == two)
    two.revoked = true
    #expect(throws: CoordinatorError.self) { _ = try [two, one].named("name2") }
  }

  @Test func aKeyKeepsItsRole() throws {
    #expect(try admit(member(1), "good") == nil)
    #expect(try admit(member(1, .client), "client") == .wrongRole(expected: .worker))
    try store.enrol(member(2, .client), at: 0)
    try store.enrol(member(2, .client), at: 5)
    #expect(try admit(member(2, .client), nil) == nil)
    #expect(throws: CoordinatorError.unknownWorker("w2")) { _ = try store.revokeWorker("w2") }
  }
}
