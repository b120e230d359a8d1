import Foundation

// Times for field, curve, FFT, MSM, index, prove (per step) and verify, as a table or as JSON.
//
//   swift run -c release ezkl-bench [--json FILE] [--threads N] [--sizes 12,14,16] [--quick]

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

var report = Report(threads: options.threads)
do {
  FieldBenchmarks.run(into: &report)
  CurveBenchmarks.run(into: &report, logSizes: options.logSizes, threads: options.threads)
  try ProofBenchmarks.run(into: &report, logSizes: options.logSizes, threads: options.threads)
  report.printTable()
  if let file = options.json { try report.json().write(to: URL(fileURLWithPath: file)) }
} catch {
  FileHandle.standardError.write(Data("ezkl-bench: \(error)\n".utf8))
  exit(1)
}
