import AleoEZKL
import Model
import Varuna

/// What the options of a job mean to the library that plans it.
extension SubmitOptions {
  /// What the user decides about the model's numbers.
  package var run: RunOptions {
    var precision = QuantizationOptions(activationBits: activationBits, weightBits: weightBits)
    if let tolerance { precision.tolerance = tolerance }
    return RunOptions(
      accuracy: accuracy, precision: precision, inputs: inputs ?? InputChoices())
  }

  /// The request of a plan for these workers, under parameters that reach so far.
  ///
  /// - Throws: `badJob` where a worker's memory holds no chunk.
  func request(
    for workforce: Workforce, within powers: SRSLimits
  ) throws(CoordinatorError) -> PlanRequest {
    var limits = PlanLimits(powers)
    limits.constraints = min(limits.constraints, self.limits.constraints ?? .max)
    limits.variables = min(limits.variables, self.limits.variables ?? .max)
    limits.nonzeros = min(limits.nonzeros, self.limits.nonzeros ?? .max)
    let workforce = workforce.without(smallerThan: PlanLimits.bytes(ofChunkWithin: 1 << 14))
    if let smallest = workforce.memory?.min() {
      guard let fitting = limits.within(memory: smallest) else {
        throw .badJob("a worker with \(smallest >> 20) MiB of memory cannot hold any chunk")
      }
      limits = fitting
    }
    return PlanRequest(
      workers: workforce.workers, limits: limits, inputVisibility: inputVisibility,
      outputVisibility: outputVisibility, parameterVisibility: parameterVisibility?.committed,
      aggregation: aggregation, target: target, memory: workforce.memory)
  }
}

extension PlannedRun {
  /// The run that a job with these options proves under a plan that was kept.
  ///
  /// - Throws: `badJob` for a plan of another request, and what the job would fail for.
  init(
    _ kept: KeptPlan, _ files: ModelFiles, options: SubmitOptions, for workforce: Workforce,
    library: SRSLibrary
  ) throws(CoordinatorError) {
    if let fault = options.fault { throw .badJob(fault) }
    let request = try options.request(for: workforce, within: library.limits(options.srs))
    guard kept.answers(request, choosingWeights: options.parameterVisibility == nil) else {
      throw .badJob("the plan that was kept is for other limits")
    }
    do throws(RunError) {
      try self.init(kept, files, options: options.run)
    } catch {
      throw CoordinatorError(error)
    }
  }

  /// The run that a job with these options proves, planned in this process.
  ///
  /// - Parameters:
  ///   - files: the job's files.
  ///   - options: what the user decides.
  ///   - workforce: whom it is cut for.
  ///   - library: where the public parameters are, which limit circuits.
  ///   - threads: width of the search.
  /// - Throws: what the job would fail for.
  package init(
    _ files: ModelFiles, options: SubmitOptions, for workforce: Workforce, library: SRSLibrary,
    threads: Int
  ) throws(CoordinatorError) {
    if let fault = options.fault { throw .badJob(fault) }
    let request = try options.request(for: workforce, within: library.limits(options.srs))
    do throws(RunError) {
      self =
        options.parameterVisibility == nil
        ? try .withWeightsWhereCheapest(
          files, options: options.run, request: request, threads: threads)
        : try PlannedRun(files, options: options.run, request: request, threads: threads)
    } catch {
      throw CoordinatorError(error)
    }
  }
}
