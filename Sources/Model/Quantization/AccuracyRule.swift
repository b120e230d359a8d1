/// How far integer outputs may be from the float model's: the one rule of whoever refuses a wrong number.
///
/// An element of a floating-point output passes if its error is at most `tolerance`, absolute or relative to the float
/// result. An element of an output whose elements are whole numbers (labels, indices, counts) passes if it is equal.
public struct AccuracyRule: Hashable, Sendable, Codable {
  /// The largest error of a floating-point element; infinite: any error is accepted, of whole numbers too.
  public var tolerance: Double

  /// What is asked where nobody says anything else.
  public static let standard = AccuracyRule(tolerance: 1e-3)
  /// Accepts whatever there is; the judgement still says how good it is.
  public static let any = AccuracyRule(tolerance: .infinity)

  /// - Parameter tolerance: at least 0.
  public init(tolerance: Double) { self.tolerance = tolerance }

  /// Compares outputs with those of the float model, one list per output.
  ///
  /// - Parameters:
  ///   - names: what the outputs are called.
  ///   - areExact: for every output whether its elements are whole numbers that must be equal.
  ///   - expected: what the float model gives.
  ///   - found: what the integers stand for.
  public func judge(
    names: [String], areExact: [Bool], expected: [Numbers], found: [Numbers]
  ) -> AccuracyJudgement {
    AccuracyJudgement(
      rule: self,
      outputs: names.indices.map { index in
        judge(
          names[index], isExact: areExact[index], expected: expected[index], found: found[index])
      })
  }

  private func judge(
    _ name: String, isExact: Bool, expected: Numbers, found: Numbers
  ) -> AccuracyJudgement.Output {
    var worst: AccuracyJudgement.Element?
    var failing = abs(expected.count - found.count)
    let errors = Self.errors(expected, found)
    for (index, (wanted, got)) in zip(expected.reals, found.reals).enumerated() {
      let error = errors[index]
      let passes = tolerance == .infinity || (isExact ? error == 0 : error <= tolerance)
      if !passes { failing += 1 }
      if worst.map({ error > $0.error }) ?? true {
        worst = AccuracyJudgement.Element(
          index: index, expected: wanted, found: got, error: error)
      }
    }
    return AccuracyJudgement.Output(name: name, isExact: isExact, worst: worst, failing: failing)
  }

  /// The errors of elements: of integers exact ones, as doubles cannot tell large ones apart.
  private static func errors(_ expected: Numbers, _ found: Numbers) -> [Double] {
    guard case .integers(let wanted) = expected, case .integers(let got) = found else {
      return zip(expected.reals, found.reals).map { error($0, $1) }
    }
    return zip(wanted, got).map { wanted, got in
      let (difference, isTooLarge) = wanted.subtractingReportingOverflow(got)
      if isTooLarge { return .infinity }
      return Double(difference.magnitude) / max(1, Double(wanted.magnitude))
    }
  }

  /// The smaller of the absolute and the relative error; infinite where one of two unequal numbers is not finite.
  static func error(_ expected: Double, _ found: Double) -> Double {
    if expected == found || expected.isNaN && found.isNaN { return 0 }
    guard expected.isFinite, found.isFinite else { return .infinity }
    return abs(expected - found) / max(1, abs(expected))
  }
}

/// Whether outputs keep an `AccuracyRule`, and which element is worst.
public struct AccuracyJudgement: Hashable, Sendable, Codable {
  /// An element of an output.
  public struct Element: Hashable, Sendable, Codable {
    /// Its place in the flattened output.
    public var index: Int
    /// What the float model gives.
    public var expected: Double
    /// What the integer stands for.
    public var found: Double
    /// The smaller of the absolute and the relative error.
    public var error: Double
  }

  /// One output.
  public struct Output: Hashable, Sendable, Codable {
    /// The name in the model.
    public var name: String
    /// Whether its elements are whole numbers that must be equal.
    public var isExact: Bool
    /// The element with the largest error; nil where there is none.
    public var worst: Element?
    /// How many elements break the rule.
    public var failing: Int
  }

  /// The rule that was applied.
  public var rule: AccuracyRule
  /// One entry per output, in order.
  public var outputs: [Output]

  /// Whether every element keeps the rule.
  public var holds: Bool { outputs.allSatisfy { $0.failing == 0 } }

  /// The largest error of all outputs.
  public var worst: Double { outputs.compactMap(\.worst?.error).max() ?? 0 }

  /// For every output that breaks the rule a line that names the worst element and both of its values.
  public var failures: [String] {
    outputs.filter { $0.failing > 0 }.map { output in
      guard let worst = output.worst else { return "output '\(output.name)' has missing elements" }
      let limit = output.isExact ? "must be equal" : "tolerance \(rule.tolerance)"
      return "output '\(output.name)' element \(worst.index) is \(worst.found), the float model "
        + "gives \(worst.expected) (\(limit); \(output.failing) elements beyond it)"
    }
  }
}

extension Model {
  /// For every input whether its elements are whole numbers.
  public var exactInputs: [Bool] { inputs.map(\.elementType.isInteger) }

  /// For every output whether its elements are whole numbers, so that an error of any size is a wrong answer.
  public var exactOutputs: [Bool] {
    // Not by numbers of weights that are committed to: a layer of zeros would have whole numbers.
    let graph = weights?.graph ?? importedGraph
    return graph.outputs.map { graph.values[$0].isInteger }
  }

  /// Compares outputs with those that the float model gives for inputs.
  ///
  /// - Throws: what `evaluate` throws; where outputs are not as many as the model's, `countMismatch`.
  public func judge(
    outputs found: [Numbers], ofInputs inputs: [Numbers], by rule: AccuracyRule
  ) throws(ModelError) -> AccuracyJudgement {
    guard found.count == outputs.count else {
      throw .countMismatch(what: "outputs", expected: outputs.count, found: found.count)
    }
    return rule.judge(
      names: outputs.map(\.name), areExact: exactOutputs, expected: try evaluate(inputs),
      found: found)
  }
}
