import Glibc

extension ArtifactStore {
  /// Answers a request for part of an artifact: pieces in order, or one `artifactMissing`.
  package func answer(
    _ digest: Digest, offset: UInt64, length: UInt64,
    send: (Message) throws(WireError) -> Void
  ) throws(WireError) {
    guard let (file, total) = openForServing(digest) else {
      return try send(.artifactMissing(digest))
    }
    defer { close(file) }
    var place = min(offset, total)
    let end = place + min(length, total - place)
    repeat {
      let count = Int(min(UInt64(Message.Limit.piece), end - place))
      let bytes = try DurableFile.read(file, offset: place, count: count, path: path(of: digest))
      guard bytes.count == count else {
        throw .storage(path: path(of: digest), operation: "read", reason: "the file is too short")
      }
      try send(.artifactPiece(digest, offset: place, total: total, bytes: bytes))
      place += UInt64(count)
    } while place < end
  }

  /// The first piece of part of an artifact, and where the rest of that part begins and how long it is; `artifactMissing`
  /// where it is not here.
  func piece(
    of digest: Digest, offset: UInt64, length: UInt64
  ) throws(WireError) -> (message: Message, next: UInt64, rest: UInt64) {
    guard let (file, total) = openForServing(digest) else {
      return (.artifactMissing(digest), 0, 0)
    }
    defer { close(file) }
    let place = min(offset, total)
    let wanted = min(length, total - place)
    let count = min(UInt64(Message.Limit.piece), wanted)
    let bytes = try DurableFile.read(
      file, offset: place, count: Int(count), path: path(of: digest))
    guard UInt64(bytes.count) == count else {
      throw .storage(path: path(of: digest), operation: "read", reason: "the file is too short")
    }
    return (
      .artifactPiece(digest, offset: place, total: total, bytes: bytes), place + count,
      wanted - count
    )
  }

  /// An artifact's file, open and marked as just used, and its size; nil where it is not here.
  ///
  /// It may be removed at any time: what is open can be read to its end.
  private func openForServing(_ digest: Digest) -> (file: Int32, total: UInt64)? {
    let file = open(path(of: digest), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    guard let total = touch(digest) else {
      close(file)
      return nil
    }
    return (file, total)
  }

  /// Copies a file into the store, piece by piece, and returns its digest.
  package func addFile(at source: String) throws(WireError) -> Digest {
    let file = open(source, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw DurableFile.fault(source, "open") }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw DurableFile.fault(source, "examine") }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .storage(path: source, operation: "read", reason: "not a file")
    }
    try makeRoom(for: UInt64(info.st_size))
    let copy = "\(directory)/\(Hex.encode(Sodium.randomBytes(8))).tmp"
    let target = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw DurableFile.fault(copy, "create") }
    var isMoved = false
    defer {
      close(target)
      if !isMoved { unlink(copy) }
    }
    var hasher = DigestHasher()
    var place: UInt64 = 0
    while true {
      let bytes = try DurableFile.read(
        file, offset: place, count: Message.Limit.piece, path: source)
      if bytes.isEmpty { break }
      hasher.update(bytes)
      place += UInt64(bytes.count)
      guard place <= maximumArtifact else {
        throw .artifactTooLarge(found: place, limit: maximumArtifact)
      }
      try DurableFile.write(bytes, to: target, path: copy)
    }
    try DurableFile.flush(target, path: copy)
    let digest = hasher.finish()
    if contains(digest) {
      try use(digest)
      return digest
    }
    guard rename(copy, path(of: digest)) == 0 else { throw DurableFile.fault(copy, "rename") }
    isMoved = true
    try DurableFile.flushDirectory(of: path(of: digest))
    register(digest, size: place)
    return digest
  }

  /// Takes over a file of the same file system that holds this artifact, by renaming; its bytes are verified when they
  /// are read. Nothing happens where the artifact is there already.
  package func adopt(_ digest: Digest, fileAt source: String) throws(WireError) {
    if contains(digest) { return try use(digest) }
    var info = stat()
    guard lstat(source, &info) == 0 else { throw DurableFile.fault(source, "examine") }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .storage(path: source, operation: "adopt", reason: "not a file")
    }
    try makeRoom(for: UInt64(info.st_size))
    guard rename(source, path(of: digest)) == 0 else { throw DurableFile.fault(source, "rename") }
    try DurableFile.flushDirectory(of: path(of: digest))
    register(digest, size: UInt64(info.st_size))
  }
}
