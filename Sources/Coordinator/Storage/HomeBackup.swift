import Foundation
import Glibc
import Wire

/// A home folder in one file, and back; the coordinator may run meanwhile.
///
/// The file is a tar archive with a consistent copy of the database, the artifacts that were there before and after it was
/// taken, keys and parameters. It holds every secret of the home: only its owner can read it.
public enum HomeBackup {
  private static let tar = "/usr/bin/tar"

  /// Writes the backup of a home folder.
  ///
  /// - Throws: `file` where there is no home or the file is there already, `diskFull`, `process` without tar.
  public static func create(of home: URL, at file: URL) throws(CoordinatorError) {
    let folder = HomeFolder(home)
    guard FileManager.default.fileExists(atPath: folder.database.path) else {
      throw .file(path: home.path, reason: "is no home folder of a coordinator")
    }
    if FileManager.default.fileExists(atPath: file.path) {
      throw .file(path: file.path, reason: "is there already")
    }
    let staging = try StagingFolder(in: home.appendingPathComponent("backups"))
    // Before and after the database: what a job needs in it was there at one of the two times.
    try linkArtifacts(folder, to: staging)
    let database = try SQLiteConnection(path: folder.database.path)
    try database.run(
      "VACUUM INTO ?", [.text(staging.path + "/" + folder.database.lastPathComponent)])
    try linkArtifacts(folder, to: staging)
    for key in [folder.coordinatorKey, folder.adminKey, folder.weightsSeed, folder.webhookSeed] {
      try link(key, to: staging.path + "/" + key.lastPathComponent)
    }
    try makeFolder(staging.path + "/srs")
    for name in names(folder.parameters.path) where name.hasSuffix(".srs") {
      try link(folder.parameters.appendingPathComponent(name), to: staging.path + "/srs/" + name)
    }
    // A name of its own: what else lies there is somebody's.
    let partial = "\(file.path).\(SystemRandom.name()).partial"
    guard
      FileManager.default.createFile(
        atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw .file(path: partial, reason: "cannot be written") }
    do throws(CoordinatorError) {
      try run(["-C", staging.path, "-cf", partial, "."], writing: partial)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
    guard rename(partial, file.path) == 0 else {
      throw .file(path: file.path, reason: String(cString: strerror(errno)))
    }
  }

  /// Makes a home folder from a backup: all of it, or nothing.
  ///
  /// Removes first what restores of the same home left behind that were killed, and returns where that was.
  ///
  /// - Throws: `file` where the folder is there and not empty, or the file is no backup or a damaged one; `diskFull`.
  @discardableResult
  public static func restore(_ file: URL, to home: URL) throws(CoordinatorError) -> [String] {
    let folder = HomeFolder(home)
    if FileManager.default.fileExists(atPath: folder.database.path) {
      throw .file(path: home.path, reason: "holds a coordinator's state already")
    }
    if !names(home.path).isEmpty {
      throw .file(path: home.path, reason: "is not empty; name a folder that is not there yet")
    }
    guard FileManager.default.isReadableFile(atPath: file.path) else {
      throw .file(path: file.path, reason: "cannot be read")
    }
    // Beside its place, so that what breaks off half-way is no home.
    let removed = RestoreFolder.removeLeftovers(beside: folder.url)
    let place = try RestoreFolder(beside: folder.url)
    let fresh = place.home
    defer {
      try? FileManager.default.removeItem(at: fresh.url)
      place.release()
    }
    do throws(CoordinatorError) {
      try run(["-C", fresh.url.path, "--no-same-owner", "-xf", file.path], writing: home.path)
    } catch .process(_, let reason) {
      throw .file(path: file.path, reason: "is damaged, or no backup of a coordinator (\(reason))")
    }
    for part in [fresh.database, fresh.coordinatorKey, fresh.adminKey] {
      guard FileManager.default.fileExists(atPath: part.path) else {
        throw .file(
          path: file.path,
          reason: "is no backup of a coordinator: it has no \(part.lastPathComponent)")
      }
    }
    do throws(CoordinatorError) {
      // A damaged one is found now and not at the next start.
      try Store(path: fresh.database.path).check()
    } catch {
      throw .file(path: file.path, reason: "its database is damaged (\(error))")
    }
    guard rename(fresh.url.path, folder.url.path) == 0 else {
      throw .file(path: home.path, reason: String(cString: strerror(errno)))
    }
    return removed
  }

  private static func linkArtifacts(
    _ folder: HomeFolder, to staging: StagingFolder
  ) throws(CoordinatorError) {
    try makeFolder(staging.path + "/artifacts")
    for name in names(folder.artifacts.path) where Digest(hex: name) != nil {
      try link(
        folder.artifacts.appendingPathComponent(name), to: staging.path + "/artifacts/" + name)
    }
  }

  /// Links a file; one that is not there, any more or yet, is left out.
  private static func link(_ source: URL, to path: String) throws(CoordinatorError) {
    if Glibc.link(source.path, path) == 0 || errno == EEXIST || errno == ENOENT { return }
    if errno == EXDEV, (try? FileManager.default.copyItem(atPath: source.path, toPath: path)) != nil
    {
      return
    }
    if errno == ENOSPC { throw .diskFull(path: path) }
    throw .file(path: source.path, reason: String(cString: strerror(errno)))
  }

  private static func makeFolder(_ path: String) throws(CoordinatorError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    if errno == ENOSPC { throw .diskFull(path: path) }
    throw .file(path: path, reason: String(cString: strerror(errno)))
  }

  private static func names(_ path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  }

  /// Runs tar; `path` is what it writes, for the error where there is no room for that.
  private static func run(_ words: [String], writing path: String) throws(CoordinatorError) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tar)
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.environment = ["LC_ALL": "C"]
    let errors = Pipe()
    process.standardError = errors
    do { try process.run() } catch { throw .process(name: tar, reason: "cannot be started") }
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      if text.contains("No space left") { throw .diskFull(path: path) }
      // The first line says what is wrong, later ones that it could not go on.
      let line = text.split(separator: "\n").first.map(String.init) ?? "it failed"
      throw .process(name: tar, reason: line)
    }
  }
}
