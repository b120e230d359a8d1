import Glibc

/// Files that are either there completely or not at all, also after a power failure, and that only their owner may read
/// from the first byte on.
package enum DurableFile {
  /// Writes `contents` to a temporary file, flushes it and moves it to `path`.
  ///
  /// - Throws: `storageFull` when the disk is full, `storage` for anything else; the temporary file is
  ///   removed. With `replacing` false, an existing file is an error and stays as it is.
  package static func create(
    at path: String, contents: [UInt8], replacing: Bool = true
  ) throws(WireError) {
    let temporary = "\(path).\(getpid()).\(Hex.encode(Sodium.randomBytes(8))).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw fault(path, "create") }
    var moved = false
    defer { if !moved { unlink(temporary) } }
    do {
      defer { close(file) }
      try write(contents, to: file, path: path)
      try flush(file, path: path)
    }
    if replacing {
      guard rename(temporary, path) == 0 else { throw fault(path, "replace") }
      moved = true
    } else {
      // A hard link fails where the name exists; renaming would silently replace it.
      guard link(temporary, path) == 0 else { throw fault(path, "create") }
    }
    try flushDirectory(of: path)
  }

  /// Writes all bytes at the file's current place.
  package static func write(
    _ bytes: [UInt8], to file: Int32, path: String
  ) throws(WireError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(file, buffer.baseAddress! + done, buffer.count - done)
      }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        throw fault(path, "write", needed: bytes.count - done)
      }
    }
  }

  /// Makes sure that the file's contents are on the disk.
  static func flush(_ file: Int32, path: String) throws(WireError) {
    guard fsync(file) == 0 else { throw fault(path, "flush") }
  }

  /// Makes sure that the names in the file's directory are on the disk.
  static func flushDirectory(of path: String) throws(WireError) {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let handle = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw fault(directory, "open") }
    defer { close(handle) }
    guard fsync(handle) == 0 else { throw fault(directory, "flush") }
  }

  /// The whole contents of a file of at most `limit` bytes.
  package static func read(_ path: String, limit: UInt64) throws(WireError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw fault(path, "open") }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw fault(path, "examine") }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .storage(path: path, operation: "read", reason: "not a file")
    }
    let size = UInt64(info.st_size)
    guard size <= limit else { throw .artifactTooLarge(found: size, limit: limit) }
    return try read(file, offset: 0, count: Int(size), path: path)
  }

  /// `count` bytes from `offset` on, or fewer where the file ends.
  static func read(
    _ file: Int32, offset: UInt64, count: Int, path: String
  ) throws(WireError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let got = pread(file, buffer.baseAddress! + done, count - done, off_t(offset) + done)
        if got == 0 { break }
        if got > 0 {
          done += got
        } else if errno != EINTR {
          failed = true
          break
        }
      }
    }
    if failed { throw fault(path, "read") }
    return bytes
  }

  /// The last system error; a full disk or quota gets a case of its own.
  static func fault(_ path: String, _ operation: String, needed: Int = 0) -> WireError {
    let number = errno
    if number == ENOSPC || number == EDQUOT {
      return .storageFull(
        path: path, needed: UInt64(needed), available: freeBytes(near: path) ?? 0)
    }
    if number == EMFILE || number == ENFILE {
      return .outOfDescriptors(path: path, operation: operation)
    }
    return .storage(path: path, operation: operation, reason: SystemError.text(number))
  }

  /// Bytes that an ordinary user may still write on the file system that holds `path`.
  static func freeBytes(near path: String) -> UInt64? { space(near: path)?.free }

  /// The size of the file system that holds `path`, and the bytes that an ordinary user may still write there.
  static func space(near path: String) -> (total: UInt64, free: UInt64)? {
    var info = statvfs()
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard statvfs(path, &info) == 0 || statvfs(directory, &info) == 0 else { return nil }
    let block = UInt64(info.f_frsize)
    return (UInt64(info.f_blocks) * block, UInt64(info.f_bavail) * block)
  }
}
