import Foundation
import Wire

/// How a local cluster starts one worker process, and what is left of one that ended.
struct LocalWorker {
  /// The worker's number in its cluster, from 1.
  let number: Int
  /// Its own folder.
  let folder: URL

  /// Environment variables that are not passed on: a worker has no business with the token of whoever submits.
  private static let withheld: Set<String> = ["EZKL_TOKEN"]
  /// The most bytes of last words.
  private static let longestWords = 2000

  /// What the operator sees.
  var name: String { "local-\(number)" }

  private var log: URL { folder.appendingPathComponent("worker.log") }

  /// A process that will join the coordinator at `address` with the token, and ends with this one.
  ///
  /// Neither variables nor configuration files of workers say anything about it: it is what the cluster means.
  func process(
    _ program: URL, joining address: String, token: String, threads: Int, memory: UInt64
  ) throws -> Process {
    let child = Process()
    child.executableURL = program
    child.arguments = [
      "join", address, "--no-config", "--token-file", "-", "--home", folder.path, "--name", name,
      "--threads", "\(threads)", "--memory", "\(memory)", "--exit-with-parent",
    ]
    child.environment = ProcessInfo.processInfo.environment.filter {
      !Self.withheld.contains($0.key)
    }
    try PrivateFolder.make(folder.path)
    try DurableFile.create(at: log.path, contents: [])
    let handle = try FileHandle(forWritingTo: log)
    child.standardOutput = handle
    child.standardError = handle
    // The process list shows command lines to everybody, and the environment is passed on: the token goes by a pipe,
    // which holds it before the worker begins: one that ends at once breaks no pipe under this process.
    let input = Pipe()
    try input.fileHandleForWriting.write(contentsOf: Data(token.utf8))
    try input.fileHandleForWriting.close()
    child.standardInput = input
    return child
  }

  /// Why a worker that ended is given up, with what it said last.
  func loss(_ child: Process, attempts: Int) -> CoordinatorError {
    let end =
      child.terminationReason == .exit
      ? "with exit code \(child.terminationStatus)" : "by signal \(child.terminationStatus)"
    let words = lastWords
    return .process(
      name: "worker \(name)",
      reason: "ended \(attempts) times, at last \(end), "
        + (words.isEmpty ? "without a word" : "and said: \(words)"))
  }

  /// The last lines of its log, as one.
  private var lastWords: String {
    guard let handle = try? FileHandle(forReadingFrom: log) else { return "" }
    defer { try? handle.close() }
    let end = (try? handle.seekToEnd()) ?? 0
    let start = end - min(end, UInt64(Self.longestWords))
    try? handle.seek(toOffset: start)
    let bytes = (try? handle.read(upToCount: Self.longestWords)) ?? nil
    let lines = String(decoding: bytes ?? Data(), as: UTF8.self).split(whereSeparator: \.isNewline)
    let words = lines.suffix(2).map { $0.trimmingCharacters(in: .whitespaces) }
    return words.isEmpty
      ? "" : Admission.printable(words.joined(separator: "; "), limit: Self.longestWords)
  }
}
