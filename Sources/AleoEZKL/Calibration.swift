import Foundation
import Model

/// A calibration as a user asks for it: files in, settings and a report out.
public struct Calibration: Codable, Sendable {
  /// What was found for the whole model.
  public var report: CalibrationReport
  /// Errors per chunk of the plan that the settings lead to.
  public var chunks: [ChunkAccuracy]

  /// The settings as a file, which ``ModelFiles/calibration`` takes.
  public var settingsFile: Data { report.settings.canonicalJSON }

  /// Searches settings for a model.
  ///
  /// - Parameters:
  ///   - bytes: the ONNX file.
  ///   - data: input files, or lists of such; every sample of them is used unless `options` choose one.
  ///   - target: what to look for: accuracy, small circuits, or both.
  ///   - options: how far outputs may be from the float model's, and what the search looks for.
  ///   - request: how the model is cut for the report per chunk, and whether settings are for weights that are committed to.
  /// - Throws: `RunError.calibration` where a file cannot be used, `inaccurate` where no settings are good enough.
  public init(
    model bytes: [UInt8], data: [[UInt8]], target: CalibrationTarget,
    options: RunOptions = RunOptions(), request: PlanRequest
  ) throws(RunError) {
    var files: [InputFile] = []
    for file in data { files += try ModelFiles.samples(file) }
    guard let first = files.first else { throw .noSamples }
    do {
      let usesAll = options.inputs.sample == nil
      let model = try Model.load(
        bytes, input: first, beside: Array(files.dropFirst()),
        choices: usesAll ? options.inputs.takingAnySample : options.inputs,
        committing: request.parameterVisibility != nil)
      let samples = try files.flatMap {
        try usesAll ? model.samples(of: $0) : [model.numbers(of: $0)]
      }
      let values = samples.map(Model.doubles)
      let (quantized, report) = try model.calibrated(
        data: values, target: target, options: options.precision)
      for (number, sample) in samples.enumerated() {
        if let refusal = try quantized.refusal(by: options.accuracy, sample) {
          throw RunError.inaccurate(reason: "sample \(number): \(refusal)")
        }
      }
      let plan = try Plan.make(graph: quantized.integerGraph, request: request)
      self.report = report
      chunks = try quantized.accuracy(of: plan, on: values)
    } catch let error as RunError {
      throw error
    } catch let error as ModelError {
      throw .model(error)
    } catch let error as PlanError {
      throw .plan(error)
    } catch {
      throw .inaccurate(reason: "\(error)")
    }
  }
}
