import Foundation
import Wire

/// Who uploaded what: decides which artifacts a client may rely on, and keeps them until his job has them.
///
/// Whether an artifact is here at all must not be told to somebody who does not have it himself: its digest alone is no
/// proof of that. So an upload counts for its uploader only, until a job of his needs it; anybody else is asked for the
/// bytes, whether they are here or not.
final class UploadLedger: @unchecked Sendable {
  private let store: Store
  private let shelf: ArtifactShelf
  private let lock = NSLock()
  // Touched only under `lock`.
  private var holders: [Digest: [String: Int]] = [:]

  init(store: Store, shelf: ArtifactShelf) {
    self.store = store
    self.shelf = shelf
  }

  /// Keeps an artifact that is here for a member, until `release`; false where it is not here any more.
  func hold(_ digest: Digest, for member: String) -> Bool {
    do throws(CoordinatorError) {
      try shelf.hold([digest])
    } catch {
      return false
    }
    locked { holders[digest, default: [:]][member, default: 0] += 1 }
    return true
  }

  /// Undoes one `hold` of each; what nobody needs any more is removed.
  func release(_ digests: some Sequence<Digest>, of member: String) {
    let known: [Digest] = locked {
      digests.filter { digest in
        guard let count = holders[digest]?[member] else { return false }
        holders[digest]?[member] = count > 1 ? count - 1 : nil
        if holders[digest]?.isEmpty == true { holders[digest] = nil }
        return true
      }
    }
    shelf.letGo(known)
  }

  /// Whether a member has uploaded an artifact, in a session that lasts or for a job that has not ended.
  func belongs(_ digest: Digest, to member: String) throws(CoordinatorError) -> Bool {
    if locked({ holders[digest]?[member] != nil }) { return true }
    return try store.isNeeded(digest.bytes, byJobsOf: member)
  }

  /// Refuses a request that relies on artifacts of others, or on none, with the same words.
  func check(_ digests: [Digest], of member: String) throws(CoordinatorError) {
    for digest in digests where try !belongs(digest, to: member) {
      throw .artifact(digest: digest.hex, reason: "was not uploaded")
    }
  }

  private func locked<T>(_ body: () -> T) -> T {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }
}
