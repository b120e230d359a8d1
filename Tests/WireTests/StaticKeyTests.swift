import Foundation
import Testing
import Wire

struct StaticKeyTests {
  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test func fileIsPrivateAndComesBack() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/node.key"
    let key = try StaticKey.loadOrCreate(at: path)
    #expect(try mode(path) == 0o600)
    #expect(try StaticKey.load(from: path).publicKey == key.publicKey)
    #expect(try StaticKey.loadOrCreate(at: path).publicKey == key.publicKey)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["node.key"])
  }

  @Test func anExistingFileIsNeverReplaced() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/node.key"
    let key = StaticKey.generate()
    try key.save(to: path)
    #expect(throws: WireError.keyFile(path: path, reason: "File exists")) {
      try StaticKey.generate().save(to: path)
    }
    #expect(try StaticKey.load(from: path).publicKey == key.publicKey)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["node.key"])
  }

  @Test func racingCreatorsAgree() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/node.key"
    let racers = (0..<8).map { _ in
      Background { try StaticKey.loadOrCreate(at: path).publicKey }
    }
    let keys = try Set(racers.map { try $0.value() })
    #expect(keys.count == 1)
  }

  @Test func readableByOthersIsRefused() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/node.key"
    try StaticKey.generate().save(to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    #expect(
      throws: WireError.keyFile(
        path: path, reason: "others may read it; restrict it with chmod 600")
    ) { try StaticKey.load(from: path) }
  }

  @Test(arguments: [
    ("", "it is not a key file of this program"),
    ("something else\n", "it is not a key file of this program"),
    ("ezkl-private-key/1\nabcd\n", "it is damaged"),
    ("ezkl-private-key/1\n" + String(repeating: "g", count: 64) + "\n", "it is damaged"),
    (String(repeating: "a", count: 4096), "it is not a key file of this program"),
  ])
  func damagedFileIsRefused(_ contents: String, _ reason: String) throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/node.key"
    try DurableFile.create(at: path, contents: Array(contents.utf8))
    #expect(throws: WireError.keyFile(path: path, reason: reason)) {
      try StaticKey.load(from: path)
    }
  }

  @Test func missingFileIsNamed() {
    #expect(throws: WireError.keyFile(path: "/nowhere/a", reason: "No such file or directory")) {
      try StaticKey.load(from: "/nowhere/a")
    }
    #expect(throws: WireError.self) { try StaticKey.loadOrCreate(at: "/nowhere/a") }
  }
}
