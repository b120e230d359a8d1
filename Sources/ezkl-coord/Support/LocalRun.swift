import AleoEZKL
import Console
import Coordinator
import Foundation
import Model

extension Arguments {
  /// Quantises and cuts a model in this process, as a job with these options would be.
  ///
  /// - Parameter input: nil for one that is made up from the model's shapes.
  func plannedHere(_ model: URL, input: URL?, _ options: SubmitOptions) throws -> PlannedRun {
    let onnx = try readBytes(model)
    let threads = ProcessInfo.processInfo.activeProcessorCount
    return try PlannedRun(
      ModelFiles(
        name: model.lastPathComponent, onnx: onnx,
        input: try input.map { try readBytes($0) }
          ?? ModelFiles.sampleInput(ofModel: onnx, inputs: options.inputs ?? InputChoices()),
        calibration: try quantizationFile().map { try readBytes($0) }),
      options: options, for: Workforce(assumedBy: options),
      library: SRSLibrary(home: HomeFolder(home), threads: threads), threads: threads)
  }
}
