import Model

/// Where a model's weights are, and who may learn them.
public enum ParameterVisibility: String, Codable, Sendable, CaseIterable {
  /// Constants of the circuits: other weights, other keys. Whoever verifies with the model has them.
  case fixed
  /// Witnesses behind unsalted commitments: whoever has the model recomputes them.
  case hashed
  /// Witnesses behind salted commitments.
  case `private`

  /// The visibility of the commitments; nil where there are none.
  public var committed: Visibility? {
    switch self {
    case .fixed: nil
    case .hashed: .hashed
    case .private: .private
    }
  }

  /// Where the weights of a plan with this request are.
  package init(_ request: PlanRequest) {
    switch request.parameterVisibility {
    case nil, .public: self = .fixed
    case .hashed: self = .hashed
    case .private: self = .private
    }
  }
}
