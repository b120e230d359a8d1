import Aleo
import Circuit
import Model

/// Why a run has no proof.
public enum RunError: Error, CustomStringConvertible {
  /// The model or its input cannot be read, evaluated or quantised.
  case model(ModelError)
  /// The file with settings or samples cannot be used.
  case calibration(ModelError)
  /// There are no samples to calibrate with.
  case noSamples
  /// The settings are for weights in the circuits, and weights are to be committed to.
  case settingsForFixedWeights
  /// The integer program is further from the float model than the rule allows, or decides otherwise.
  case inaccurate(reason: String)
  /// No circuits within the limits can be made of the model.
  case plan(PlanError)
  /// The plan breaks a limit of its target.
  case onChain(AleoNetwork, AleoError)
  /// The input leads to a value outside the range that the circuits allow.
  case input(CircuitError)
  /// The proof could not be made.
  case proof(reason: String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .model(let error), .calibration(let error): error.description
    case .noSamples: "there are no samples"
    case .settingsForFixedWeights:
      "the settings are for weights that are fixed in the circuits, not for committed ones"
    case .inaccurate(let reason), .proof(let reason): reason
    case .plan(let error): error.description
    case .onChain(let network, let error):
      "the plan does not fit \(network.rawValue): \(error)"
    case .input(let error): error.redactedDescription
    }
  }
}
