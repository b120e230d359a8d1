import Glibc
import Synchronization

/// A directory of files named by their SHA-256 digests, with an optional budget.
///
/// Files appear by renaming, complete and flushed. What has been received in part lies in `partial/` and is
/// continued later. Where a budget is set, the least recently used artifacts make room for new ones;
/// pinned ones stay. Thread-safe; one process per directory.
package final class ArtifactStore: Sendable {
  struct Entry {
    var size: UInt64
    var lastUse: UInt64
    var pins = 0
  }

  struct State {
    var entries: [Digest: Entry] = [:]
    var total: UInt64 = 0
    var clock: UInt64 = 0
    var activePartials: Set<String> = []

    mutating func tick() -> UInt64 {
      clock += 1
      return clock
    }
  }

  /// Where the files are.
  package let directory: String
  /// Largest artifact that the store accepts, in bytes.
  package let maximumArtifact: UInt64
  /// Bytes that all artifacts together may have; nil means that nothing is ever evicted.
  package let budget: UInt64?
  /// What transfers leave free of the file system, for everything else that is written there.
  package let reserve: DiskReserve
  let state: Mutex<State>

  var partialDirectory: String { directory + "/partial" }

  /// Opens a directory, making it where needed, and forgets half-written files of an earlier process.
  package init(
    directory: String, maximumArtifact: UInt64 = 64 << 30, budget: UInt64? = nil,
    reserve: DiskReserve = .none
  ) throws(WireError) {
    self.directory = directory
    self.maximumArtifact = maximumArtifact
    self.budget = budget
    self.reserve = reserve
    state = Mutex(State())
    try PrivateFolder.make(directory)
    try PrivateFolder.make(partialDirectory)
    try Self.removeOrphans(in: partialDirectory)
    let found = try Self.scan(directory)
    state.withLock { state in
      // Oldest first, so that the order of use survives a restart.
      for file in found.sorted(by: { $0.modified < $1.modified }) {
        state.entries[file.digest] = Entry(size: file.size, lastUse: state.tick())
        state.total += file.size
      }
    }
  }

  /// All artifacts that are there.
  package var digests: [Digest] { state.withLock { $0.entries.keys.sorted() } }

  /// How many artifacts are there.
  package var count: Int { state.withLock { $0.entries.count } }

  /// Bytes of all artifacts together.
  package var totalBytes: UInt64 { state.withLock { $0.total } }

  /// Whether the artifact is there.
  package func contains(_ digest: Digest) -> Bool {
    state.withLock { $0.entries[digest] != nil }
  }

  /// The artifact's size in bytes; nil where it is not there.
  package func size(of digest: Digest) -> UInt64? {
    state.withLock { $0.entries[digest]?.size }
  }

  /// Where the artifact's file is, or would be.
  package func path(of digest: Digest) -> String { "\(directory)/\(digest.hex)" }

  /// The artifact's bytes, verified; a damaged file is removed.
  package func read(_ digest: Digest) throws(WireError) -> [UInt8] {
    try use(digest)
    let bytes = try DurableFile.read(path(of: digest), limit: maximumArtifact)
    let found = Digest(of: bytes)
    guard found == digest else {
      remove(digest)
      throw .digestMismatch(expected: digest, found: found)
    }
    return bytes
  }

  /// Stores bytes under their digest; costs nothing where they are there already.
  @discardableResult
  package func add(_ bytes: [UInt8]) throws(WireError) -> Digest {
    let digest = Digest(of: bytes)
    if contains(digest) {
      try use(digest)
      return digest
    }
    try makeRoom(for: UInt64(bytes.count))
    try DurableFile.create(at: path(of: digest), contents: bytes)
    register(digest, size: UInt64(bytes.count))
    return digest
  }

  /// Removes the artifact, if it is there.
  package func remove(_ digest: Digest) {
    state.withLock { state in
      if let entry = state.entries.removeValue(forKey: digest) { state.total -= entry.size }
      unlink(path(of: digest))
    }
  }

  /// Keeps the artifact from being evicted until `unpin`; false where it is not there.
  package func pin(_ digest: Digest) -> Bool {
    state.withLock { state in
      state.entries[digest]?.pins += 1
      return state.entries[digest] != nil
    }
  }

  /// Undoes one `pin`.
  package func unpin(_ digest: Digest) {
    state.withLock { state in
      guard let pins = state.entries[digest]?.pins else { return }
      precondition(pins > 0, "unpinned more often than pinned")
      state.entries[digest]?.pins = pins - 1
    }
  }

  /// Marks the artifact as just used, also for the next process.
  func use(_ digest: Digest) throws(WireError) {
    if touch(digest) == nil { throw .artifactMissing(digest) }
  }

  /// The same; returns the artifact's size, or nil where it is not there.
  func touch(_ digest: Digest) -> UInt64? {
    let size: UInt64? = state.withLock { state in
      let now = state.tick()
      state.entries[digest]?.lastUse = now
      return state.entries[digest]?.size
    }
    if size != nil { utimensat(AT_FDCWD, path(of: digest), nil, 0) }
    return size
  }

  /// Takes note of a file that has just appeared.
  func register(_ digest: Digest, size: UInt64) {
    state.withLock { state in
      guard state.entries[digest] == nil else { return }
      state.entries[digest] = Entry(size: size, lastUse: state.tick())
      state.total += size
    }
  }

  /// Evicts what has not been used for longest until `size` more bytes fit into the budget.
  func makeRoom(for size: UInt64) throws(WireError) {
    guard size <= maximumArtifact else {
      throw .artifactTooLarge(found: size, limit: maximumArtifact)
    }
    guard let budget else { return }
    try state.withLock { state throws(WireError) in
      let pinned = state.entries.values.reduce(0) { $0 + ($1.pins > 0 ? $1.size : 0) }
      let available = budget - min(budget, pinned)
      guard size <= available else {
        throw .storageFull(path: directory, needed: size, available: available)
      }
      while state.total + size > budget {
        guard
          let victim = state.entries.filter({ $0.value.pins == 0 })
            .min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return }
        unlink(path(of: victim.key))
        state.total -= victim.value.size
        state.entries[victim.key] = nil
      }
    }
  }
}
