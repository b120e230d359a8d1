import Foundation
import Wire

/// The layout of a coordinator's home folder, and the lock that lets only one process use it.
///
/// `admin.key`, `coordinator.key`, `weights.seed`, `coordinator.sqlite`, `artifacts/`, `srs/`, `lock`. The folder is
/// readable by its owner only: it holds keys and the witnesses of jobs.
public struct HomeFolder: Sendable {
  /// The folder itself.
  public let url: URL

  /// Public parameters: `<name>.srs`.
  public let parameters: URL

  /// Names the folder, and the one with the public parameters where that is elsewhere; nothing is created.
  public init(_ url: URL, parameters: URL? = nil) {
    self.url = url.standardizedFileURL
    self.parameters = parameters ?? self.url.appendingPathComponent("srs")
  }

  /// The database.
  package var database: URL { url.appendingPathComponent("coordinator.sqlite") }
  /// The coordinator's static key.
  public var coordinatorKey: URL { url.appendingPathComponent("coordinator.key") }
  /// The secret that the salts of weights follow from where they belong to a model, not to a job.
  package var weightsSeed: URL { url.appendingPathComponent("weights.seed") }
  /// The static key of the user who owns this home folder.
  public var adminKey: URL { url.appendingPathComponent("admin.key") }
  /// Files named by the hexadecimal digest of their content.
  public var artifacts: URL { url.appendingPathComponent("artifacts") }
  /// Where the running coordinator writes its address for clients on the same machine.
  public var address: URL { url.appendingPathComponent("address") }
  private var lockFile: URL { url.appendingPathComponent("lock") }

  /// Creates the folder and its sub-folders with access for the owner only, or closes a home that was left open.
  public func create() throws(CoordinatorError) {
    do {
      try PrivateFolder.claim(url.path)
      for folder in [artifacts, parameters] { try PrivateFolder.make(folder.path) }
    } catch {
      throw CoordinatorError(error)
    }
  }

  /// Refuses a home with a database and no key: a new key would make every member's pin of the old one fail.
  ///
  /// - Throws: `file`, naming the key.
  func checkIdentity() throws(CoordinatorError) {
    let files = FileManager.default
    guard files.fileExists(atPath: database.path), !files.fileExists(atPath: coordinatorKey.path)
    else { return }
    throw .file(
      path: coordinatorKey.path,
      reason: "is missing although there is a database: put the key back, or restore a backup")
  }

  /// Takes the lock that keeps a second coordinator out; it is freed with the returned object.
  package func lock() throws(CoordinatorError) -> HomeLock {
    try HomeLock(path: lockFile.path, home: url.path)
  }

  /// Writes a file so that it appears whole, durable and readable by its owner only, or not at all.
  static func write(_ bytes: [UInt8], to url: URL) throws(CoordinatorError) {
    do {
      try DurableFile.create(at: url.path, contents: bytes)
    } catch {
      throw CoordinatorError(error)
    }
  }
}

/// An advisory lock on a home folder; the kernel frees it when the process ends, however it ends.
package final class HomeLock: Sendable {
  private let descriptor: Int32

  /// Lets another coordinator in while this object still exists.
  func release() { flock(descriptor, LOCK_UN) }

  fileprivate init(path: String, home: String) throws(CoordinatorError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .file(path: path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK { throw .homeInUse(path: home) }
      throw .file(path: path, reason: String(cString: strerror(code)))
    }
  }

  deinit { close(descriptor) }
}
