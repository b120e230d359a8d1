import Foundation
import TestSupport

/// The programs under test, as the build put them beside the test bundle.
enum Executable: String {
  case coordinator = "ezkl-coord"
  case worker = "ezkl-worker"
  case evaluator = "conformance-evaluator"

  /// The file of the program.
  var url: URL {
    let own =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(rawValue)
  }
}

/// A folder that disappears with its test.
final class Folder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ezkl-end-to-end-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  subscript(_ name: String) -> URL { url.appendingPathComponent(name) }
}

/// A running program whose output goes to files; it ends with this object at the latest.
final class Running: @unchecked Sendable {
  let process = Process()
  private let output: URL
  private let errors: URL

  init(
    _ program: Executable, _ arguments: [String], logs: URL, environment: [String: String] = [:]
  ) throws {
    let name = UUID().uuidString
    output = logs.appendingPathComponent(name + ".out")
    errors = logs.appendingPathComponent(name + ".err")
    try Data().write(to: output)
    try Data().write(to: errors)
    process.executableURL = program.url
    process.arguments = arguments
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// What it wrote on standard output so far.
  var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

  /// What it wrote on standard error so far.
  var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits until it has ended; returns its exit status (128 + signal if one ended it).
  func status() throws -> Int32 {
    try eventually("the end of \(process.arguments ?? [])\n\(text)\(errorText)") {
      !process.isRunning
    }
    return process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// Waits until a text appears on either stream.
  func waitFor(_ part: String) throws {
    try eventually("'\(part)' in\n\(text)\(errorText)") {
      text.contains(part) || errorText.contains(part)
    }
  }
}
