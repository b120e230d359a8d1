/// What a calibration looks for.
public enum CalibrationTarget: String, Codable, Sendable, CaseIterable {
  /// The smallest error, whatever it costs.
  case accuracy
  /// The fewest constraints within the tolerance.
  case resources
  /// The fewest constraints within a fifth of the tolerance.
  case both
}

/// What a calibration found.
public struct CalibrationReport: Codable, Sendable {
  /// What `submit` and `plan` take.
  public var settings: QuantizationSettings
  /// Inputs that were used.
  public var samples: Int
  /// Errors of the outputs over all samples.
  public var accuracy: AccuracyReport
  /// What the program decides on any sample by less than its numbers are off.
  public var decisions: CloseDecisions
  /// The operators that lose most on the first sample, the worst first.
  public var losses: [OperatorLoss]
  /// Predicted constraints of the whole model.
  public var predictedConstraints: Int
}

extension Model {
  /// Chooses the cheapest integer program whose outputs stay within the tolerance on the calibration inputs, or the most
  /// accurate one where none does: whether that is good enough is for an `AccuracyRule` to say.
  ///
  /// - Parameters:
  ///   - calibration: at least one set of inputs, the one to prove among them.
  ///   - options: the tolerance, and bits where the user decides them.
  /// - Throws: `countMismatch`, `notFinite`, and where no program runs on these inputs the reason.
  public func quantized(
    calibration: [[[Double]]], options: QuantizationOptions = QuantizationOptions()
  ) throws(ModelError) -> QuantizedModel {
    try PrecisionSearch.best(self, calibration, options).attempt.model
  }

  /// Searches precisions for every value of the model on sample inputs.
  ///
  /// - Parameters:
  ///   - data: at least one set of inputs.
  ///   - target: what to look for: accuracy, small circuits, or both.
  ///   - options: the tolerance, which is not used for `accuracy`, and bits where the user decides them.
  /// - Throws: as `quantized`.
  public func calibrated(
    data: [[[Double]]], target: CalibrationTarget, options: QuantizationOptions
  ) throws(ModelError) -> (model: QuantizedModel, report: CalibrationReport) {
    var options = options
    if target == .both { options.tolerance /= 5 }
    let quantized: QuantizedModel
    switch target {
    case .accuracy:
      let search = try PrecisionSearch(self, data, options)
      let attempts = [try search.mostAccurate(), try? search.equalised?.mostAccurate()]
      quantized =
        attempts.compactMap { $0 }.reduce(attempts[0]!) {
          $1.isBetter(than: $0) ? $1 : $0
        }.model
    case .resources, .both:
      let (search, found) = try PrecisionSearch.best(self, data, options)
      quantized = search.refined(found).model
    }
    var reports: [AccuracyReport] = []
    for values in data { reports.append(try quantized.accuracy(values)) }
    let report = CalibrationReport(
      settings: quantized.settings, samples: data.count, accuracy: AccuracyReport(merging: reports),
      decisions: try quantized.closeDecisions(data), losses: try quantized.losses(data[0]),
      predictedConstraints: quantized.predictedCost)
    return (quantized, report)
  }
}
