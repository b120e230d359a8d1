import Foundation
import TestSupport
import Testing
import Varuna

@Suite("Downloads", .serialized)
struct SRSDownloadTests {
  private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  private static let file = CeremonyFile(
    name: "powers.usrs", size: content.count, sha256: SHA256.hex(content))

  private func serving<T>(
    _ behaviour: LocalServer.Behaviour, content: [UInt8] = Self.content,
    _ body: (SRSDownload, LocalServer, URL) throws -> T
  ) throws -> T {
    let server = try LocalServer(files: [Self.file.remoteName: content], behaviour: behaviour)
    defer { server.stop() }
    let mirror = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
    return try withTemporaryFolder { folder in
      try body(SRSDownload(mirror: mirror, idleTimeout: 300), server, folder)
    }
  }

  private func written(_ folder: URL) -> [UInt8]? {
    (try? Data(contentsOf: folder.appendingPathComponent(Self.file.name))).map { Array($0) }
  }

  @Test func aFileIsFetchedOnce() throws {
    try serving(.ranges) { download, server, folder in
      try download.fetch([Self.file], into: folder)
      #expect(written(folder) == Self.content)
      try download.fetch([Self.file], into: folder)
      #expect(server.requests.count == 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names == [Self.file.name])
    }
  }

  @Test func partsAreResumed() throws {
    try serving(.ranges) { download, server, folder in
      try Data(Self.content[..<70_000]).write(to: folder.appendingPathComponent("powers.usrs.part"))
      try download.fetch([Self.file], into: folder)
      #expect(written(folder) == Self.content)
      #expect(server.requests.first?.contains("bytes=70000-") == true)
    }
  }

  @Test func serversWithoutRangesStartAgain() throws {
    try serving(.whole) { download, _, folder in
      try Data(Self.content[..<70_000]).write(to: folder.appendingPathComponent("powers.usrs.part"))
      try download.fetch([Self.file], into: folder)
      #expect(written(folder) == Self.content)
    }
  }

  @Test func interruptedDownloadsGoOn() throws {
    try serving(.cutting(after: 90_000)) { download, server, folder in
      for _ in 0..<2 {
        let error = #expect(throws: VarunaError.self) {
          try download.fetch([Self.file], into: folder)
        }
        guard case .download(Self.file.name, _)? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
      try download.fetch([Self.file], into: folder)
      #expect(written(folder) == Self.content)
      #expect(server.requests.count == 3)
    }
  }

  @Test func wrongContentIsRefusedAndForgotten() throws {
    var altered = Self.content
    altered[5] ^= 1
    try serving(.ranges, content: altered) { download, _, folder in
      let error = #expect(throws: VarunaError.self) {
        try download.fetch([Self.file], into: folder)
      }
      guard case .srsFileMismatch(Self.file.name, let expected, let found)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(expected.hasSuffix(Self.file.sha256))
      #expect(found == SHA256.hex(altered))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.isEmpty)
    }
  }

  @Test func longerContentIsRefused() throws {
    try serving(.ranges, content: Self.content + [1]) { download, _, folder in
      #expect(throws: VarunaError.self) { try download.fetch([Self.file], into: folder) }
      #expect(written(folder) == nil)
    }
  }

  @Test func missingFilesAndServersAreReported() throws {
    try serving(.ranges) { download, server, folder in
      let other = CeremonyFile(name: "other.usrs", size: 5, sha256: Self.file.sha256)
      #expect(throws: VarunaError.download(file: "other.usrs", reason: "the server answered 404")) {
        try download.fetch([other], into: folder)
      }
      server.stop()
      #expect(throws: VarunaError.self) { try download.fetch([Self.file], into: folder) }
    }
  }

  @Test func remoteNamesCarryTheChecksum() {
    let names = CeremonyFile.all(degree: 17).map(\.remoteName)
    #expect(names.count == 9)
    #expect(names.contains("powers-of-beta-16.usrs.84631bc"))
    #expect(names.contains("shifted-powers-of-beta-17.usrs.2025178"))
    #expect(CeremonyFile.powers(degree: 16).size == 3_145_736)
    #expect(CeremonyFile.powers(degree: 17).size == 6_291_464)
  }
}
