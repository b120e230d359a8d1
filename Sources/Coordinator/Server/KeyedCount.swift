/// How many of something each key has under way, never more than a limit. Pure.
package struct KeyedCount: Sendable {
  private let limit: Int
  private var counts: [String: Int] = [:]

  /// Nobody has any.
  package init(limit: Int) { self.limit = limit }

  /// One more of a key; false where it has as many as it may.
  package mutating func begin(_ key: String) -> Bool {
    let count = counts[key] ?? 0
    guard count < limit else { return false }
    counts[key] = count + 1
    return true
  }

  /// One that began has ended. A key without any leaves nothing behind.
  package mutating func end(_ key: String) {
    let count = (counts[key] ?? 0) - 1
    counts[key] = count > 0 ? count : nil
  }

  /// Keys that have some.
  package var keys: Int { counts.count }
}
