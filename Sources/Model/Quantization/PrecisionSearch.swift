/// Looks for the fewest bits that keep the outputs within the tolerance.
struct PrecisionSearch {
  let model: Model
  let calibration: [[[Double]]]
  let options: QuantizationOptions
  /// Bounds of every value over the calibration inputs.
  private let lowest: [Double]
  private let highest: [Double]
  /// Float outputs per calibration input.
  private let expected: [[[Double]]]

  /// A candidate and its largest error over the calibration inputs.
  struct Attempt {
    var model: QuantizedModel
    var error: Double
  }

  /// Precisions to start from, activations before weights, until one is good enough.
  static let ladder = [(16, 16), (20, 18), (24, 22), (28, 24)]

  init(
    _ model: Model, _ calibration: [[[Double]]], _ options: QuantizationOptions
  ) throws(ModelError) {
    guard !calibration.isEmpty else {
      throw .countMismatch(what: "calibration inputs", expected: 1, found: 0)
    }
    self.model = model
    self.calibration = calibration
    self.options = options
    let graph = model.graph
    var lowest = [Double](repeating: .infinity, count: graph.values.count)
    var highest = [Double](repeating: -.infinity, count: graph.values.count)
    var expected: [[[Double]]] = []
    for values in calibration {
      try model.check(values)
      let results = graph.evaluate(values)
      for value in graph.values.indices {
        for (element, number) in results[value].enumerated() where !number.isInfinite {
          guard !number.isNaN, abs(number) <= QuantizationSettings.largestNumber else {
            throw .notFinite(tensor: graph.values[value].name, element: element)
          }
          lowest[value] = min(lowest[value], number)
          highest[value] = max(highest[value], number)
        }
      }
      expected.append(graph.outputs.map { results[$0] })
    }
    self.lowest = zip(lowest, highest).map { $0 <= $1 ? $0 : 0 }
    self.highest = zip(lowest, highest).map { $0 <= $1 ? $1 : 0 }
    self.expected = expected
  }

  /// Settings with one width for all inputs of real numbers; whole numbers take the smallest width that holds them.
  func settings(
    width: Int, activations: Int, weights: Int, extra: [Int]? = nil
  ) -> QuantizationSettings {
    var (widths, scales): ([Int], [Int]) = ([], [])
    for input in model.graph.inputs {
      let largest = max(abs(lowest[input]), abs(highest[input]))
      func fits(_ width: Int, _ scaleBits: Int) -> Bool {
        Double(sign: .plus, exponent: scaleBits, significand: largest).rounded()
          < Double(sign: .plus, exponent: width - 1, significand: 1)
      }
      if model.graph.values[input].isInteger {
        // Without a sign where the type has none; beyond 32 bits with some room, so that sums still fit 64 bits.
        let type = model.graph.values[input].type
        let sign = type.bounds.map { $0.lowerBound < 0 } ?? true ? 0 : 1
        let needed = (1...63).first { fits($0 + sign, 0) } ?? 64
        widths.append([8, 16, 32].first { $0 >= needed } ?? min(64, needed + options.headroomBits))
        scales.append(0)
      } else {
        let scaleBits = width - 1 - QuantizationSettings.magnitude(largest)
        widths.append(width)
        scales.append(fits(width, scaleBits) ? scaleBits : scaleBits - 1)
      }
    }
    return QuantizationSettings(
      inputShapes: model.inputs.map(\.shape),
      fixedInputs: model.fixedInputs.isEmpty ? nil : model.fixedInputs, inputWidths: widths,
      inputScaleBits: scales,
      activationBits: activations, weightBits: weights, headroomBits: options.headroomBits,
      lowest: lowest, highest: highest,
      extraBits: extra ?? [Int](repeating: 0, count: lowest.count))
  }

  /// The program of some settings and its worst error.
  func attempt(_ settings: QuantizationSettings) throws(ModelError) -> Attempt {
    let candidate = try QuantizedModel(model, settings: settings)
    var worst = 0.0
    for (values, expected) in zip(calibration, expected) {
      let report = AccuracyReport(
        names: model.outputs.map(\.name), expected: expected,
        found: try candidate.run(values).outputs)
      worst = max(worst, report.worst)
    }
    return Attempt(model: candidate, error: worst)
  }

  private func attempt(_ width: Int, _ activations: Int, _ weights: Int) -> Attempt? {
    try? attempt(settings(width: width, activations: activations, weights: weights))
  }

  func best() throws(ModelError) -> QuantizedModel {
    var bestError = Double.infinity
    for width in [16, 32] {
      for (activations, weights) in Self.ladder {
        let precision = (options.activationBits ?? activations, options.weightBits ?? weights)
        guard let start = attempt(width, precision.0, precision.1) else { continue }
        bestError = min(bestError, start.error)
        // Precision that the user fixed is taken as it is.
        let isFixed = options.activationBits != nil && options.weightBits != nil
        guard isFixed || start.error <= options.tolerance else { continue }
        let found = isFixed ? start.model : lowered(width, start.model)
        return narrowed(found)
      }
    }
    if bestError.isInfinite {
      // Nothing could be run: the reason is that of the first attempt.
      let (activations, weights) = Self.ladder[0]
      _ = try attempt(
        settings(
          width: 16, activations: options.activationBits ?? activations,
          weights: options.weightBits ?? weights))
    }
    throw .toleranceNotReached(tolerance: options.tolerance, best: bestError)
  }

  /// Inputs of 8 bits, if they are good enough and cheaper.
  private func narrowed(_ found: QuantizedModel) -> QuantizedModel {
    let settings = found.settings
    guard
      let narrow = attempt(8, settings.activationBits, settings.weightBits),
      narrow.error <= options.tolerance, narrow.model.predictedCost < found.predictedCost
    else { return found }
    return narrow.model
  }

  /// Lowers both precisions together while the tolerance holds, then each alone.
  private func lowered(_ width: Int, _ start: QuantizedModel) -> QuantizedModel {
    var best = start
    for (lessActivations, lessWeights) in [(1, 1), (0, 1), (1, 0)] {
      let step = (
        options.activationBits == nil ? lessActivations : 0,
        options.weightBits == nil ? lessWeights : 0
      )
      guard step != (0, 0) else { continue }
      // How many bits can go, by bisection: fewer bits are hardly ever better.
      let (activations, weights) = (best.settings.activationBits, best.settings.weightBits)
      let most = min(
        step.0 == 0 ? .max : activations - 4, step.1 == 0 ? .max : weights - 4)
      var (good, bad) = (0, max(0, most) + 1)
      while bad - good > 1 {
        let middle = (good + bad) / 2
        if let next = attempt(
          width, activations - middle * step.0, weights - middle * step.1),
          next.error <= options.tolerance
        {
          (good, best) = (middle, next.model)
        } else {
          bad = middle
        }
      }
    }
    return best
  }
}
