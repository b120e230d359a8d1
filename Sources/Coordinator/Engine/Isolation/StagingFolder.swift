import Foundation
import Glibc
import Wire

/// A folder that one planning process works in: what it may read, and what it makes. Removed with this object.
///
/// Inputs are hard links of the coordinator's artifacts, so that they stay whatever else removes them; what planning makes
/// is moved into the store once the database says whose it is.
final class StagingFolder: Sendable {
  /// The folder.
  let path: String
  /// The name of the file with the orders.
  static let orderName = "order"

  /// Makes a fresh folder below `parent`.
  init(in parent: URL) throws(CoordinatorError) {
    path = parent.appendingPathComponent(SystemRandom.name()).path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .file(path: path, reason: "cannot create the folder")
    }
  }

  deinit { remove() }

  /// Where the process finds its orders.
  var order: String { path + "/" + Self.orderName }
  /// Where the process leaves what it found.
  var reply: String { path + "/reply" }
  /// Where its standard error goes.
  var errors: String { path + "/errors" }

  /// Lets the process read an artifact.
  func link(_ digest: Digest, from artifacts: ArtifactStore) throws(CoordinatorError) {
    guard Glibc.link(artifacts.path(of: digest), "\(path)/\(digest.hex)") == 0 || errno == EEXIST
    else {
      if errno == ENOSPC { throw .diskFull(path: path) }
      throw .artifact(digest: digest.hex, reason: "is not here")
    }
  }

  /// Moves an artifact that the process made into the store; nothing is moved where the store has it.
  func move(_ digest: Digest, to artifacts: ArtifactStore) throws(CoordinatorError) {
    do {
      try artifacts.adopt(digest, fileAt: "\(path)/\(digest.hex)")
    } catch {
      throw CoordinatorError(error)
    }
  }

  /// Removes the folder and all that is left in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
