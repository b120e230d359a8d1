import Model

extension DocumentVerifier {
  /// Tries the prover's settings on random inputs, where neither the reader pinned them nor the values of this run show what
  /// they did.
  func trialCheck(_ expectation: ModelExpectation) -> (DocumentCheck?, SettingsTrial?) {
    guard !showsValues, pins.settings == nil, pins.accuracy.tolerance < .infinity else {
      return (nil, nil)
    }
    let trial = SettingsTrial(
      expectation.quantized, of: expectation.model, seed: expectation.planDigest.bytes)
    let detail =
      trial.worst.map { "they lose at most \($0) of what the float model says" }
      ?? "nothing could be compared"
    return (
      DocumentCheck(
        "settings on random inputs", trial.failures(tolerance: pins.accuracy.tolerance),
        otherwise: "\(trial.inputs) inputs, \(detail)"),
      trial
    )
  }
}
