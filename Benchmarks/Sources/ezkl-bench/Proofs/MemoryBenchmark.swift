import Foundation
import Varuna

/// Predicted against reported peak memory of every kind of work, each in a child process.
enum MemoryBenchmark {
  private struct Row: Encodable {
    var work: String
    var logSize: Int
    var predictedBytes: Int
    var reportedBytes: Int
  }

  static func run(_ options: Options) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ezkl-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var rows: [Row] = []
    for log in options.logSizes {
      let file = folder.appendingPathComponent("powers-\(log)")
      let srs = SRS.development(seed: "memory", degree: 1 << log, threads: options.threads)
      try srs.save(to: file)
      let model = ProverMemory(
        constraints: 1 << log, variables: 1 << log, nonzeros: [1 << log, 1 << log, 1 << log],
        points: srs.powerCount + srs.shiftedCount, threads: options.threads)
      for work in ShareRun.Work.allCases {
        let predicted =
          switch work {
          case .index: model.indexBytes
          case .instances: model.instanceBytes(options.instances[0])
          case .matrices: model.matrixBytes
          }
        let reported = try measure(work, log: log, srs: file.path, options)
        rows.append(
          Row(
            work: work.rawValue, logSize: log, predictedBytes: predicted, reportedBytes: reported))
        print(line(rows[rows.count - 1]))
      }
    }
    if let file = options.json {
      try JSONEncoder().encode(rows).write(to: URL(fileURLWithPath: file))
    }
  }

  private static func measure(
    _ work: ShareRun.Work, log: Int, srs: String, _ options: Options
  ) throws -> Int {
    let shape = SyntheticCircuit.Shape.square(log2: log)
    let counts = [shape.publicCount, shape.variables, shape.constraints] + shape.nonzeros
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = [
      "share", "--work", work.rawValue, "--srs", srs, "--threads", "\(options.threads)",
      "--instances", "\(options.instances[0])",
      "--shape", counts.map(String.init).joined(separator: ","),
    ]
    let output = Pipe()
    child.standardOutput = output
    try child.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    child.waitUntilExit()
    guard let bytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw UsageError(text: "the child process for \(work.rawValue) failed")
    }
    return bytes
  }

  private static func line(_ row: Row) -> String {
    let mebibytes = { (bytes: Int) in String(format: "%7.1f MiB", Double(bytes) / 1_048_576) }
    let name = row.work.padding(toLength: 10, withPad: " ", startingAt: 0)
    let ratio = Double(row.predictedBytes) / Double(row.reportedBytes)
    return "\(name) 2^\(row.logSize)  predicted \(mebibytes(row.predictedBytes))  reported "
      + "\(mebibytes(row.reportedBytes))  ratio \(String(format: "%.2f", ratio))"
  }
}
