import Foundation
import Wire

/// Who uploads and uploaded what: decides which artifacts a client may rely on, keeps them until his job has them, and
/// how much there may be of them.
///
/// Whether an artifact is here at all must not be told to somebody who does not have it himself: its digest alone is no
/// proof of that. So an upload counts for its uploader only, until a job of his needs it; anybody else is asked for the
/// bytes, whether they are here or not.
final class UploadLedger: @unchecked Sendable {
  private let store: Store
  private let shelf: ArtifactShelf
  private let artifacts: ArtifactStore
  private let book: AccountBook
  private let lock = NSLock()
  // Touched only under `lock`.
  private var holders: [String: [Digest: Int]] = [:]

  /// Unfinished uploads of one account that may wait to be continued.
  private static let maximumLeftovers = 16

  /// A ledger of uploads, which count in the accounts of `book`.
  init(store: Store, shelf: ArtifactShelf, artifacts: ArtifactStore, book: AccountBook) {
    self.store = store
    self.shelf = shelf
    self.artifacts = artifacts
    self.book = book
  }

  /// Room for an upload under way, given back with this object.
  final class Room: Sendable {
    private let giveBack: @Sendable () -> Void

    fileprivate init(giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
  }

  /// Sets room aside for an upload. What keys of the account began and did not finish makes way for it.
  ///
  /// An upload belongs to its member; the room is the account's, nil: the member's own.
  ///
  /// - Throws: `tooMany` where the account's jobs and uploads have as many bytes, or its uploads are as many, as they may,
  ///   `noRoomForUploads` where only the disk's reserve is left.
  func makeRoom(
    for digest: Digest, bytes: UInt64, of member: String, account: String? = nil
  ) throws(CoordinatorError) -> Room {
    let account = account ?? member
    let rest = try book.reserve(bytes, of: account)
    let room = Room { [book] in book.giveBack(bytes, of: account) }
    // Beside the lock: files and the database are others' to wait for.
    let members = Set(try store.members(ofAccount: account)).union([member])
    let left = artifacts.leftovers(of: members)
    clear(left.filter { !$0.name.hasPrefix(digest.hex) }, room: rest)
    let begun = left.first { $0.name == "\(digest.hex)-\(member)" }?.bytes ?? 0
    try checkDisk(bytes > begun ? bytes - begun : 0)
    return room
  }

  /// Refuses an upload that would use the last part of the disk: jobs under way write there.
  private func checkDisk(_ needed: UInt64) throws(CoordinatorError) {
    guard let available = artifacts.roomForTransfers, needed > available else { return }
    throw .noRoomForUploads(path: artifacts.directory, needed: needed, available: available)
  }

  /// Removes the oldest of some unfinished uploads until few are left, and these have less than `room`.
  private func clear(_ left: [ArtifactStore.Leftover], room: UInt64) {
    var bytes = left.reduce(UInt64(0)) { $0 + max($1.bytes, AccountBook.block) }
    for (number, entry) in left.enumerated() {
      if left.count - number <= Self.maximumLeftovers, bytes <= room { return }
      artifacts.removeLeftover(entry.name)
      bytes -= max(entry.bytes, AccountBook.block)
    }
  }

  /// Keeps an artifact that is here for a member, until `release`; false where it is not here any more.
  ///
  /// It counts for the account; nil: the member's own.
  func hold(_ digest: Digest, for member: String, account: String? = nil) -> Bool {
    do throws(CoordinatorError) {
      try shelf.hold([digest])
    } catch {
      return false
    }
    locked {
      holders[member, default: [:]][digest, default: 0] += 1
      if holders[member]?[digest] == 1 {
        book.hold(digest, bytes: artifacts.size(of: digest) ?? 0, of: account ?? member)
      }
    }
    return true
  }

  /// Undoes one `hold` of each; what nobody needs any more is removed.
  func release(
    _ digests: some Sequence<Digest>, of member: String, account: String? = nil
  ) {
    let known: [Digest] = locked {
      digests.filter { digest in
        guard let count = holders[member]?[digest] else { return false }
        holders[member]?[digest] = count > 1 ? count - 1 : nil
        if count == 1 { book.letGo(digest, of: account ?? member) }
        if holders[member]?.isEmpty == true { holders[member] = nil }
        return true
      }
    }
    shelf.letGo(known)
  }

  /// Whether a member has uploaded an artifact, in a session that lasts or for a job that has not ended.
  func belongs(_ digest: Digest, to member: String) throws(CoordinatorError) -> Bool {
    if locked({ holders[member]?[digest] != nil }) { return true }
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
