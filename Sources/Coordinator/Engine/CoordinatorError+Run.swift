import AleoEZKL

extension CoordinatorError {
  /// What an error of planning means for a job.
  public init(_ error: RunError) {
    switch error {
    case .model(let error): self.init(error)
    case .calibration(let error): self = .badFile(.calibration, reason: error.description)
    case .noSamples: self = .badFile(.calibration, reason: error.description)
    case .settingsForFixedWeights:
      self = .badJob(
        "the settings are for weights that are fixed in the circuits; calibrate with "
          + "--param-visibility as well")
    case .input(let error): self = .badJob("\(error)")
    case .inaccurate, .plan, .onChain, .proof: self = .badJob(error.description)
    }
  }
}
