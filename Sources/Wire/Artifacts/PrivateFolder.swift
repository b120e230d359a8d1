import Glibc

/// Folders that only their owner may enter: they hold keys, seeds, witnesses and activations.
package enum PrivateFolder {
  /// What an own home folder holds at least one of; a folder with other things only is somebody else's.
  private static let marks: Set<String> = ["admin.key", "coordinator.key", "worker.key", "srs"]

  /// Makes a folder, and those above it that are missing, closed to others from the first moment.
  package static func make(_ path: String) throws(WireError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw DurableFile.fault(path, "make")
    }
    try make(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DurableFile.fault(path, "make") }
  }

  /// Makes a home folder, or closes one to others that was left open.
  ///
  /// A folder that others may enter is closed where it is empty or a home already. One that holds other things is
  /// refused: closing it could lock somebody out of what was never ours.
  ///
  /// - Throws: `storage` with the reason and what to do.
  package static func claim(_ path: String) throws(WireError) {
    try make(path)
    func refuse(_ reason: String) -> WireError {
      .storage(path: path, operation: "use", reason: reason)
    }
    var info = stat()
    guard stat(path, &info) == 0 else { throw DurableFile.fault(path, "examine") }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw refuse("it is not a folder") }
    guard info.st_uid == geteuid() else {
      throw refuse("it belongs to another user; choose a folder of your own")
    }
    guard info.st_mode & 0o077 != 0 else { return }
    let names = try ArtifactStore.names(in: path)
    guard names.isEmpty || names.contains(where: marks.contains) else {
      throw refuse(
        "others can read it and it holds other files; restrict it with chmod 700, or choose another folder"
      )
    }
    guard chmod(path, 0o700) == 0 else { throw DurableFile.fault(path, "restrict") }
  }

  /// Makes an empty file that only its owner may read, for a library that opens it by name; one that is there is closed
  /// to others.
  package static func prepareFile(_ path: String) throws(WireError) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw DurableFile.fault(path, "create") }
    defer { close(file) }
    guard fchmod(file, 0o600) == 0 else { throw DurableFile.fault(path, "restrict") }
  }
}
