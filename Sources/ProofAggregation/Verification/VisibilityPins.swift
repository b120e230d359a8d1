import Model

/// How visible the ends of a model must be, and where its weights must stand, for a document to be accepted; nil: anyhow.
public struct VisibilityPins: Equatable, Sendable {
  /// Who learns the inputs.
  public var inputs: Visibility?
  /// Who learns the outputs.
  public var outputs: Visibility?
  /// Where the weights are.
  public var weights: WeightPlace?

  /// Pins nothing, unless said otherwise.
  public init(
    inputs: Visibility? = nil, outputs: Visibility? = nil, weights: WeightPlace? = nil
  ) {
    (self.inputs, self.outputs, self.weights) = (inputs, outputs, weights)
  }

  /// Whether nothing is left to the prover.
  var isComplete: Bool { inputs != nil && outputs != nil && weights != nil }
}

/// Where the weights of a proven model are.
public enum WeightPlace: String, Sendable, CaseIterable {
  /// In the circuits, so that the keys are theirs.
  case fixed
  /// Behind hashes that anybody who has the model can compare.
  case hashed
  /// Behind salted commitments: nobody but the prover knows whether they are the model's.
  case `private`

  /// The place that a plan's request names.
  init(_ visibility: Visibility?) {
    switch visibility {
    case nil, .public: self = .fixed
    case .hashed: self = .hashed
    case .private: self = .private
    }
  }
}
