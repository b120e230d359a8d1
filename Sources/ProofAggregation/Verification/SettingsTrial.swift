import Model

/// What a quantisation makes of random inputs, beside what the float model says of them.
///
/// A look at settings that somebody else chose, for where the values that they were used on are hidden. It recognises settings
/// that round a model away; that they were good enough for one certain input it cannot say.
public struct SettingsTrial: Codable, Equatable, Sendable {
  /// One output of the model.
  public struct Output: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// How much of what the float results say is lost: 0 if the integers are exact, 1 if they are as good as a constant. Nil where
    /// the float results are all the same.
    ///
    /// The root mean square of the errors over that of the float results' distances from their mean. Of whole numbers it is at most
    /// the number of wrong ones over the number of those that are not the most frequent one.
    public var loss: Double?
    /// The largest error, absolute or relative to results above 1.
    public var error: Double
    /// Whether its elements are whole numbers, of which a near tie may give quite another.
    public var isExact: Bool
    /// How many elements of all inputs' results differ.
    public var differing: Int
    /// An element that is as good as a constant, or worse, and further off than any other of that kind; nil if there is none.
    public var lost: LostElement?
  }

  /// An element of an output that says nothing any more.
  public struct LostElement: Codable, Equatable, Sendable {
    /// Its place in the flattened output.
    public var index: Int
    /// Its largest error, absolute or relative to results above 1.
    public var error: Double
  }

  /// What became of inputs of one size.
  public struct Scale: Codable, Equatable, Sendable {
    /// From the least to the largest number that was drawn.
    public var least: Double
    /// See `least`.
    public var largest: Double
    /// Random inputs that the integer program accepts.
    public var inputs: Int
    /// In the order of the model.
    public var outputs: [Output]
  }

  /// Random inputs that the integer program accepts, of those that fill a part of what its integers can hold.
  public var inputs: Int
  /// In the order of the model.
  public var outputs: [Output]
  /// The same for the inputs of each size alone.
  public var parts: [[Output]]
  /// The same for inputs of usual sizes, where these are far smaller than what the integers can hold: whether they were meant for
  /// such inputs only the prover knows.
  public var scales: [Scale]

  /// Settings that lose more of what the float model says are none of the model.
  public static let largestLoss = 0.5
  /// Fewer wrong whole numbers than this say nothing: random inputs have near ties too.
  static let fewestDiffering = 4
  /// A single element that is lost must be wrong by so many tolerances: calibration did not see inputs as these.
  static let tolerancesOfElements = 10.0

  /// The largest loss of all outputs; nil where nothing could be compared.
  public var worst: Double? { outputs.compactMap(\.loss).max() }

  /// Runs both models on random inputs that fill a half, a quarter, an eighth and a sixteenth of what the integers can hold; on
  /// smaller ones where none of these is accepted; and on inputs of usual sizes. Elements of masks stand at either end of what
  /// calibration saw.
  ///
  /// - Parameters:
  ///   - quantized: the model under the settings.
  ///   - seed: equal seeds give equal inputs.
  ///   - withScales: whether inputs of usual sizes are tried, which only warnings come from.
  package init(_ quantized: QuantizedModel, seed: [UInt8], withScales: Bool = true) {
    var inputs = TrialInputs(quantized, seed: seed)
    var results = TrialResults(quantized.model)
    // By size, because errors of large inputs hide those of small ones.
    var sizes: [Int: TrialResults] = [:]
    for part in TrialInputs.parts where results.count == 0 {
      for sample in 0..<inputs.samples {
        let drawn = inputs.draw(part, sample)
        results.add(drawn, to: quantized)
        sizes[part.exponent(sample), default: TrialResults(quantized.model)].add(
          lastOf: results)
      }
    }
    self.inputs = results.count
    outputs = results.outputs
    parts = sizes.sorted { $0.key < $1.key }.map(\.value.outputs)
    scales = []
    for range in TrialInputs.usualRanges where withScales && inputs.isSmall(range) {
      var results = TrialResults(quantized.model)
      for _ in 0..<inputs.samples {
        results.add(inputs.draw(range), to: quantized)
      }
      scales.append(
        Scale(
          least: range.lowerBound, largest: range.upperBound, inputs: results.count,
          outputs: results.outputs))
    }
  }

  /// The trial of settings that lead to a plan, which everybody makes alike.
  ///
  /// - Parameters:
  ///   - quantized: the model under these settings.
  ///   - planDigest: what the random inputs follow from.
  ///   - withScales: whether inputs of usual sizes are tried, which only warnings come from.
  package init(_ quantized: QuantizedModel, planDigest: [UInt8], withScales: Bool = true) {
    self.init(quantized, seed: planDigest, withScales: withScales)
  }

  /// For every output that loses too much, by more than a tolerance, a line.
  package func failures(tolerance: Double) -> [String] {
    outputs.indices.compactMap { index in
      // Of whole numbers those of one size are too few: random inputs have near ties too.
      let judged =
        [outputs[index]] + (outputs[index].isExact ? [] : parts.map { $0[index] })
      return judged.lazy.compactMap { $0.failure(tolerance: tolerance) }.first.map {
        "output '\(outputs[index].name)': on random inputs \($0)"
      }
    }
  }

  /// For every output that loses too much at a usual size of inputs, by more than a tolerance, a line.
  package func warnings(tolerance: Double) -> [String] {
    scales.flatMap { scale in
      scale.outputs.compactMap { output in
        output.failure(tolerance: tolerance).map {
          "output '\(output.name)': on inputs from \(scale.least) to \(scale.largest) \($0); if the prover's were of this "
            + "size, the proof says nothing about the model"
        }
      }
    }
  }
}

extension SettingsTrial.Output {
  /// Why the settings are none of the model, by this output; nil where they may be.
  package func failure(tolerance: Double) -> String? {
    if let loss, error > tolerance {
      if isExact, loss >= 1, differing >= SettingsTrial.fewestDiffering {
        return
          "\(differing) whole numbers differ: the settings are no better than one answer for all"
      }
      if !isExact, loss > SettingsTrial.largestLoss {
        return "the settings lose \(loss) of what the float model says, more than "
          + "\(SettingsTrial.largestLoss), and are wrong by up to \(error)"
      }
    }
    if !isExact, let lost, lost.error > SettingsTrial.tolerancesOfElements * tolerance {
      return "element \(lost.index) is no better than a constant, and wrong by up to \(lost.error)"
    }
    return nil
  }
}
