import Glibc
import Synchronization
import Wire

/// Remembers, across restarts, under which challenges each blinding was used, and refuses any other.
///
/// An instance's blinding comes from its seed. Answering a step under two different challenges with the same blinding,
/// or committing to two different witnesses with it, would tell more than a proof does. Each record binds
/// (hash(seed), step) to hash(payload); step 0 binds the task itself. Records are flushed to the disk before the
/// answer leaves; a record cut short by a crash was never answered and is dropped.
///
/// The file does not grow for ever: once it holds more than `capacity` of them, the seeds of the older half are *retired*, each
/// to a single record under which every use is refused. A retired seed gets fewer answers than before and never
/// another one, so retiring is sound whenever it happens; it only costs a replay of a share that is as old as that.
package final class ChallengeLedger: Sendable {
  /// The same blinding was used under another challenge.
  package struct Conflict: Error, Equatable, Sendable {
    /// The only value.
    package init() {}
  }

  /// One use of an instance's blinding.
  package struct Use: Equatable, Sendable {
    fileprivate let key: Key
    fileprivate let value: Digest

    /// The blinding of a seed under the payload of a step; step 0 stands for the assignment.
    package init(seed: [UInt8], step: UInt8, payload: [UInt8]) {
      precondition(step == 0 || steps.contains(step))
      let hash = Digest(of: Array("ezkl-ledger/1".utf8) + seed)
      key = Key(seed: Array(hash.bytes.prefix(Key.seedBytes)), step: step)
      value = Digest(of: payload)
    }
  }

  /// The steps that can be recorded.
  package static let steps: ClosedRange<UInt8> = 1...254
  /// Records in 64 MiB.
  package static let defaultCapacity = 1 << 20

  /// A seed, by the start of its hash, and a step of its share.
  fileprivate struct Key: Hashable, Sendable {
    static let seedBytes = Digest.byteCount - 1
    /// The step under which a retired seed is remembered.
    static let retired: UInt8 = 255

    let seed: [UInt8]
    let step: UInt8

    var bytes: [UInt8] { seed + [step] }
  }

  private struct State {
    /// In the order of the file.
    var order: [Key] = []
    var records: [Key: Digest] = [:]
    /// Records that are not those of retired seeds.
    var live = 0
    var file: Int32

    mutating func take(_ key: Key, _ value: Digest) {
      guard records.updateValue(value, forKey: key) == nil else { return }
      order.append(key)
      if key.step != Key.retired { live += 1 }
    }
  }

  private static let recordBytes = 2 * Digest.byteCount
  private let path: String
  private let capacity: Int
  private let state: Mutex<State>

  /// Opens the file, making it where needed; whoever opens it must hold the home's lock.
  package init(path: String, capacity: Int = defaultCapacity) throws(WorkerError) {
    self.path = path
    self.capacity = capacity
    let file = try Self.open(path, O_CREAT)
    var opened = State(file: file)
    do throws(WorkerError) {
      try Self.load(&opened, path)
      try Self.retire(&opened, capacity, path)
    } catch {
      close(opened.file)
      throw error
    }
    state = Mutex(opened)
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
        guard state.records[Key(seed: use.key.seed, step: Key.retired)] == nil else {
          throw Conflict()
        }
        guard let known = state.records[use.key] ?? fresh.first(where: { $0.key == use.key })?.value
        else {
          fresh.append(use)
          continue
        }
        guard known == use.value else { throw Conflict() }
      }
      guard !fresh.isEmpty else { return }
      try Self.append(fresh.flatMap { $0.key.bytes + $0.value.bytes }, to: state.file, path)
      for use in fresh { state.take(use.key, use.value) }
      try Self.retire(&state, capacity, path)
    }
  }

  // MARK: The file

  private static func open(_ path: String, _ flags: Int32) throws(WorkerError) -> Int32 {
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC | O_APPEND | flags, 0o600)
    guard file >= 0 else { throw fault(path) }
    return file
  }

  private static func load(_ state: inout State, _ path: String) throws(WorkerError) {
    let contents: [UInt8]
    do {
      contents = try DurableFile.read(path, limit: 1 << 32)
    } catch {
      throw .file(path: path, reason: error.description)
    }
    let whole = contents.count - contents.count % recordBytes
    if whole < contents.count, ftruncate(state.file, off_t(whole)) != 0 { throw fault(path) }
    for start in stride(from: 0, to: whole, by: recordBytes) {
      let middle = start + Digest.byteCount
      let key = Key(
        seed: Array(contents[start..<start + Key.seedBytes]), step: contents[middle - 1])
      guard let value = Digest(bytes: contents[middle..<start + recordBytes]) else { continue }
      state.take(key, value)
    }
  }

  private static func append(_ bytes: [UInt8], to file: Int32, _ path: String) throws(WorkerError) {
    let before = lseek(file, 0, SEEK_END)
    do {
      try DurableFile.write(bytes, to: file, path: path)
    } catch {
      // Half a record must not shift those that follow.
      _ = ftruncate(file, before)
      throw .file(path: path, reason: error.description)
    }
    guard fsync(file) == 0 else {
      _ = ftruncate(file, before)
      throw fault(path)
    }
  }

  /// Writes the ledger anew with its older half retired, where it is full.
  private static func retire(_ state: inout State, _ capacity: Int, _ path: String)
    throws(WorkerError)
  {
    guard state.live > capacity else { return }
    // A seed is as young as its last record; what was retired once stays so.
    let young = Set(
      state.order.suffix(capacity / 2).filter { $0.step != Key.retired }.map(\.seed))
    var smaller = State(file: state.file)
    for key in state.order {
      if young.contains(key.seed) {
        smaller.take(key, state.records[key] ?? Digest(of: []))
      } else {
        smaller.take(Key(seed: key.seed, step: Key.retired), Digest(of: []))
      }
    }
    var bytes: [UInt8] = []
    for key in smaller.order { bytes += key.bytes + (smaller.records[key]?.bytes ?? []) }
    do {
      try DurableFile.create(at: path, contents: bytes)
    } catch {
      throw .file(path: path, reason: error.description)
    }
    // The old file has no name any more: nothing may be recorded in it, even if the new one cannot be opened.
    close(state.file)
    smaller.file = -1
    state = smaller
    state.file = try open(path, 0)
  }

  private static func fault(_ path: String) -> WorkerError {
    errno == ENOSPC
      ? .diskFull(path: path) : .file(path: path, reason: String(cString: strerror(errno)))
  }
}
