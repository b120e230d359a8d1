import Model

/// What a user decides about a model's inputs and numbers.
public struct RunOptions: Sendable {
  /// How far outputs may be from the float model's.
  public var accuracy: AccuracyRule
  /// What the search for a precision looks for; not used with settings that a calibration found.
  public var precision: QuantizationOptions
  /// Shapes and numbers of inputs that the input file leaves open, and which of its samples is meant.
  public var inputs: InputChoices

  /// Options; without `precision` the search keeps the rule, and half of the standard one.
  public init(
    accuracy: AccuracyRule = .standard, precision: QuantizationOptions? = nil,
    inputs: InputChoices = InputChoices()
  ) {
    self.accuracy = accuracy
    self.inputs = inputs
    self.precision =
      precision
      ?? (accuracy == .standard || accuracy == .any
        ? QuantizationOptions() : QuantizationOptions(tolerance: accuracy.tolerance))
  }
}
