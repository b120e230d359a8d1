import Foundation
import Model

/// How models are cut, compared with a greedy cut: predicted seconds for two workers, and seconds for planning.
enum CutBenchmarks {
  /// Prints a line for every folder with `network.onnx` and `input.json`.
  static func run(_ folders: [String], threads: Int) {
    print("model | chunks | circuits | predicted s | greedy chunks | greedy s | ratio | planning s")
    print("--- | ---: | ---: | ---: | ---: | ---: | ---: | ---:")
    for folder in folders {
      let name = URL(fileURLWithPath: folder).lastPathComponent
      do {
        print("\(name) | \(try line(URL(fileURLWithPath: folder), threads: threads))")
      } catch {
        print("\(name) | \(error)")
      }
    }
  }

  private static func line(_ folder: URL, threads: Int) throws -> String {
    let bytes = try [UInt8](Data(contentsOf: folder.appendingPathComponent("network.onnx")))
    let values = try InputFile(
      [UInt8](Data(contentsOf: folder.appendingPathComponent("input.json")))
    )
    .values
    let model = try Model.load(bytes, inputCounts: values.map(\.count))
    let graph = try model.quantized(calibration: [values]).integerGraph
    let size = 1 << 16
    let request = PlanRequest(
      workers: 2, limits: PlanLimits(constraints: size, variables: size, nonzeros: size))
    let begin = ContinuousClock.now
    let best = try Plan.make(graph: graph, request: request, threads: threads)
    let took = begin.duration(to: .now) / .seconds(1)
    let seconds = best.predictedSeconds(.search)
    let start = "\(best.chunks.count) | \(best.circuits.count) | \(decimal(seconds)) | "
    guard
      let greedy = try? Plan.make(
        graph: graph, request: request, strategy: .greedy, threads: threads)
    else { return start + "none | | | \(decimal(took))" }
    let other = greedy.predictedSeconds(.search)
    return start + "\(greedy.chunks.count) | \(decimal(other)) | \(decimal(seconds / other)) | "
      + decimal(took)
  }

  private static func decimal(_ number: Double) -> String { String(format: "%.2f", number) }
}
