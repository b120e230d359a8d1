import Foundation
import TestSupport
import Testing
import Varuna

/// Public parameters as a user gets them: generated, imported, fetched.
@Suite(.serialized) struct CeremonyTests {
  private let folder: Folder
  private var home: String { folder["home"].path }

  init() throws { folder = try Folder() }

  private func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
    let run = try Running(.coordinator, words + ["--home", home], logs: folder.url)
    let status = try run.status()
    return (status, run.text, run.errorText)
  }

  private var names: [String] {
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: folder["home"].appendingPathComponent("srs").path)
    return (files ?? []).filter { $0.hasSuffix(".srs") }.sorted()
  }

  @Test func developmentParametersSayThatTheyAreNotSound() throws {
    let made = try run(["srs", "generate", "--degree", "6", "--seed", "a seed", "--name", "mine"])
    #expect(made.status == 0 && made.output.contains("NOT SOUND"), "\(made.errors)")
    #expect(names == ["mine.srs"])
    #expect(try run(["srs", "list"]).output.contains("mine"))
    let long = String(repeating: "s", count: SRS.maximalSeedBytes + 1)
    for words in [
      ["--seed", long], ["--name", "a.b"], ["--name", "../up"], ["--degree", "40"],
    ] {
      let refused = try run(["srs", "generate"] + words)
      #expect(refused.status == 2, "\(words): \(refused.errors)")
      #expect(refused.errors.hasPrefix("ezkl-coord: \(words[0]): "), "\(refused.errors)")
    }
    #expect(names == ["mine.srs"])
  }

  @Test func aFolderWithoutTheCeremonyIsNotImported() throws {
    let empty = try run(["srs", "import", folder.url.path])
    #expect(empty.status == 3 && empty.errors.contains("usrs"), "\(empty.errors)")
    #expect(names.isEmpty)
  }

  @Test func aMirrorThatChangesABitIsRefused() throws {
    let file = CeremonyFile.betaH
    let server = try LocalServer(
      files: [file.remoteName: [UInt8](repeating: 7, count: file.size)], behaviour: .ranges)
    defer { server.stop() }
    let refused = try run(["srs", "fetch", "--mirror", "http://127.0.0.1:\(server.port)"])
    #expect(refused.status == 3, "\(refused.errors)")
    #expect(refused.errors.contains(file.name) && refused.errors.contains(file.sha256))
    #expect(names.isEmpty)
    server.stop()
    let gone = try run(["srs", "fetch", "--mirror", "http://127.0.0.1:\(server.port)"])
    #expect(gone.status == 4 && gone.errors.contains("run it again"), "\(gone.errors)")
  }

  @Test(.needsShared)
  func anInterruptedFetchGoesOnWhereItStopped() throws {
    let shared = try #require(sharedFolder).appendingPathComponent("srs")
    var files: [String: [UInt8]] = [:]
    for file in CeremonyFile.all(degree: 15) {
      files[file.remoteName] = Array(
        try Data(contentsOf: shared.appendingPathComponent(file.name)))
    }
    // Two of the files are larger than what the server sends before it hangs up.
    let server = try LocalServer(files: files, behaviour: .cutting(after: 2_000_000))
    defer { server.stop() }
    let words = [
      "srs", "fetch", "--degree", "15", "--mirror", "http://127.0.0.1:\(server.port)",
    ]
    for _ in 0..<2 {
      let cut = try run(words)
      #expect(cut.status == 4 && cut.errors.contains("run it again to go on"), "\(cut.errors)")
      #expect(names.isEmpty)
    }
    let done = try run(words)
    #expect(done.status == 0 && done.output.contains("mainnet"), "\(done.errors)")
    #expect(names == ["mainnet.srs"])
    #expect(server.requests.count { $0.contains("bytes=2000000-") } == 2)
  }

  @Test(.needsShared)
  func theReferenceVerifierAcceptsProofsUnderTheCeremony() throws {
    let shared = try #require(sharedFolder)
    let imported = try run(["srs", "import", shared.appendingPathComponent("srs").path])
    #expect(imported.status == 0 && imported.output.contains("mainnet"), "\(imported.errors)")
    let proof = folder["proof.json"]
    let submitted = try run([
      "submit", Network.model.path, "--input", Network.input.path, "--srs", "mainnet", "--workers",
      "2", "--out", proof.path,
    ])
    try #require(submitted.status == 0, "\(submitted.errors)")
    let verified = try run(["verify", proof.path, "--model", Network.model.path])
    #expect(verified.status == 0 && !verified.output.contains("not sound"), "\(verified.output)")

    #expect(try reference(shared, proof) == 0)
    var document = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: proof)) as? [String: Any])
    var groups = try #require(document["groups"] as? [[String: Any]])
    var inputs = try #require(groups[0]["public_inputs"] as? [[[String]]])
    inputs[0][0][1] = "5"
    groups[0]["public_inputs"] = inputs
    document["groups"] = groups
    try JSONSerialization.data(withJSONObject: document).write(to: proof)
    #expect(try reference(shared, proof) == 1)
  }

  /// The exit status of the Python verifier for a document.
  private func reference(_ shared: URL, _ proof: URL) throws -> Int32 {
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = [
      "python3", packageRoot.appendingPathComponent("Tests/Interop/verify_document.py").path,
      shared.appendingPathComponent("reference/varuna").path,
      shared.appendingPathComponent("srs").path, proof.path,
    ]
    python.standardOutput = FileHandle.nullDevice
    python.environment = ProcessInfo.processInfo.environment.merging(
      ["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    try python.run()
    python.waitUntilExit()
    return python.terminationStatus
  }
}
