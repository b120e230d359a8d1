import Foundation
import Glibc
import Synchronization
import Testing
import Wire

struct ArtifactStoreTests {
  let folder: TemporaryDirectory
  var path: String { folder.path + "/artifacts" }

  init() throws { folder = try TemporaryDirectory() }

  func store(_ budget: UInt64? = nil, maximum: UInt64 = 1 << 30) throws -> ArtifactStore {
    try ArtifactStore(directory: path, maximumArtifact: maximum, budget: budget)
  }

  func names(_ sub: String = "") throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: path + sub)).subtracting(["partial"])
  }

  /// Moves an artifact from one store to another by messages; stops after `pieces` pieces.
  func move(
    _ digest: Digest, from source: ArtifactStore, to target: ArtifactStore, pieces: Int = .max,
    damage: (inout [UInt8]) -> Void = { _ in }
  ) throws -> (complete: Bool, bytes: Int) {
    let transfer = try target.transfer(digest)
    var queue = [transfer.start()]
    var (left, bytes) = (pieces, 0)
    while !queue.isEmpty {
      guard case .artifactWant(let wanted, let offset, let length) = queue.removeFirst() else {
        continue
      }
      var replies: [Message] = []
      try source.answer(wanted, offset: offset, length: length) { replies.append($0) }
      for reply in replies {
        guard case .artifactPiece(_, let offset, let total, var piece) = reply else {
          return (false, bytes)
        }
        if left == 0 { return (false, bytes) }
        left -= 1
        bytes += piece.count
        damage(&piece)
        switch try transfer.receive(offset: offset, total: total, bytes: piece) {
        case .complete: return (true, bytes)
        case .wants(let more): queue += more
        }
      }
    }
    return (false, bytes)
  }

  @Test func whatIsAddedCanBeRead() throws {
    let store = try store()
    for contents in [[], [1, 2, 3], Sodium.randomBytes(3 << 20)] {
      let digest = try store.add(contents)
      #expect(digest == Digest(of: contents))
      #expect(try store.read(digest) == contents)
      #expect(store.size(of: digest) == UInt64(contents.count))
      #expect(try store.add(contents) == digest)
    }
    #expect(try names() == Set(store.digests.map(\.hex)))
    let missing = Digest(of: [9, 9])
    #expect(throws: WireError.artifactMissing(missing)) { try store.read(missing) }
  }

  @Test func filesAreCopiedIn() throws {
    let store = try store()
    let contents = Sodium.randomBytes(2_500_000)
    let source = folder.path + "/model.onnx"
    try Data(contents).write(to: URL(filePath: source))
    let digest = try store.addFile(at: source)
    #expect(digest == Digest(of: contents))
    #expect(try store.addFile(at: source) == digest)
    #expect(try store.read(digest) == contents)
    #expect(try names() == [digest.hex])
    #expect(store.totalBytes == 2_500_000)
    #expect(throws: WireError.self) { try store.addFile(at: folder.path) }
    #expect(throws: WireError.self) { try store.addFile(at: folder.path + "/none") }
  }

  @Test func survivesARestart() throws {
    let digest = try store().add([1, 2, 3])
    try Data([1]).write(to: URL(filePath: path + "/half.tmp"))
    try Data([1]).write(to: URL(filePath: path + "/README"))
    try Data([1]).write(to: URL(filePath: path + "/partial/\(digest.hex).abcd"))
    let again = try store()
    #expect(again.digests == [digest])
    #expect(try again.read(digest) == [1, 2, 3])
    #expect(try names() == [digest.hex, "README"])
    #expect(try names("/partial").isEmpty)
  }

  @Test func damagedFilesAreNoticedAndRemoved() throws {
    let store = try store()
    let digest = try store.add([1, 2, 3])
    try Data([1, 2, 4]).write(to: URL(filePath: store.path(of: digest)))
    #expect(throws: WireError.digestMismatch(expected: digest, found: Digest(of: [1, 2, 4]))) {
      try store.read(digest)
    }
    #expect(!store.contains(digest))
    #expect(try names().isEmpty)
  }

  @Test(arguments: [0, 1, 1 << 20, 9 << 20 + 17])
  func transfersArrive(_ count: Int) throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let target = try store()
    let contents = Sodium.randomBytes(count)
    let digest = try source.add(contents)
    let moved = try move(digest, from: source, to: target)
    #expect(moved.complete && moved.bytes == count)
    #expect(try target.read(digest) == contents)
    #expect(try names("/partial").isEmpty)
  }

  @Test func interruptedTransfersAreContinued() throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let contents = Sodium.randomBytes(7 << 20 + 5)
    let digest = try source.add(contents)
    let first = try move(digest, from: source, to: store(), pieces: 3)
    #expect(!first.complete && first.bytes == 3 << 20)
    #expect(try names("/partial") == [digest.hex])
    let target = try store()
    let second = try move(digest, from: source, to: target)
    #expect(second.complete && second.bytes == 4 << 20 + 5)
    #expect(try target.read(digest) == contents)
  }

  @Test func aCompletePartialFileIsFinished() throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let contents = Sodium.randomBytes(100)
    let digest = try source.add(contents)
    let target = try store()
    try Data(contents).write(to: URL(filePath: path + "/partial/\(digest.hex)"))
    let moved = try move(digest, from: source, to: target)
    #expect(moved.complete && moved.bytes == 0)
    #expect(try target.read(digest) == contents)
  }

  @Test func wrongContentIsDiscarded() throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let target = try store()
    let digest = try source.add(Sodium.randomBytes(2 << 20))
    #expect(throws: WireError.self) {
      try move(digest, from: source, to: target) { $0[0] ^= 1 }
    }
    #expect(!target.contains(digest))
    #expect(try names().isEmpty)
    #expect(try names("/partial").isEmpty)
    #expect(try move(digest, from: source, to: target).complete)
  }

  @Test func aPartialFileLongerThanTheArtifactIsDiscarded() throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let target = try store()
    let digest = try source.add([1, 2, 3])
    try Data([1, 2, 3, 4]).write(to: URL(filePath: path + "/partial/\(digest.hex)"))
    #expect(
      throws: WireError.inconsistentPiece(
        digest: digest, reason: "more bytes are here than it has")
    ) { try move(digest, from: source, to: target) }
    #expect(try move(digest, from: source, to: target).complete)
  }

  @Test func twoTransfersOfOneArtifact() throws {
    let target = try store()
    let contents = Sodium.randomBytes(1000)
    let digest = Digest(of: contents)
    let transfers = try [target.transfer(digest), target.transfer(digest)]
    for transfer in transfers {
      _ = transfer.start()
      #expect(
        try transfer.receive(offset: 0, total: 1000, bytes: Array(contents.prefix(400)))
          == .wants([]))
    }
    for transfer in transfers {
      #expect(
        try transfer.receive(offset: 400, total: 1000, bytes: Array(contents.dropFirst(400)))
          == .complete)
    }
    #expect(try target.read(digest) == contents)
    #expect(target.totalBytes == 1000)
    #expect(try names("/partial").isEmpty)
  }

  @Test func missingArtifactsAreReported() throws {
    let digest = Digest(of: [4])
    var replies: [Message] = []
    try store().answer(digest, offset: 0, length: 10) { replies.append($0) }
    #expect(replies == [.artifactMissing(digest)])
  }

  @Test func sizeLimitHolds() throws {
    let source = try ArtifactStore(directory: folder.path + "/source")
    let target = try store(maximum: 1000)
    let digest = try source.add(Sodium.randomBytes(1001))
    #expect(throws: WireError.artifactTooLarge(found: 1001, limit: 1000)) {
      try move(digest, from: source, to: target)
    }
    #expect(throws: WireError.artifactTooLarge(found: 1001, limit: 1000)) {
      try target.addFile(at: source.path(of: digest))
    }
    #expect(throws: WireError.artifactTooLarge(found: 1001, limit: 1000)) {
      try target.add(Sodium.randomBytes(1001))
    }
    #expect(try names().isEmpty)
  }

  @Test func leastRecentlyUsedMakesRoom() throws {
    let store = try store(300)
    let digests = try (0..<3).map { try store.add([UInt8](repeating: $0, count: 100)) }
    _ = try store.read(digests[0])
    usleep(20_000)
    let fourth = try store.add([UInt8](repeating: 9, count: 50))
    #expect(Set(store.digests) == [digests[0], digests[2], fourth])
    #expect(store.totalBytes == 250)
    #expect(try names() == Set(store.digests.map(\.hex)))
    // The order of use also holds in the next process.
    usleep(20_000)
    _ = try store.read(digests[0])
    let again = try self.store(300)
    _ = try again.add([UInt8](repeating: 10, count: 100))
    #expect(again.contains(digests[0]) && !again.contains(digests[2]))
  }

  @Test func pinnedArtifactsStay() throws {
    let store = try store(250)
    let first = try store.add([UInt8](repeating: 1, count: 100))
    let second = try store.add([UInt8](repeating: 2, count: 100))
    #expect(store.pin(first))
    #expect(!store.pin(Digest(of: [7])))
    _ = try store.add([UInt8](repeating: 3, count: 100))
    #expect(store.contains(first) && !store.contains(second))
    #expect(throws: WireError.storageFull(path: path, needed: 200, available: 150)) {
      try store.add([UInt8](repeating: 4, count: 200))
    }
    store.unpin(first)
    _ = try store.add([UInt8](repeating: 4, count: 200))
    #expect(!store.contains(first))
  }

  @Test func whatCannotFitIsRefusedBeforeItIsReceived() throws {
    let store = try store(100)
    let transfer = try store.transfer(Digest(of: [1]))
    _ = transfer.start()
    #expect(throws: WireError.storageFull(path: path, needed: 101, available: 100)) {
      try transfer.receive(offset: 0, total: 101, bytes: [1])
    }
    // More than any disk has.
    let large = try ArtifactStore(directory: path, maximumArtifact: .max)
    let hopeless = try large.transfer(Digest(of: [2]))
    _ = hopeless.start()
    #expect {
      try hopeless.receive(offset: 0, total: 1 << 60, bytes: [1])
    } throws: { error in
      guard case .storageFull(let where_, 1_152_921_504_606_846_976, _)? = error as? WireError
      else { return false }
      return where_ == path
    }
  }

  @Test func transfersLeaveTheReserveFree() throws {
    let mebibyte: UInt64 = 1 << 20
    #expect(DiskReserve.standard.bytes(of: 100 * mebibyte) == 5 * mebibyte)
    #expect(DiskReserve.standard.bytes(of: mebibyte * mebibyte) == 1024 * mebibyte)
    #expect(DiskReserve.none.bytes(of: mebibyte) == 0)
    // A reserve as large as the disk leaves nothing for transfers, and everything for all else.
    let store = try ArtifactStore(
      directory: path, reserve: DiskReserve(share: 1, most: .max))
    #expect(store.roomForTransfers == 0)
    let contents = Sodium.randomBytes(100)
    let transfer = try store.transfer(Digest(of: contents))
    _ = transfer.start()
    #expect(throws: WireError.storageFull(path: path, needed: 100, available: 0)) {
      try transfer.receive(offset: 0, total: 100, bytes: Array(contents.prefix(50)))
    }
    #expect(try store.read(store.add(contents)) == contents)
    #expect(try #require(try self.store().roomForTransfers) > 0)
  }

  @Test func transfersUnderWayAreNoLeftovers() throws {
    let store = try store()
    let digest = Digest(of: [1, 2, 3])
    let name = "\(digest.hex)-me"
    var transfer: ArtifactTransfer? = try store.transfer(digest, of: "me")
    _ = transfer?.start()
    _ = try transfer?.receive(offset: 0, total: 3, bytes: [1])
    // As old as a file can be.
    var times = [timespec(), timespec()]
    #expect(utimensat(AT_FDCWD, "\(path)/partial/\(name)", &times, 0) == 0)
    #expect(store.leftovers().isEmpty)
    store.removeLeftover(name)
    #expect(try transfer?.receive(offset: 1, total: 3, bytes: [2]) == .wants([]))
    #expect(utimensat(AT_FDCWD, "\(path)/partial/\(name)", &times, 0) == 0)
    transfer = nil
    let left = ArtifactStore.Leftover(name: name, bytes: 2, modified: 0)
    #expect(store.leftovers() == [left] && store.leftovers(of: ["me"]) == [left])
    #expect(store.leftovers(of: ["you"]).isEmpty)
    store.removeLeftover(name)
    #expect(try names("/partial").isEmpty)
  }

  /// Whoever asks while an artifact is removed gets it or is told that it is missing, and no error.
  @Test func whatIsRemovedMeanwhileIsMissing() throws {
    let store = try store()
    let contents: [UInt8] = [1, 2, 3]
    let digest = Digest(of: contents)
    let isOver = Mutex(false)
    let asking = Background {
      var answers: (pieces: Int, missing: Int) = (0, 0)
      while !isOver.withLock({ $0 }) {
        try store.answer(digest, offset: 0, length: 3) { message in
          switch message {
          case .artifactPiece(digest, 0, 3, contents): answers.pieces += 1
          case .artifactMissing(digest): answers.missing += 1
          default: Issue.record("\(message)")
          }
        }
      }
      return answers
    }
    let end = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < end {
      try store.add(contents)
      sched_yield()
      store.remove(digest)
    }
    isOver.withLock { $0 = true }
    let answers = try asking.value()
    #expect(answers.pieces > 0 && answers.missing > 0)
  }

  @Test func aFullDiskIsNamed() throws {
    let device = open("/dev/full", O_WRONLY)
    try #require(device >= 0)
    defer { close(device) }
    #expect {
      try DurableFile.write([1, 2, 3], to: device, path: "/dev/full")
    } throws: { error in
      guard case .storageFull("/dev/full", 3, _)? = error as? WireError else { return false }
      return true
    }
  }

  @Test func impossibleDirectoriesAreNamed() throws {
    let file = folder.path + "/file"
    try Data().write(to: URL(filePath: file))
    #expect(
      throws: WireError.storage(
        path: file + "/x", operation: "make", reason: "Not a directory")
    ) { try ArtifactStore(directory: file + "/x") }
  }
}
