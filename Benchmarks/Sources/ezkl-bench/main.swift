import Foundation

// Times, memory and multiplications of the prover and of the layers below it: see `Options.usage`.
//
//   swift run -c release ezkl-bench [table | peer | cuts] [options]

let options: Options
do throws(UsageError) {
  options = try Options(Array(CommandLine.arguments.dropFirst()))
} catch {
  FileHandle.standardError.write(Data("ezkl-bench: \(error.text)\n\(Options.usage)\n".utf8))
  exit(2)
}
if options.help {
  print(Options.usage)
  exit(0)
}
do {
  switch options.command {
  case .table:
    var report = Report(threads: options.threads)
    FieldBenchmarks.run(into: &report)
    KernelBenchmarks.run(into: &report, logSize: options.logSizes.max() ?? 16)
    CurveBenchmarks.run(into: &report, logSizes: options.logSizes, threads: options.threads)
    try ProofBenchmarks.run(into: &report, logSizes: options.logSizes, threads: options.threads)
    report.printTable()
    if let file = options.json { try report.json().write(to: URL(fileURLWithPath: file)) }
  case .cuts:
    CutBenchmarks.run(options.folders, threads: options.threads)
  case .peer:
    try Peer.run(options.parts, threads: options.threads)
  }
} catch {
  FileHandle.standardError.write(Data("ezkl-bench: \(error)\n".utf8))
  exit(1)
}
