import Foundation
import Model
import Varuna

/// A calibration as a user asks for it: files in, settings and a report out; no coordinator is needed.
public struct Calibration: Codable, Sendable {
  /// What was found for the whole model.
  public var report: CalibrationReport
  /// Errors per chunk of the plan that the settings lead to.
  public var chunks: [ChunkAccuracy]

  /// The settings as the file that `submit --settings` takes.
  public var settingsFile: Data { report.settings.canonicalJSON }

  /// Searches settings for a model.
  ///
  /// - Parameters:
  ///   - data: input files, or lists of such.
  ///   - tolerance: largest error of an output to accept; nil for the default.
  ///   - anyAccuracy: whether to accept any error, and other classes than the float model's.
  ///   - workers: for how many workers the model is cut, for the report per chunk.
  ///   - committing: whether the settings are for weights that are committed to.
  /// - Throws: `badFile` where a file cannot be used, `badJob` where no settings are good enough.
  public init(
    model bytes: [UInt8], data: [[UInt8]], target: CalibrationTarget, tolerance: Double?,
    anyAccuracy: Bool = false, workers: Int, committing: Bool = false
  ) throws(CoordinatorError) {
    do {
      var files: [InputFile] = []
      for file in data { files += try QuantizedRun.samples(file) }
      guard let first = files.first else {
        throw CoordinatorError.badFile(.calibration, reason: "there are no samples")
      }
      let model = try Model.load(bytes, input: first, committing: committing)
      let samples = try files.map { try model.values(of: $0) }
      var options = QuantizationOptions()
      if let tolerance { options.tolerance = tolerance }
      let (quantized, report) = try model.calibrated(
        data: samples, target: target, options: options)
      let rule = SubmitOptions(tolerance: tolerance, anyAccuracy: anyAccuracy).accuracy
      for (number, values) in samples.enumerated() {
        if let refusal = try quantized.refusal(by: rule, values) {
          throw CoordinatorError.badJob("sample \(number): \(refusal)")
        }
      }
      let limits = SRSLimits(
        powers: SRSLibrary.developmentLimit + 4, shifted: SRSLibrary.developmentLimit)
      let plan = try Plan.make(
        graph: quantized.integerGraph,
        request: PlanRequest(
          workers: workers, limits: PlanLimits(limits),
          parameterVisibility: committing ? .hashed : nil))
      self.report = report
      chunks = try quantized.accuracy(of: plan, on: samples)
    } catch let error as CoordinatorError {
      throw error
    } catch let error as ModelError {
      throw CoordinatorError(error)
    } catch {
      throw .badJob("\(error)")
    }
  }
}
