import Foundation
import Wire

/// Who a bearer token says that somebody is; knows all that are stored, so that no request waits for the database.
final class BearerTokens: @unchecked Sendable {
  /// A token and the hash of its secret.
  struct Entry: Sendable {
    let token: TokenSummary
    let hash: Digest
  }

  private let store: Store
  private let lock = NSLock()
  // Both are touched only under `lock`.
  private var entries: [String: Entry] = [:]
  private var changes = -1

  init(store: Store) { self.store = store }

  /// The member that a token's bearer is; nil where the token is unknown, revoked or expired.
  ///
  /// The token is found by its public id; whether the secret is right, a comparison in constant time says.
  func member(bearing text: String, at now: Double) throws(CoordinatorError) -> MemberRecord? {
    guard let secret = BearerToken.secret(in: text), let entry = try entry(secret.id),
      secret.matches(hash: entry.hash), isGood(entry.token, at: now)
    else { return nil }
    return Self.member(entry.token)
  }

  /// Whether a token that was good still is.
  func isGood(_ id: String, at now: Double) -> Bool {
    guard let entry = try? entry(id) else { return false }
    return isGood(entry.token, at: now)
  }

  private func isGood(_ token: TokenSummary, at now: Double) -> Bool {
    !token.revoked && token.expires > now
  }

  private func entry(_ id: String) throws(CoordinatorError) -> Entry? {
    lock.lock()
    defer { lock.unlock() }
    // Taken first: what changes meanwhile is read the next time.
    let latest = store.tokenChanges
    if changes != latest {
      entries = Dictionary(
        try store.bearerTokens().map { ($0.token.id, $0) }, uniquingKeysWith: { first, _ in first })
      changes = latest
    }
    return entries[id]
  }

  /// The bearer as others see it: jobs belong to the token.
  private static func member(_ token: TokenSummary) -> MemberRecord {
    MemberRecord(
      id: token.id, key: [], role: token.role, name: token.bearer ?? "", threads: 1,
      memoryBytes: 0, token: token.id, enrolled: token.created, lastSeen: token.created)
  }
}
