import Testing
import Wire

struct ArtifactDownloadTests {
  static let digest = Digest(of: [1])
  static let batch = ArtifactDownload.batch

  static func download(from received: UInt64 = 0) -> ArtifactDownload {
    ArtifactDownload(digest: digest, received: received, limit: 1 << 30)
  }

  /// Plays an honest server; returns the wants in order.
  static func run(_ download: inout ArtifactDownload, total: UInt64) throws
    -> [ArtifactDownload.Want]
  {
    var queue = [download.start()]
    var wants = queue
    while !queue.isEmpty {
      let want = queue.removeFirst()
      var place = min(want.offset, total)
      let end = place + min(want.length, total - place)
      repeat {
        let count = min(1 << 20, end - place)
        let more = try download.receive(offset: place, total: total, count: Int(count))
        queue += more
        wants += more
        place += count
        let inFlight = queue.reduce(0) { $0 + $1.length } + (end - place)
        #expect(inFlight <= ArtifactDownload.window)
      } while place < end
    }
    return wants
  }

  @Test(arguments: [0, 1, 4 << 20 - 1, 4 << 20, 4 << 20 + 1, 50 << 20 + 3] as [UInt64])
  func everyByteIsAskedForOnce(_ total: UInt64) throws {
    for start in Set([0, min(1, total), total / 2, total]) {
      var download = Self.download(from: start)
      let wants = try Self.run(&download, total: total)
      #expect(download.isComplete && download.received == total)
      var place = start
      for want in wants {
        #expect(want.offset == place)
        #expect(want.length <= Message.Limit.want)
        place += want.length
      }
      #expect(place >= total)
    }
  }

  @Test func contradictionsAreErrors() throws {
    var download = Self.download(from: 10)
    _ = download.start()
    #expect(throws: WireError.artifactTooLarge(found: 1 << 30 + 1, limit: 1 << 30)) {
      try download.receive(offset: 10, total: 1 << 30 + 1, count: 1)
    }
    #expect(
      throws: WireError.inconsistentPiece(
        digest: Self.digest, reason: "more bytes are here than it has")
    ) { try download.receive(offset: 9, total: 9, count: 0) }
    for offset: UInt64 in [0, 9, 11] {
      #expect(
        throws: WireError.unexpectedPiece(
          digest: Self.digest, expectedOffset: 10, foundOffset: offset)
      ) { try download.receive(offset: offset, total: 100, count: 1) }
    }
    #expect(
      throws: WireError.inconsistentPiece(
        digest: Self.digest, reason: "an empty piece before the end")
    ) { try download.receive(offset: 10, total: 100, count: 0) }
    #expect(
      throws: WireError.inconsistentPiece(
        digest: Self.digest, reason: "more bytes than asked for")
    ) { try download.receive(offset: 10, total: 1 << 29, count: Int(Self.batch) + 1) }
    _ = try download.receive(offset: 10, total: 100, count: 5)
    #expect(
      throws: WireError.inconsistentPiece(
        digest: Self.digest, reason: "its size changed during the transfer")
    ) { try download.receive(offset: 15, total: 101, count: 5) }
    #expect(download.received == 15 && !download.isComplete)
  }
}
