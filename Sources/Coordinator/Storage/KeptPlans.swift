import Foundation
import Glibc
import Synchronization
import Wire

/// The plans that a coordinator keeps: files in its home, of so many bytes together, the longest unused going first.
///
/// They are a help and no state: one that is gone or damaged is made again, no backup has them, and no error of theirs is
/// anybody's. Nothing in this process reads them; planning processes get links.
package final class KeptPlans: Sendable {
  /// How many are kept at most.
  package static let most = 256
  /// Bytes of all of them, unless an operator says otherwise.
  package static let standardBytes: UInt64 = 1 << 30

  private let folder: URL
  private let bytes: UInt64
  // Guards the folder: who makes room must not meet who takes.
  private let lock = Mutex(())

  /// The plans in a folder, which is made; of more than `bytes` bytes the oldest go.
  ///
  /// - Parameter bytes: 0 keeps none.
  package init(in folder: URL, bytes: UInt64) throws(CoordinatorError) {
    (self.folder, self.bytes) = (folder, bytes)
    do {
      try PrivateFolder.make(folder.path)
    } catch {
      throw CoordinatorError(error)
    }
    lock.withLock { _ in trim() }
  }

  /// Lets a planning process use what there is for a key.
  package func lend(_ key: KeptPlanKey, to files: KeptPlanFiles) {
    lock.withLock { _ in
      for scope in KeptPlanKey.Scope.allCases {
        let path = path(key, scope)
        guard link(path, files.path(scope)) == 0 else { continue }
        // Used now; the time of the file is what the oldest is told by.
        utimensat(AT_FDCWD, path, nil, 0)
      }
    }
  }

  /// Keeps what a planning process left for a key, in place of what there was.
  package func take(_ key: KeptPlanKey, from files: KeptPlanFiles) {
    lock.withLock { _ in
      var isNew = false
      for scope in KeptPlanKey.Scope.allCases
      where rename(files.freshPath(scope), path(key, scope)) == 0 {
        isNew = true
      }
      if isNew { trim() }
    }
  }

  /// Keeps nothing for a key: whoever used it broke.
  package func drop(_ key: KeptPlanKey) {
    lock.withLock { _ in
      for scope in KeptPlanKey.Scope.allCases { unlink(path(key, scope)) }
    }
  }

  /// Removes those that nobody has used since a time, in seconds since 1970.
  package func expire(usedBefore time: Double) {
    lock.withLock { _ in
      for entry in entries where entry.used < time { unlink(entry.path) }
    }
  }

  private func path(_ key: KeptPlanKey, _ scope: KeptPlanKey.Scope) -> String {
    folder.appendingPathComponent(key.digest(scope).hex).path
  }

  /// Makes room. Only under the lock.
  private func trim() {
    var room = bytes
    for (number, entry) in entries.sorted(by: { $0.used > $1.used }).enumerated() {
      if number < Self.most, entry.bytes <= room {
        room -= entry.bytes
      } else {
        room = 0
        unlink(entry.path)
      }
    }
  }

  private var entries: [(path: String, used: Double, bytes: UInt64)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.compactMap { name in
      let path = folder.appendingPathComponent(name).path
      var info = stat()
      guard lstat(path, &info) == 0 else { return nil }
      let used = Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) / 1e9
      return (path, used, UInt64(clamping: info.st_size))
    }
  }
}
