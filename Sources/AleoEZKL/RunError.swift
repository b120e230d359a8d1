import Circuit
import Model

/// Why a run has no proof.
public enum RunError: Error, CustomStringConvertible {
  /// The model or its input cannot be read, evaluated or quantised.
  case model(ModelError)
  /// The integer program is further from the float model than the rule allows, or decides otherwise.
  case inaccurate(reason: String)
  /// No circuits within the limits can be made of the model.
  case plan(PlanError)
  /// The input leads to a value outside the range that the circuits allow.
  case input(CircuitError)
  /// The proof could not be made.
  case proof(reason: String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .model(let error): error.description
    case .inaccurate(let reason), .proof(let reason): reason
    case .plan(let error): error.description
    case .input(let error): error.redactedDescription
    }
  }
}
