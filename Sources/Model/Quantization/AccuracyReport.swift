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
    /// Elements that differ although they are whole numbers, as classes are.
    public var mismatches: Int
  }

  /// One entry per output, in order.
  public var outputs: [Output]

  /// The largest error of all outputs, absolute or relative to outputs above 1; infinite where a whole number differs.
  public var worst: Double {
    outputs.reduce(0) { max($0, $1.mismatches > 0 ? .infinity : $1.maximalRelativeError) }
  }

  init(model: Model, expected: [[Double]], found: [[Double]]) {
    let exact = model.exactOutputs
    outputs = model.outputs.indices.map { index in
      let pairs = zip(expected[index], found[index])
      let errors = pairs.map { $0 == $1 ? 0 : abs($0 - $1) }
      return Output(
        name: model.outputs[index].name, maximalError: errors.max() ?? 0,
        meanError: errors.reduce(0, +) / Double(max(errors.count, 1)),
        maximalRelativeError: pairs.reduce(0) {
          max($0, AccuracyRule.error($1.0, $1.1))
        },
        mismatches: exact[index] ? pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) } : 0)
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
        maximalRelativeError: all.reduce(0) { max($0, $1.maximalRelativeError) },
        mismatches: all.reduce(0) { $0 + $1.mismatches })
    }
  }
}
