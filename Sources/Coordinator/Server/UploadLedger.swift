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
  private let lock = NSLock()
  // Touched only under `lock`.
  private var limit: UInt64
  private var holders: [String: [Digest: Int]] = [:]
  private var reserved: [String: UInt64] = [:]

  /// What a file costs at least, however short it is.
  private static let block: UInt64 = 4096
  /// Unfinished uploads of one account that may wait to be continued.
  private static let maximumLeftovers = 16

  /// A ledger of accounts that may each have `limit` bytes in uploads and unfinished jobs.
  init(store: Store, shelf: ArtifactShelf, artifacts: ArtifactStore, limit: UInt64) {
    self.store = store
    self.shelf = shelf
    self.artifacts = artifacts
    self.limit = limit
  }

  /// Changes what each account may have from now on.
  func setLimit(_ bytes: UInt64) { locked { limit = bytes } }

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
  /// - Throws: `tooMany` where the account's jobs and uploads have as many bytes as they may, `noRoomForUploads` where only
  ///   the disk's reserve is left.
  func makeRoom(
    for digest: Digest, bytes: UInt64, of member: String, account: String? = nil
  ) throws(CoordinatorError) -> Room {
    let account = account ?? member
    let members = Set(try store.members(ofAccount: account)).union([member])
    let needed = try store.artifacts(ofUnfinishedJobsOf: account).compactMap { Digest(bytes: $0) }
    let size = max(bytes, Self.block)
    let (fits, allowed) = locked { () -> (Bool, UInt64) in
      let others = members.reduce(into: Set(needed)) {
        $0.formUnion(holders[$1, default: [:]].keys)
      }
      let taken = others.reduce(reserved[account, default: 0]) {
        $0 &+ max(artifacts.size(of: $1) ?? 0, Self.block)
      }
      guard taken <= limit, size <= limit - taken else { return (false, limit) }
      clearLeftovers(of: members, keeping: digest, room: limit - taken - size)
      reserved[account, default: 0] += size
      return (true, limit)
    }
    guard fits else {
      throw .tooMany(
        what: "bytes of one client's uploads and unfinished jobs", limit: Int(clamping: allowed))
    }
    let room = Room { [weak self] in
      self?.locked {
        let rest = (self?.reserved[account] ?? size) - size
        self?.reserved[account] = rest > 0 ? rest : nil
      }
    }
    try checkDisk(for: digest, bytes: bytes, of: member)
    return room
  }

  /// Refuses an upload that would use the last part of the disk: jobs under way write there. What an earlier attempt left
  /// is there already.
  private func checkDisk(
    for digest: Digest, bytes: UInt64, of member: String
  ) throws(CoordinatorError) {
    let left = artifacts.leftovers(of: [member]).first { $0.name.hasPrefix(digest.hex) }?.bytes ?? 0
    let needed = bytes > left ? bytes - left : 0
    guard let available = artifacts.roomForTransfers, needed > available else { return }
    throw .noRoomForUploads(path: artifacts.directory, needed: needed, available: available)
  }

  /// Removes the oldest unfinished uploads of these members until few are left, and these have less than `room`.
  private func clearLeftovers(of members: Set<String>, keeping digest: Digest, room: UInt64) {
    let left = artifacts.leftovers(of: members).filter { !$0.name.hasPrefix(digest.hex) }
    var bytes = left.reduce(UInt64(0)) { $0 + max($1.bytes, Self.block) }
    for (number, entry) in left.enumerated() {
      if left.count - number <= Self.maximumLeftovers, bytes <= room { return }
      artifacts.removeLeftover(entry.name)
      bytes -= max(entry.bytes, Self.block)
    }
  }

  /// Keeps an artifact that is here for a member, until `release`; false where it is not here any more.
  func hold(_ digest: Digest, for member: String) -> Bool {
    do throws(CoordinatorError) {
      try shelf.hold([digest])
    } catch {
      return false
    }
    locked { holders[member, default: [:]][digest, default: 0] += 1 }
    return true
  }

  /// Undoes one `hold` of each; what nobody needs any more is removed.
  func release(_ digests: some Sequence<Digest>, of member: String) {
    let known: [Digest] = locked {
      digests.filter { digest in
        guard let count = holders[member]?[digest] else { return false }
        holders[member]?[digest] = count > 1 ? count - 1 : nil
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
