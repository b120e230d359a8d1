import Foundation
import Glibc

/// The folder beside a home in which a restore makes it, locked for as long as that takes.
///
/// Where a restore is killed the folder stays, with all secrets of the home; the next restore of the same home removes it.
struct RestoreFolder {
  let home: HomeFolder
  private let lock: HomeLock

  /// Makes an empty one.
  init(beside home: URL) throws(CoordinatorError) {
    self.home = HomeFolder(URL(fileURLWithPath: "\(home.path).\(SystemRandom.name()).restoring"))
    try self.home.create()
    lock = try self.home.lock()
  }

  /// To be called when it is the home, or was removed: others may have it.
  func release() { lock.release() }

  /// Removes what killed restores of a home left behind, and returns the paths.
  ///
  /// Only folders of this user, with a name that restores give them, and that no restore has locked.
  static func removeLeftovers(beside home: URL) -> [String] {
    let (parent, start) = (home.deletingLastPathComponent(), home.lastPathComponent + ".")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    var removed: [String] = []
    for name in names.sorted() where isLeftover(name, start: start) {
      let url = parent.appendingPathComponent(name)
      var info = stat()
      guard lstat(url.path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR,
        info.st_uid == geteuid(),
        // Held until it is gone: whoever would use it meanwhile is told that it is in use.
        let lock = try? HomeFolder(url).lock()
      else { continue }
      if (try? FileManager.default.removeItem(at: url)) != nil { removed.append(url.path) }
      lock.release()
    }
    return removed
  }

  private static func isLeftover(_ name: String, start: String) -> Bool {
    guard name.hasPrefix(start), name.hasSuffix(".restoring") else { return false }
    let middle = name.dropFirst(start.count).dropLast(".restoring".count)
    return middle.count == SystemRandom.name().count
      && middle.allSatisfy { $0.isASCII && $0.isHexDigit }
  }
}
