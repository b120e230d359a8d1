import Glibc

extension ArtifactStore {
  /// A complete artifact found on the disk.
  struct FoundFile {
    var digest: Digest
    var size: UInt64
    var modified: Int64
  }

  /// The beginning of an artifact, of a transfer that broke off.
  package struct Leftover: Equatable, Sendable {
    /// The file's name.
    package let name: String
    /// Its size.
    package let bytes: UInt64
    /// Seconds since 1970 at which it was last written.
    package let modified: Double

    /// What is known of a file.
    package init(name: String, bytes: UInt64, modified: Double) {
      self.name = name
      self.bytes = bytes
      self.modified = modified
    }
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

  /// What transfers left behind that are not under way, oldest first: of some owners, or of all.
  package func leftovers(of owners: Set<String>? = nil) -> [Leftover] {
    var found: [Leftover] = []
    for name in (try? Self.names(in: partialDirectory)) ?? [] {
      if let owners, !owners.contains(String(name.drop { $0 != "-" }.dropFirst())) { continue }
      var info = stat()
      let path = "\(partialDirectory)/\(name)"
      guard !isActive(path), lstat(path, &info) == 0 else { continue }
      found.append(
        Leftover(
          name: name, bytes: UInt64(info.st_size), modified: Double(info.st_mtim.tv_sec)))
    }
    return found.sorted { ($0.modified, $0.name) < ($1.modified, $1.name) }
  }

  /// Seconds since 1970 at which an artifact was last written or used; nil where it is not there.
  package func lastUse(of digest: Digest) -> Double? {
    var info = stat()
    guard lstat(path(of: digest), &info) == 0 else { return nil }
    return Double(info.st_mtim.tv_sec)
  }

  /// Removes what a transfer left behind, unless another one goes on with it meanwhile.
  package func removeLeftover(_ name: String) {
    let path = "\(partialDirectory)/\(name)"
    // A transfer is noted under this lock before it opens its file.
    state.withLock { if !$0.activePartials.contains(path) { unlink(path) } }
  }

  private func isActive(_ path: String) -> Bool {
    state.withLock { $0.activePartials.contains(path) }
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
