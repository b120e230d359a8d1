import Aleo
import Model

extension PlannedRun {
  /// The run with weights where they cost least: in the circuits, unless settings are for committed weights, or a call on
  /// the request's target takes fewer proofs with commitments, or as many and costs less.
  ///
  /// - Parameters:
  ///   - files: the model, its input, and what the quantisation comes from.
  ///   - options: how far outputs may be from the float model's, and precisions.
  ///   - request: what else decides the plan; its `parameterVisibility` does not count.
  ///   - threads: width of the search for a plan; it does not change the plan.
  /// - Throws: as ``init(_:options:request:threads:)``.
  public static func withWeightsWhereCheapest(
    _ files: ModelFiles, options: RunOptions = RunOptions(), request: PlanRequest, threads: Int = 1
  ) throws(RunError) -> PlannedRun {
    try tried(files, options) { (options) throws(RunError) in
      try untried(files, options: options, request: request, threads: threads)
    }
  }

  /// The same without a trial of the settings.
  private static func untried(
    _ files: ModelFiles, options: RunOptions, request: PlanRequest, threads: Int
  ) throws(RunError) -> PlannedRun {
    func planned(
      _ visibility: Visibility?, reason: String? = nil
    ) throws(RunError) -> PlannedRun {
      var request = request
      request.parameterVisibility = visibility
      var run = try PlannedRun(
        untried: files, options: options, request: request, threads: threads)
      run.reason = reason
      return run
    }
    if let settings = try files.settings() {
      return settings.parameters == nil
        ? try planned(nil)
        : try planned(.hashed, reason: "the settings are for committed weights")
    }
    guard request.target != nil, request.aggregation == .batch else { return try planned(nil) }
    let fixed = Result { () throws(RunError) in try planned(nil) }
    if case .success(let run) = fixed, run.plan.groups.count == 1 { return run }
    guard var committed = try? planned(.hashed),
      let call = try? committed.verifierPrograms()[0].cost.totalMicrocredits
    else { return try fixed.get() }
    guard let run = try? fixed.get(), let other = try? run.verifierPrograms()[0].cost else {
      committed.reason = "with weights in the circuits no plan fits the target"
      return committed
    }
    let (count, proofs) = (committed.plan.groups.count, run.plan.groups.count)
    guard (count, call) < (proofs, other.totalMicrocredits) else { return run }
    let saved =
      count < proofs
      ? "\(count) proof\(count == 1 ? "" : "s") instead of \(proofs)"
      : "\(call) microcredits a call instead of \(other.totalMicrocredits)"
    committed.reason = "\(saved): layers of one shape share a circuit"
    return committed
  }

  /// The programs that will verify the plan's proofs on chain with what each costs, the cheapest first; zeros stand for
  /// the keys that do not exist yet.
  ///
  /// A registry's name is known when its keys are, where a proof has several circuits: their order follows from the keys.
  /// - Throws: where all break a limit of Aleo.
  public func verifierPrograms(
    _ request: VerificationRequest = VerificationRequest()
  ) throws(AleoError) -> [(program: VerifierProgram, cost: CallCost)] {
    let isOrdered = plan.groups.allSatisfy { $0.circuits.count == 1 }
    return try plan.verifierProgram(
      name: ProgramName.suggested(model: reference.name, digest: reference.digest.hex),
      modelDigest: reference.digest.bytes
    ).ways(request).map { way in
      guard way.cost.registration != nil, request.name == nil, !isOrdered else { return way }
      var way = way
      way.cost.program = ProgramName.ofSomeRegistry
      return way
    }
  }

  /// The programs for the request's target, the cheapest first; nil where the proofs stay off chain.
  ///
  /// - Throws: `RunError.onChain` where it breaks a limit of the target.
  package func targetPrograms() throws(RunError) -> (
    network: AleoNetwork, ways: [(program: VerifierProgram, cost: CallCost)]
  )? {
    guard let target = plan.request.target else { return nil }
    do {
      return (target, try verifierPrograms())
    } catch {
      throw .onChain(target, error)
    }
  }
}
