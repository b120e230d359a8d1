import Model
import ProofAggregation

extension PlannedRun {
  /// Precisions that are asked for one after the other where coarser settings say too little about random inputs.
  private static let finerBits = [12, 16, 20, 24]

  /// A run whose settings are good enough for a verifier who does not see its values, and so tries them on random inputs.
  ///
  /// One input says little about settings: where a model's results are classes, the coarsest precision may give the right one.
  /// - Parameters:
  ///   - files: what is planned.
  ///   - options: what the user decides.
  ///   - plan: plans it.
  /// - Throws: `RunError.inaccurate` where no precision is good enough, and what `plan` throws.
  static func tried(
    _ files: ModelFiles, _ options: RunOptions,
    plan: (RunOptions) throws(RunError) -> PlannedRun
  ) throws(RunError) -> PlannedRun {
    var run = try plan(options)
    run.trySettings()
    let isChosenHere = try files.settings() == nil
    guard isChosenHere, !run.lostOutputs.isEmpty else { return run }
    if options.precision.activationBits == nil, options.precision.weightBits == nil {
      var options = options
      for bits in finerBits {
        options.precision.leastBits = bits
        guard var finer = try? plan(options) else { continue }
        finer.trySettings()
        if finer.lostOutputs.isEmpty { return finer }
      }
    }
    throw .inaccurate(
      reason: run.lostOutputs.joined(separator: "; ")
        + ", so that whoever verifies without seeing the values would refuse the proof; calibrate with inputs like this one, "
        + "prove under these settings and give them to whoever verifies, or accept it with --any-accuracy"
    )
  }

  /// Tries the settings as a verifier will who does not see the values of this run, unless one sees them.
  private mutating func trySettings() {
    guard !plan.request.showsValues, judgement.rule != .any else { return }
    lostOutputs = SettingsTrial(model, planDigest: plan.digest, withScales: false)
      .failures(tolerance: judgement.rule.tolerance)
  }
}
