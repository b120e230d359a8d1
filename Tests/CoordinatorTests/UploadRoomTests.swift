import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// How many bytes one client may have here, in uploads and unfinished jobs.
@Suite(.serialized) struct UploadRoomTests {
  let folder: TemporaryFolder
  let server: CoordinatorServer

  init() throws {
    folder = try TemporaryFolder()
    server = try Self.open(folder)
    try server.start()
  }

  private static func open(
    _ folder: TemporaryFolder, reserve: DiskReserve = .none
  ) throws -> CoordinatorServer {
    var configuration = CoordinatorConfiguration(home: folder.url, threads: 1)
    configuration.limits.bytes = 100_000
    configuration.uploadReserve = reserve
    return try CoordinatorServer(configuration) {
      (_, artifacts) throws(CoordinatorError) in SumEngine(artifacts: artifacts)
    }
  }

  private func connect(_ other: CoordinatorServer? = nil) throws -> SecureConnection {
    let home = HomeFolder(folder.url)
    let connection = try SecureConnection.connect(
      to: Endpoint(parsing: (other ?? server).address),
      identity: StaticKey.loadOrCreate(at: home.adminKey.path),
      expecting: .publicKey(StaticKey.load(from: home.coordinatorKey.path).publicKey))
    try connection.send(.hello(Hello(productVersion: "t", role: .client, name: "by hand")))
    guard case .welcome = try connection.receive() else {
      throw CoordinatorError.protocolViolation("no welcome")
    }
    return connection
  }

  private func file(_ byte: UInt8, _ count: Int) -> (digest: Digest, bytes: [UInt8]) {
    let bytes = [UInt8](repeating: byte, count: count)
    return (Digest(of: bytes), bytes)
  }

  /// Offers an artifact; whether it is wanted.
  private func isWanted(
    _ file: (digest: Digest, bytes: [UInt8]), _ connection: SecureConnection
  ) throws -> Bool {
    try connection.send(.artifactOffer(file.digest, total: UInt64(file.bytes.count)))
    switch try connection.receive() {
    case .artifactWant: return true
    case .artifactRefused(file.digest, let text):
      #expect(text.contains("bytes of one client's uploads and unfinished jobs"), "\(text)")
      return false
    case let other: throw CoordinatorError.protocolViolation("\(other)")
    }
  }

  private func partials() throws -> [String] {
    let folder = HomeFolder(folder.url).artifacts.appendingPathComponent("partial")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test func uploadsUnderWayAndThoseThatAreHereTakeRoom() throws {
    defer { server.stop() }
    let connection = try connect()
    let (a, b, c) = (file(1, 60_000), file(2, 60_000), file(3, 30_000))
    #expect(try isWanted(a, connection))
    #expect(try !isWanted(b, connection))
    #expect(try isWanted(c, connection))
    // Another connection of the same client has no room of its own.
    let second = try connect()
    #expect(try !isWanted(b, second))
    // An offer of few bytes is no way to send many.
    try connection.send(
      .artifactPiece(
        a.digest, offset: 0, total: 61_000, bytes: [UInt8](repeating: 1, count: 61_000)))
    #expect(
      try connection.receive()
        == .artifactRefused(a.digest, text: "it has not the size that was offered"))
    #expect(try isWanted(b, connection))
    try connection.send(.artifactPiece(b.digest, offset: 0, total: 60_000, bytes: b.bytes))
    #expect(try connection.receive() == .artifactHave(b.digest))
    #expect(try !isWanted(a, connection))
    connection.close()
    try eventually("the end of what nobody relies on") { try isWanted(a, second) }
  }

  /// A job's files count while it has not ended, also for the next process, and once with the upload they were.
  @Test func aJobsFilesTakeRoomUntilItEnds() throws {
    let model = folder.url.appendingPathComponent("model")
    try Data(("2 1 4" + String(repeating: " ", count: 60_000)).utf8).write(to: model)
    let job = try JobClient(home: folder.url).submit(model: model, input: model)
    let other = file(9, 60_000)
    #expect(try !isWanted(other, try connect()))
    #expect(try isWanted(file(8, 20_000), try connect()))
    server.stop()
    let next = try Self.open(folder)
    try next.start()
    defer { next.stop() }
    let connection = try connect(next)
    #expect(try !isWanted(other, connection))
    try JobClient(home: folder.url).cancel(job)
    try eventually("room") { try isWanted(other, connection) }
  }

  /// Offers cost files and questions to the database: who makes them without end waits.
  @Test func offersAreMetered() throws {
    defer { server.stop() }
    let connection = try connect()
    let began = ProcessInfo.processInfo.systemUptime
    for _ in 0..<1150 {
      try connection.send(.artifactOffer(Digest(of: [1]), total: .max))
      guard case .artifactRefused = try connection.receive() else {
        Issue.record("2^64 bytes were wanted")
        return
      }
    }
    // A thousand at once, then a hundred a second.
    #expect(ProcessInfo.processInfo.systemUptime - began > 1.2)
  }

  @Test func theLastPartOfTheDiskIsNotForUploads() throws {
    server.stop()
    let full = try Self.open(folder, reserve: DiskReserve(share: 1, most: .max))
    try full.start()
    defer { full.stop() }
    let connection = try connect(full)
    let upload = file(1, 1000)
    try connection.send(.artifactOffer(upload.digest, total: 1000))
    let path = HomeFolder(folder.url).artifacts.path
    #expect(
      try connection.receive()
        == .artifactRefused(
          upload.digest,
          text: CoordinatorError.noRoomForUploads(path: path, needed: 1000, available: 0)
            .publicText()))
    #expect(try partials().isEmpty)
    // The client has as much room of its own as before.
    for _ in 0..<200 {
      try connection.send(.artifactOffer(upload.digest, total: 1000))
      guard case .artifactRefused(_, let text) = try connection.receive() else {
        Issue.record("an upload into the reserve was wanted")
        return
      }
      #expect(text.contains("no space left for uploads on the coordinator's disk"))
    }
  }

  @Test func whatWasBegunAndLeftMakesWay() throws {
    defer { server.stop() }
    var connection = try connect()
    let (a, b, empty) = (file(1, 60_000), file(2, 90_000), file(3, 4_000))
    #expect(try isWanted(a, connection))
    #expect(try isWanted(empty, connection))
    try connection.send(
      .artifactPiece(a.digest, offset: 0, total: 60_000, bytes: Array(a.bytes[..<50_000])))
    try eventually("the piece") {
      let path = HomeFolder(folder.url).artifacts.appendingPathComponent("partial")
        .appendingPathComponent(try partials().first { $0.hasPrefix(a.digest.hex) } ?? "none").path
      return (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) == 50_000
    }
    connection.close()
    // What has no bytes leaves no file.
    try eventually("one file that is left") { try partials().count == 1 }
    connection = try connect()
    try connection.send(.artifactOffer(a.digest, total: 60_000))
    #expect(try connection.receive() == .artifactWant(a.digest, offset: 50_000, length: 4 << 20))
    connection.close()
    connection = try connect()
    try eventually("room") { try isWanted(b, connection) }
    #expect(try partials().allSatisfy { $0.hasPrefix(b.digest.hex) })
    connection.close()
  }
}
