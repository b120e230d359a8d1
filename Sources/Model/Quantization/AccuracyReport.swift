/// Difference between integer and float outputs.
public struct AccuracyReport: Hashable, Sendable, Codable {
  /// One output's differences over its elements.
  public struct Output: Hashable, Sendable, Codable {
    /// The name in the model.
    public var name: String
    /// Largest absolute error.
    public var maximalError: Double
    /// Mean absolute error.
    public var meanError: Double
    /// Largest error, relative where the float output exceeds 1.
    public var maximalRelativeError: Double
  }

  /// One entry per output, in order.
  public var outputs: [Output]

  /// The largest error of all outputs, absolute or relative to outputs above 1.
  public var worst: Double {
    outputs.reduce(0) { max($0, $1.maximalRelativeError) }
  }

  init(names: [String], expected: [[Double]], found: [[Double]]) {
    outputs = names.indices.map { index in
      let errors = zip(expected[index], found[index]).map { abs($0 - $1) }
      let relative = zip(errors, expected[index]).map { $0 / max(1, abs($1)) }
      return Output(
        name: names[index], maximalError: errors.max() ?? 0,
        meanError: errors.reduce(0, +) / Double(max(errors.count, 1)),
        maximalRelativeError: relative.max() ?? 0)
    }
  }
}

extension AccuracyReport {
  /// Largest and mean errors over reports about the same outputs.
  init(merging reports: [AccuracyReport]) {
    outputs = reports[0].outputs.indices.map { index in
      let all = reports.map { $0.outputs[index] }
      return Output(
        name: all[0].name, maximalError: all.reduce(0) { max($0, $1.maximalError) },
        meanError: all.reduce(0) { $0 + $1.meanError } / Double(all.count),
        maximalRelativeError: all.reduce(0) { max($0, $1.maximalRelativeError) })
    }
  }
}
