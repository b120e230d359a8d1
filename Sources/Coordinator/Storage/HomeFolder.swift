import Foundation
import Wire

/// The layout of a coordinator's home folder, and the lock that lets only one process use it.
///
/// `admin.key`, `coordinator.key`, `weights.seed`, `webhooks.seed`, `coordinator.sqlite`, `artifacts/`, `plans/`, `srs/`, `lock`. The folder is
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
  /// The secret that the keys follow from which messages about ends of jobs are signed with.
  package var webhookSeed: URL { url.appendingPathComponent("webhooks.seed") }
  /// The static key of the user who owns this home folder.
  public var adminKey: URL { url.appendingPathComponent("admin.key") }
  /// Files named by the hexadecimal digest of their content.
  public var artifacts: URL { url.appendingPathComponent("artifacts") }
  /// Plans that are kept for later jobs; they can be made again.
  package var plans: URL { url.appendingPathComponent("plans") }
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

  /// Refuses a home that lost its key or its database.
  ///
  /// A new key would make every member's pin of the old one fail; under a new database no job needs any artifact, and all
  /// proofs would go. A first start that was killed has no artifacts, and begins again.
  ///
  /// - Throws: `file`, naming the one that is missing.
  func checkIdentity() throws(CoordinatorError) {
    if hasDatabase, !FileManager.default.fileExists(atPath: coordinatorKey.path) {
      throw .file(
        path: coordinatorKey.path,
        reason: "is missing although there is a database: put the key back, or restore a backup")
    }
    if hasArtifacts, try !hasTables {
      throw .file(
        path: database.path,
        reason:
          "is missing or empty although there are proofs and other artifacts: put it back, restore a backup, or "
          + "move \(artifacts.path) elsewhere to begin anew")
    }
  }

  /// Whether there is a database with anything in it.
  private var hasDatabase: Bool {
    var info = stat()
    return stat(database.path, &info) == 0 && info.st_size > 0
  }

  /// Whether the database has its tables: one whose write-ahead log was lost may have none.
  private var hasTables: Bool {
    get throws(CoordinatorError) {
      guard hasDatabase else { return false }
      let rows = try SQLiteConnection(path: database.path).rows(
        "SELECT 1 FROM sqlite_master WHERE name = 'migrations'")
      return !rows.isEmpty
    }
  }

  private var hasArtifacts: Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: artifacts.path)) ?? []
    return names.contains { Digest(hex: $0) != nil }
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
