import Model

/// How visible the ends of a model must be, and where its weights must stand, for a document to be accepted; nil: anyhow.
public struct VisibilityPins: Equatable, Sendable {
  /// Who learns the inputs.
  public var inputs: Visibility?
  /// Who learns the outputs.
  public var outputs: Visibility?
  /// Where the weights are.
  public var weights: ParameterVisibility?

  /// Pins nothing, unless said otherwise.
  public init(
    inputs: Visibility? = nil, outputs: Visibility? = nil, weights: ParameterVisibility? = nil
  ) {
    (self.inputs, self.outputs, self.weights) = (inputs, outputs, weights)
  }

  /// Whether nothing is left to the prover.
  var isComplete: Bool { inputs != nil && outputs != nil && weights != nil }
}
