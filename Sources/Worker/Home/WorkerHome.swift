import Glibc
import Wire

/// A worker's folder: its key, the coordinator it belongs to, its ledger and its artifacts; closed to other users.
///
/// `worker.key`, `coordinator.pub`, `ledger`, `artifacts/`, `bases/`, `lock`. One worker at a time uses it: the lock is
/// what makes the ledger trustworthy, and the kernel frees it however the process ends.
package final class WorkerHome: Sendable {
  /// The folder.
  package let path: String
  /// This worker's identity.
  package let identity: StaticKey
  /// The record of challenges answered.
  package let ledger: ChallengeLedger
  /// The artifacts kept on the disk.
  package let artifacts: ArtifactStore
  private let lockFile: Int32

  /// Opens the folder, making it where needed, and takes its lock.
  package init(path: String, artifactBudget: UInt64) throws(WorkerError) {
    self.path = path
    do throws(WireError) {
      try PrivateFolder.claim(path)
    } catch {
      throw WorkerError(error)
    }
    lockFile = try Self.lock(path)
    do throws(WireError) {
      identity = try StaticKey.loadOrCreate(at: path + "/worker.key")
      artifacts = try ArtifactStore(directory: path + "/artifacts", budget: artifactBudget)
    } catch {
      close(lockFile)
      throw WorkerError(error)
    }
    do throws(WorkerError) {
      ledger = try ChallengeLedger(path: path + "/ledger")
    } catch {
      close(lockFile)
      throw error
    }
  }

  deinit { close(lockFile) }

  /// `$XDG_STATE_HOME/ezkl-worker`, or `~/.ezkl-worker`.
  package static func defaultPath(environment: (String) -> String?) -> String {
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return state + "/ezkl-worker"
    }
    return (environment("HOME") ?? ".") + "/.ezkl-worker"
  }

  /// The coordinator that admitted this worker at an address, if one is remembered.
  package func coordinator(at address: Endpoint) throws(WorkerError) -> PublicKey? {
    let file = path + "/coordinator.pub"
    guard access(file, F_OK) == 0 else { return nil }
    let text: String
    do {
      text = String(decoding: try DurableFile.read(file, limit: 4096), as: UTF8.self)
    } catch {
      throw .file(path: file, reason: error.description)
    }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let key = PublicKey(hex: words[0]) else {
      throw .file(path: file, reason: "it is damaged; remove it and join with a token")
    }
    return words[1] == address.description ? key : nil
  }

  /// Remembers the coordinator, so that the next connection needs no token.
  package func remember(_ coordinator: PublicKey, at address: Endpoint) throws(WorkerError) {
    let file = path + "/coordinator.pub"
    do {
      try DurableFile.create(at: file, contents: Array("\(coordinator.hex) \(address)\n".utf8))
    } catch {
      throw .file(path: file, reason: error.description)
    }
  }

  private static func lock(_ folder: String) throws(WorkerError) -> Int32 {
    let path = folder + "/lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(file)
      if code == EWOULDBLOCK { throw .homeInUse(path: folder) }
      throw .file(path: path, reason: String(cString: strerror(code)))
    }
    return file
  }
}
