import Foundation
import HTTP
import Wire

/// A request that may be sent again without being done again, by the key in its header `Idempotency-Key`.
///
/// The id of the job is chosen and stored with the key before the job is: whatever breaks off in between, the same key never
/// makes a second job.
struct IdempotencyKey: Equatable, Sendable {
  let text: String
  /// The hash of what is asked for under it.
  let request: [UInt8]

  /// Bytes of a key.
  static let lengths = 1...255

  /// The key of a request; nil where it has none.
  init?(_ call: APICall) throws(CoordinatorError) {
    guard let text = call.request.headers["idempotency-key"] else { return nil }
    guard Self.lengths.contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      throw .badRequest("an Idempotency-Key has 1 to 255 printable characters without spaces")
    }
    self.text = text
    request = Digest(of: call.body).bytes
  }
}

/// The keys whose requests are under way: the second one of two at once has to wait for the first.
final class RequestsUnderWay: @unchecked Sendable {
  private let lock = NSLock()
  // Touched only under `lock`.
  private var keys: Set<String> = []

  /// Begins; false where a request with this key has not ended.
  func begin(_ key: IdempotencyKey, of member: String) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return keys.insert("\(member) \(key.text)").inserted
  }

  /// Ends.
  func end(_ key: IdempotencyKey, of member: String) {
    lock.lock()
    defer { lock.unlock() }
    keys.remove("\(member) \(key.text)")
  }
}
