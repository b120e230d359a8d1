import Model

extension DocumentVerifier {
  /// Tries the prover's settings on random inputs, where neither the reader pinned them nor the values of this run show what
  /// they did.
  func trialCheck(_ expectation: ModelExpectation) -> (DocumentCheck?, SettingsTrial?) {
    guard !document.showsValues, pins.settings == nil, pins.accuracy.tolerance < .infinity else {
      return (nil, nil)
    }
    let trial = SettingsTrial(expectation.quantized, planDigest: expectation.planDigest.bytes)
    let failures = trial.failures(tolerance: pins.accuracy.tolerance)
    // Nothing was compared: a warning says so, and no check claims to have passed.
    guard let worst = trial.worst else { return (nil, trial) }
    return (
      DocumentCheck(
        "settings on random inputs", failures,
        otherwise: "\(trial.inputs) inputs, they lose at most \(worst) of what the float model says"
      ),
      trial
    )
  }
}
