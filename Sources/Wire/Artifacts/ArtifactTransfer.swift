import Glibc
import Synchronization

/// One artifact on its way into a store: writes pieces to a partial file and verifies the whole.
///
/// The owner sends what `start` and `receive` return and passes every piece with this digest to `receive`.
/// When the transfer is abandoned, the partial file stays for the next one.
package final class ArtifactTransfer: Sendable {
  /// What the owner has to do after a piece.
  package enum Progress: Equatable, Sendable {
    /// Send these requests (there may be none) and wait for more pieces.
    case wants([Message])
    /// The artifact is in the store, verified.
    case complete
  }

  private struct State {
    var download: ArtifactDownload
    var hasher: DigestHasher
    var isOver = false
  }

  /// Which artifact this is.
  package let digest: Digest
  private let store: ArtifactStore
  private let path: String
  private let file: Int32
  private let state: Mutex<State>

  fileprivate init(
    store: ArtifactStore, digest: Digest, path: String, file: Int32, hasher: DigestHasher,
    received: UInt64
  ) {
    self.store = store
    self.digest = digest
    self.path = path
    self.file = file
    state = Mutex(
      State(
        download: ArtifactDownload(
          digest: digest, received: received, limit: store.maximumArtifact),
        hasher: hasher))
  }

  deinit {
    close(file)
    // A second transfer's file has a name that nobody would look for again; an empty one is worth nothing.
    let isEmpty = state.withLock { $0.download.received == 0 && !$0.isOver }
    if isEmpty || path.hasSuffix(ArtifactStore.secondSuffix) { unlink(path) }
    store.state.withLock { _ = $0.activePartials.remove(path) }
  }

  /// The first request.
  package func start() -> Message {
    message(state.withLock { $0.download.start() })
  }

  /// Bytes that are there, and the size once it is known: for a progress display.
  package var progress: (received: UInt64, total: UInt64?) {
    state.withLock { ($0.download.received, $0.download.total) }
  }

  /// Writes a piece; after an error the transfer is over.
  ///
  /// - Throws: `digestMismatch` when the whole is not what was asked for (the partial file is removed, so
  ///   that the next transfer starts afresh); `storageFull`; the errors of `ArtifactDownload`.
  package func receive(
    offset: UInt64, total: UInt64, bytes: [UInt8]
  ) throws(WireError) -> Progress {
    try state.withLock { state throws(WireError) in
      precondition(!state.isOver, "the transfer is over")
      do throws(WireError) {
        let isFirst = state.download.total == nil
        let wants = try state.download.receive(
          offset: offset, total: total, count: bytes.count)
        // Others fill the disk as well: what was free at the beginning need not be free now.
        try checkSpace(
          for: total, remaining: isFirst ? total - offset : UInt64(bytes.count))
        try DurableFile.write(bytes, to: file, path: path)
        state.hasher.update(bytes)
        guard state.download.isComplete else { return .wants(wants.map(message)) }
        try finish(found: state.hasher.finish(), size: total)
        state.isOver = true
        return .complete
      } catch {
        state.isOver = true
        // What contradicts itself is worth nothing; what a full disk or a lost peer cut short is.
        switch error {
        case .digestMismatch, .inconsistentPiece, .artifactTooLarge: unlink(path)
        default: break
        }
        throw error
      }
    }
  }

  private func message(_ want: ArtifactDownload.Want) -> Message {
    .artifactWant(digest, offset: want.offset, length: want.length)
  }

  private func checkSpace(for total: UInt64, remaining: UInt64) throws(WireError) {
    if let budget = store.budget, total > budget {
      throw .storageFull(path: store.directory, needed: total, available: budget)
    }
    if let free = store.roomForTransfers, free < remaining {
      throw .storageFull(path: store.directory, needed: remaining, available: free)
    }
  }

  private func finish(found: Digest, size: UInt64) throws(WireError) {
    guard found == digest else { throw .digestMismatch(expected: digest, found: found) }
    try DurableFile.flush(file, path: path)
    try store.makeRoom(for: size)
    guard rename(path, store.path(of: digest)) == 0 else {
      throw DurableFile.fault(path, "rename")
    }
    try DurableFile.flushDirectory(of: store.path(of: digest))
    store.register(digest, size: size)
  }
}

extension ArtifactStore {
  /// Begins to receive an artifact, where an earlier transfer left off.
  ///
  /// Two transfers of the same artifact at once are allowed; only the first one continues the old file. With an
  /// `owner`, a name of letters and digits, only what that owner began is continued: where others' transfers stand is
  /// nobody else's business.
  package func transfer(
    _ digest: Digest, of owner: String? = nil
  ) throws(WireError) -> ArtifactTransfer {
    let preferred = "\(partialDirectory)/\(digest.hex)" + (owner.map { "-\($0)" } ?? "")
    let path = state.withLock { state in
      let path =
        state.activePartials.contains(preferred)
        ? "\(preferred).\(Hex.encode(Sodium.randomBytes(8)))\(Self.secondSuffix)" : preferred
      state.activePartials.insert(path)
      return path
    }
    do throws(WireError) {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { throw DurableFile.fault(path, "create") }
      var hasher = DigestHasher()
      var place: UInt64 = 0
      do throws(WireError) {
        while true {
          let bytes = try DurableFile.read(
            file, offset: place, count: Message.Limit.piece, path: path)
          if bytes.isEmpty { break }
          hasher.update(bytes)
          place += UInt64(bytes.count)
        }
      } catch {
        close(file)
        throw error
      }
      lseek(file, off_t(place), SEEK_SET)
      return ArtifactTransfer(
        store: self, digest: digest, path: path, file: file, hasher: hasher, received: place)
    } catch {
      state.withLock { _ = $0.activePartials.remove(path) }
      throw error
    }
  }
}
