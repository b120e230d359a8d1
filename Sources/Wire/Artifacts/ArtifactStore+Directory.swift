import Glibc

extension ArtifactStore {
  /// A complete artifact found on the disk.
  struct FoundFile {
    var digest: Digest
    var size: UInt64
    var modified: Int64
  }

  /// What ends the names of second transfers' files.
  static let secondSuffix = ".second"

  /// Removes the files of second transfers of one artifact, which nobody would continue.
  static func removeOrphans(in partials: String) throws(WireError) {
    for name in try names(in: partials)
    where Digest(hex: name.prefix { $0 != "-" }) == nil || name.hasSuffix(secondSuffix) {
      unlink("\(partials)/\(name)")
    }
  }

  /// The artifacts in a directory; temporary files that an earlier process left behind are removed.
  static func scan(_ directory: String) throws(WireError) -> [FoundFile] {
    var found: [FoundFile] = []
    for name in try names(in: directory) {
      let path = "\(directory)/\(name)"
      if name.hasSuffix(".tmp") {
        unlink(path)
        continue
      }
      var info = stat()
      guard let digest = Digest(hex: name), digest.hex == name, lstat(path, &info) == 0,
        info.st_mode & S_IFMT == S_IFREG
      else { continue }
      let modified = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
      found.append(FoundFile(digest: digest, size: UInt64(info.st_size), modified: modified))
    }
    return found
  }

  /// The names of everything in a directory.
  static func names(in directory: String) throws(WireError) -> [String] {
    guard let handle = opendir(directory) else { throw DurableFile.fault(directory, "list") }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
