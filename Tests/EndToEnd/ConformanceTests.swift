import Foundation
import TestSupport
import Testing

/// Some of what `make conformance` compares: random graphs over operators and element types against onnxruntime.
@Suite(.enabled(if: Peer.hasRuntime, "needs onnx and onnxruntime in .venv"))
struct ConformanceTests {
  @Test func randomGraphsAgree() throws {
    let script = packageRoot.appendingPathComponent("Tests/Conformance/conformance.py").path
    let run = Process()
    run.executableURL = Peer.python
    run.arguments = [
      script, "--evaluator", Executable.evaluator.url.path, "--no-node-tests", "--seeds", "100000",
      "300",
    ]
    let output = Pipe()
    run.standardOutput = output
    run.standardError = FileHandle.nullDevice
    try run.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    run.waitUntilExit()
    // The text names the seeds that differ.
    #expect(run.terminationStatus == 0, "\(text)")
  }
}

/// The peers that `scripts/setup.sh --python` installs.
private enum Peer {
  static let python = packageRoot.appendingPathComponent(".venv/bin/python")

  /// Whether they are there.
  static let hasRuntime: Bool = {
    let probe = Process()
    probe.executableURL = python
    probe.arguments = ["-c", "import onnx, onnxruntime"]
    probe.standardError = FileHandle.nullDevice
    guard (try? probe.run()) != nil else { return false }
    probe.waitUntilExit()
    return probe.terminationStatus == 0
  }()
}
