import Foundation
import Testing
import Wire

/// Homes that others could read are closed or refused, and nothing is ever open for a moment.
@Suite struct PrivateFolderTests {
  private let root: String

  init() throws {
    root =
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "wire-tests-\(UUID().uuidString)"
      ).path
    try PrivateFolder.make(root)
  }

  private func mode(_ path: String) -> mode_t {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mode & 0o777 : 0
  }

  @Test func foldersAndFilesAreForTheirOwnerOnly() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let old = umask(0)
    defer { umask(old) }
    try PrivateFolder.make(root + "/a/b")
    try DurableFile.create(at: root + "/a/b/file", contents: [1])
    try PrivateFolder.prepareFile(root + "/empty")
    #expect(mode(root + "/a") == 0o700 && mode(root + "/a/b") == 0o700)
    #expect(mode(root + "/a/b/file") == 0o600 && mode(root + "/empty") == 0o600)
    chmod(root + "/empty", 0o644)
    try PrivateFolder.prepareFile(root + "/empty")
    #expect(mode(root + "/empty") == 0o600)
    let store = try ArtifactStore(directory: root + "/artifacts")
    let digest = try store.add([1, 2, 3])
    #expect(mode(store.directory) == 0o700 && mode(store.path(of: digest)) == 0o600)
    // What nothing was written to goes with the transfer.
    let partial = store.directory + "/partial/" + Digest(of: [9]).hex
    let transfer = try store.transfer(Digest(of: [9]))
    withExtendedLifetime(transfer) { #expect(mode(partial) == 0o600) }
  }

  @Test func anOpenHomeIsClosedAndAnybodyElsesFolderRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (name, content) in [("empty", nil), ("home", "worker.key"), ("other", "letter.txt")] {
      let path = "\(root)/\(name)"
      try PrivateFolder.make(path)
      if let content { try DurableFile.create(at: "\(path)/\(content)", contents: [1]) }
      chmod(path, 0o755)
      if name == "other" {
        #expect(throws: WireError.self) { try PrivateFolder.claim(path) }
        #expect(mode(path) == 0o755)
        // Once its owner has closed it himself, it will do.
        chmod(path, 0o700)
      }
      try PrivateFolder.claim(path)
      #expect(mode(path) == 0o700)
    }
    try DurableFile.create(at: root + "/file", contents: [])
    #expect(throws: WireError.self) { try PrivateFolder.claim(root + "/file") }
  }

  @Test func aWaitEndsInTimeOrWhenItIsWoken() {
    let condition = MonotonicCondition()
    let begin = MonotonicCondition.uptime
    condition.locked { #expect(!condition.wait(seconds: 0.05)) }
    #expect(MonotonicCondition.uptime - begin >= 0.05)
    // Only waiting gives the lock back, so the word cannot come before somebody listens.
    condition.lock()
    Thread.detachNewThread { condition.locked { condition.broadcast() } }
    #expect(condition.wait(seconds: 600))
    condition.unlock()
    try? FileManager.default.removeItem(atPath: root)
  }
}
