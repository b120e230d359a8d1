import Foundation
import Glibc
import Synchronization
import Wire

/// The digest of the program that plans, found out when it is first needed and again when the file is another one.
final class PlannerIdentity: Sendable {
  /// What tells that a file was replaced or written to.
  private struct Stamp: Equatable {
    var device, inode: UInt64
    var bytes, seconds, nanoseconds: Int
  }

  private let path: String
  private let known = Mutex<(stamp: Stamp, digest: Digest)?>(nil)

  init(_ path: String) { self.path = path }

  /// SHA-256 of the file; nil where it cannot be read.
  var digest: Digest? {
    known.withLock { known in
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var info = stat()
      guard fstat(file, &info) == 0 else { return nil }
      let stamp = Stamp(
        device: UInt64(info.st_dev), inode: UInt64(info.st_ino), bytes: Int(info.st_size),
        seconds: Int(info.st_mtim.tv_sec), nanoseconds: Int(info.st_mtim.tv_nsec))
      if let known, known.stamp == stamp { return known.digest }
      known = Self.digest(file).map { (stamp, $0) }
      return known?.digest
    }
  }

  private static func digest(_ file: Int32) -> Digest? {
    var hasher = DigestHasher()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(file, &buffer, buffer.count)
      if count == 0 { return hasher.finish() }
      if count > 0 {
        hasher.update(buffer[..<count])
      } else if errno != EINTR {
        return nil
      }
    }
  }
}
