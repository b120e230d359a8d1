import AleoEZKL
import Coordinator
import Foundation
import ProofAggregation
import Synchronization
import TestSupport
import Testing

/// A real model on real worker processes over loopback TCP.
@Suite(.serialized) struct EmbeddedClusterTests {
  private func example(_ name: String) -> URL {
    packageRoot.appendingPathComponent("examples").appendingPathComponent(name)
  }

  private func cluster(_ home: URL? = nil) throws -> EmbeddedCluster {
    try EmbeddedCluster(EmbeddedCluster.Options(home: home, workers: 2, threadsPerWorker: 1))
  }

  @Test func twoProcessesProveAModel() throws {
    let cluster = try cluster()
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
    var names: Set<String> = []
    let summary = try client.follow(job) { names.formUnion($0.workers.map(\.name)) }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(names == ["local-1", "local-2"])
    let document = try ProofDocument(json: try client.document(job))
    #expect(DocumentVerifier(document).verify().accepted)
    let plan = try JSONDecoder().decode(PlanReport.self, from: try client.plan(of: job))
    #expect(plan.digest == document.plan?.digest.hex && plan.workers == 2)
    let home = cluster.home
    cluster.stop()
    #expect(cluster.workerProcesses.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: home.path))
  }

  @Test func whatDoesNotFitTheWorkersTogetherBecomesSeveralProofs() throws {
    let cluster = try EmbeddedCluster(
      EmbeddedCluster.Options(workers: 2, threadsPerWorker: 1, memoryPerWorker: 62 << 20))
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("repeated_blocks.onnx"), input: example("repeated_blocks_input.json"),
      options: SubmitOptions(
        workers: 2,
        limits: SubmitOptions.Limits(constraints: 1 << 12, variables: 1 << 12, nonzeros: 1 << 14)))
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .done, "\(summary.detail)")
    let plan = try JSONDecoder().decode(PlanReport.self, from: try client.plan(of: job))
    #expect(plan.groups.count > 1 && plan.memory?.count == 2)
    let document = try ProofDocument(json: try client.document(job))
    #expect(document.groups.count == plan.groups.count)
    #expect(DocumentVerifier(document).verify().accepted)
  }

  /// Every user of the machine reads command lines; a token in one lets him in, and to witnesses.
  @Test func secretsAreInNoCommandLineNoLogAndNoFileForOthers() throws {
    let parent = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ezkl-secrets-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: parent) }
    let log = Mutex<[String]>([])
    let cluster = try EmbeddedCluster(
      EmbeddedCluster.Options(home: parent, workers: 2, threadsPerWorker: 1) { line in
        log.withLock { $0.append(line.message) }
      })
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
    var seen = 0
    let summary = try client.follow(job) { _ in
      for id in cluster.workerProcesses.values {
        for part in ["cmdline", "environ"] {
          let bytes = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/\(part)"))
          seen += bytes?.isEmpty == false ? 1 : 0
          #expect(bytes?.range(of: Data("ezkl1.".utf8)) == nil, "a token in \(part)")
        }
      }
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(seen > 0)
    #expect(try client.tokens().allSatisfy { $0.maximumUses == 1 })
    #expect(!log.withLock { $0.joined() }.contains("ezkl1."))
    let entries = FileManager.default.enumerator(atPath: parent.path)
    var files = 0
    while let name = entries?.nextObject() as? String {
      let path = parent.appendingPathComponent(name).path
      var info = stat()
      guard lstat(path, &info) == 0 else { continue }
      files += 1
      #expect(
        info.st_mode & 0o077 == 0, "\(name) is open to others: \(String(info.st_mode, radix: 8))")
      if name.hasSuffix(".log") {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("joined") && !text.contains("ezkl1."))
      }
    }
    #expect(files > 10)
  }

  @Test func aKilledProcessIsReplaced() throws {
    let cluster = try cluster()
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
    var victim: Int32?
    let summary = try client.follow(job) { event in
      guard victim == nil, event.stage == .proving, event.done > 0 else { return }
      victim = cluster.workerProcesses[1]
      if let victim { kill(victim, SIGKILL) }
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(victim != nil)
    #expect(summary.dropped.isEmpty)
    let document = try ProofDocument(json: try client.document(job))
    #expect(DocumentVerifier(document).verify().accepted)
  }

  @Test func withoutAWorkerProgramTheErrorSaysSo() throws {
    let missing = URL(fileURLWithPath: "/nowhere/ezkl-worker")
    #expect(
      throws: CoordinatorError.process(
        name: missing.path, reason: "is not there or not executable; set EZKL_WORKER")
    ) {
      _ = try EmbeddedCluster(EmbeddedCluster.Options(program: missing))
    }
  }

  /// A program that stands for a worker: says what it was given, and ends.
  private func stub(_ folder: TemporaryFolder, _ script: String) throws -> URL {
    let url = folder.url.appendingPathComponent("stub")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: url.path)
    return url
  }

  @Test func workersThatEndAtOnceAreSaidToBeLostWithTheirLastWords() throws {
    let folder = try TemporaryFolder()
    let cluster = try EmbeddedCluster(
      EmbeddedCluster.Options(
        workers: 2, program: stub(folder, "echo first; echo no room at all >&2; exit 7")))
    defer { cluster.stop() }
    let losses = Mutex<[CoordinatorError]>([])
    cluster.whenWorkersAreLost { error in losses.withLock { $0.append(error) } }
    try eventually("the loss") { losses.withLock { !$0.isEmpty } }
    guard case .process(let name, let reason)? = losses.withLock({ $0.first }) else {
      Issue.record("another error")
      return
    }
    #expect(name.hasPrefix("worker local-"))
    #expect(reason.contains("exit code 7") && reason.contains("first; no room at all"), "\(reason)")
    // Whoever asks later hears of it as well, and nobody twice.
    cluster.whenWorkersAreLost { error in losses.withLock { $0.append(error) } }
    #expect(losses.withLock { $0.count == 2 && $0[0] == $0[1] })
  }

  @Test func localWorkersAreWhatTheClusterMeans() throws {
    let folder = try TemporaryFolder()
    let cluster = try EmbeddedCluster(
      EmbeddedCluster.Options(
        workers: 1, program: stub(folder, #"echo "$@" >> "$0.words"; env >> "$0.words""#)))
    defer { cluster.stop() }
    let words = folder.url.appendingPathComponent("stub.words")
    try eventually("a start") { (try? String(contentsOf: words, encoding: .utf8)) != nil }
    let lines = try String(contentsOf: words, encoding: .utf8).split(separator: "\n")
    let line = try #require(lines.first)
    #expect(line.hasPrefix("join ") && line.contains(" --no-config "))
    #expect(!lines.contains { $0.hasPrefix("EZKL_TOKEN=") })
  }
}
