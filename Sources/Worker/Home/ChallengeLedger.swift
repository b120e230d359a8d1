import Glibc
import Synchronization
import Wire

/// Remembers, across restarts, under which challenges each blinding was used, and refuses any other.
///
/// An instance's blinding comes from its seed. Answering a step under two different challenges with the same blinding,
/// or committing to two different witnesses with it, would tell the coordinator more than a proof does. Each record
/// binds hash(seed, step) to hash(payload); step 0 binds the task itself. Records are flushed to the disk before the
/// answer leaves; a record cut short by a crash was never answered and is dropped.
package final class ChallengeLedger: Sendable {
  /// The same blinding was used under another challenge.
  package struct Conflict: Error, Equatable, Sendable {
    /// The only value.
    package init() {}
  }

  /// One use of an instance's blinding.
  package struct Use: Equatable, Sendable {
    fileprivate let key: Digest
    fileprivate let value: Digest

    /// The blinding of a seed under the payload of a step; step 0 stands for the assignment.
    package init(seed: [UInt8], step: UInt8, payload: [UInt8]) {
      key = Digest(of: Array("ezkl-ledger/1".utf8) + seed + [step])
      value = Digest(of: payload)
    }
  }

  private struct State {
    var records: [Digest: Digest] = [:]
    let file: Int32
  }

  private static let recordBytes = 2 * Digest.byteCount
  private let path: String
  private let state: Mutex<State>

  /// Opens the file, making it where needed; whoever opens it must hold the home's lock.
  package init(path: String) throws(WorkerError) {
    self.path = path
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o600)
    guard file >= 0 else { throw Self.fault(path) }
    let contents: [UInt8]
    do {
      contents = try DurableFile.read(path, limit: 1 << 32)
    } catch {
      close(file)
      throw .file(path: path, reason: error.description)
    }
    let whole = contents.count - contents.count % Self.recordBytes
    if whole < contents.count, ftruncate(file, off_t(whole)) != 0 {
      close(file)
      throw Self.fault(path)
    }
    var records: [Digest: Digest] = [:]
    for start in stride(from: 0, to: whole, by: Self.recordBytes) {
      let middle = start + Digest.byteCount
      let key = Digest(bytes: contents[start..<middle])
      let value = Digest(bytes: contents[middle..<start + Self.recordBytes])
      if let key, let value { records[key] = value }
    }
    state = Mutex(State(records: records, file: file))
  }

  deinit { state.withLock { _ = close($0.file) } }

  /// Number of records.
  package var count: Int { state.withLock { $0.records.count } }

  /// Records uses, all or none; returns once they are on the disk.
  ///
  /// - Throws: `Conflict` where one of them contradicts an earlier use, `WorkerError` where the disk fails.
  package func record(_ uses: [Use]) throws {
    try state.withLock { state in
      var fresh: [Use] = []
      for use in uses {
        guard let known = state.records[use.key] ?? fresh.first(where: { $0.key == use.key })?.value
        else {
          fresh.append(use)
          continue
        }
        guard known == use.value else { throw Conflict() }
      }
      guard !fresh.isEmpty else { return }
      let bytes = fresh.flatMap { $0.key.bytes + $0.value.bytes }
      let before = lseek(state.file, 0, SEEK_END)
      do {
        try DurableFile.write(bytes, to: state.file, path: path)
        guard fsync(state.file) == 0 else { throw Self.fault(path) }
      } catch {
        // Half a record must not shift those that follow.
        _ = ftruncate(state.file, before)
        if let wire = error as? WireError {
          throw WorkerError.file(path: path, reason: wire.description)
        }
        throw error
      }
      for use in fresh { state.records[use.key] = use.value }
    }
  }

  private static func fault(_ path: String) -> WorkerError {
    errno == ENOSPC
      ? .diskFull(path: path) : .file(path: path, reason: String(cString: strerror(errno)))
  }
}
