extension Model {
  /// Chooses the cheapest integer program whose outputs stay within the tolerance on the calibration inputs.
  ///
  /// - Parameter calibration: at least one set of inputs, the one to prove among them.
  /// - Throws: `countMismatch`, `toleranceNotReached`, `circuit` where fixed bits do not fit.
  public func quantized(
    calibration: [[[Double]]], options: QuantizationOptions = QuantizationOptions()
  ) throws(ModelError) -> QuantizedModel {
    guard !calibration.isEmpty else {
      throw .countMismatch(what: "calibration inputs", expected: 1, found: 0)
    }
    for values in calibration { try check(values) }
    let search = PrecisionSearch(self, calibration, options)
    return try search.best()
  }
}

/// Looks for the fewest bits that keep the outputs within the tolerance.
struct PrecisionSearch {
  private let model: Model
  private let calibration: [[[Double]]]
  private let options: QuantizationOptions
  private let magnitudes: [Int]
  private let expected: [[[Double]]]

  init(_ model: Model, _ calibration: [[[Double]]], _ options: QuantizationOptions) {
    self.model = model
    self.calibration = calibration
    self.options = options
    let runs = calibration.map { model.graph.evaluate($0) }
    magnitudes = model.graph.values.indices.map { value in
      QuantizationSettings.magnitude(runs.lazy.flatMap { $0[value] })
    }
    expected = runs.map { run in model.graph.outputs.map { run[$0] } }
  }

  private func settings(width: Int, activations: Int, weights: Int) -> QuantizationSettings {
    let scales = model.graph.inputs.indices.map { index in
      let largest = calibration.reduce(0.0) { $1[index].reduce($0) { max($0, abs($1)) } }
      let scale = width - 1 - QuantizationSettings.magnitude([largest])
      let fits =
        Double(sign: .plus, exponent: scale, significand: largest).rounded()
        < Double(sign: .plus, exponent: width - 1, significand: 1)
      return fits ? scale : scale - 1
    }
    return QuantizationSettings(
      inputShapes: model.inputs.map(\.shape),
      inputWidths: model.inputs.map { _ in width }, inputScaleBits: scales,
      activationBits: activations, weightBits: weights, headroomBits: options.headroomBits,
      magnitudes: magnitudes)
  }

  /// A candidate and its worst error; nil where integers overflow or leave their ranges.
  private func attempt(
    _ width: Int, _ activations: Int, _ weights: Int
  ) -> (model: QuantizedModel, error: Double)? {
    let settings = settings(width: width, activations: activations, weights: weights)
    guard let candidate = try? QuantizedModel(model, settings: settings) else { return nil }
    var worst = 0.0
    for (values, expected) in zip(calibration, expected) {
      guard let found = try? candidate.run(values).outputs else { return nil }
      let report = AccuracyReport(
        names: model.outputs.map(\.name), expected: expected, found: found)
      worst = max(worst, report.worst)
    }
    return (candidate, worst)
  }

  func best() throws(ModelError) -> QuantizedModel {
    var best: QuantizedModel?
    var bestError = Double.infinity
    for width in [8, 16, 32] {
      guard let start = attempt(width, options.activationBits ?? 16, options.weightBits ?? 16)
      else { continue }
      bestError = min(bestError, start.error)
      if options.activationBits != nil, options.weightBits != nil, width == 16 {
        return start.model
      }
      guard start.error <= options.tolerance else { continue }
      let candidate = descend(width, start.model)
      if best.map({ candidate.predictedCost < $0.predictedCost }) ?? true { best = candidate }
    }
    if let best { return best }
    if let activations = options.activationBits, let weights = options.weightBits {
      return try QuantizedModel(
        model, settings: settings(width: 16, activations: activations, weights: weights))
    }
    throw .toleranceNotReached(tolerance: options.tolerance, best: bestError)
  }

  /// Lowers both precisions together while the tolerance holds, then each alone.
  private func descend(_ width: Int, _ start: QuantizedModel) -> QuantizedModel {
    var best = start
    var (activations, weights) = (options.activationBits ?? 16, options.weightBits ?? 16)
    let changes: [(Int, Int)] = [(1, 1), (0, 1), (1, 0)]
    for (lessActivations, lessWeights) in changes {
      let steps = (
        options.activationBits == nil ? lessActivations : 0,
        options.weightBits == nil ? lessWeights : 0
      )
      guard steps != (0, 0) else { continue }
      while activations - steps.0 >= 4, weights - steps.1 >= 4,
        let next = attempt(width, activations - steps.0, weights - steps.1),
        next.error <= options.tolerance
      {
        best = next.model
        (activations, weights) = (activations - steps.0, weights - steps.1)
      }
    }
    return best
  }
}
