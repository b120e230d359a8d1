import Aleo
import Circuit
import CircuitSource
import Model
import ProofAggregation
import Varuna
import Wire

/// The real engine: ONNX models or given circuits, Varuna proofs.
package struct VarunaEngine: JobEngine {
  package let artifacts: ArtifactStore
  let home: HomeFolder
  package let library: SRSLibrary
  package let threads: Int

  package init(home: HomeFolder, artifacts: ArtifactStore, threads: Int) {
    self.artifacts = artifacts
    self.home = home
    self.threads = threads
    library = SRSLibrary(home: home, threads: threads)
  }

  package func check(
    _ request: JobRequest, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) {
    _ = try library.limits(request.options.srs)
    _ = try version(request)
    switch request.kind {
    case .circuits: _ = try CircuitLists(request, artifacts: artifacts)
    case .model:
      for bits in [request.options.activationBits, request.options.weightBits] {
        if let bits, !SubmitOptions.bits.contains(bits) {
          throw .badJob(
            "activation and weight bits must be from \(SubmitOptions.bits.lowerBound) to "
              + "\(SubmitOptions.bits.upperBound), not \(bits)")
        }
      }
      try QuantizedRun.check(
        model: try read(request.model), input: try read(request.input),
        calibration: try request.calibration.map(read),
        committing: request.options.parameterVisibility?.committed != nil)
    }
  }

  package func prepare(
    _ request: JobRequest, for workforce: Workforce,
    progress: @Sendable (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> any PreparedJob {
    let statement = try statement(request, for: workforce, progress: progress)
    return try job(statement, request, artifacts: artifacts, progress: progress)
  }

  /// Plans and evaluates; stores circuits and witnesses in this engine's artifacts.
  func statement(
    _ request: JobRequest, for workforce: Workforce,
    progress: (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> JobStatement {
    switch request.kind {
    case .model:
      let model = try modelStatement(request, for: workforce, progress: progress)
      try progress("preparing the tasks")
      try model.storeArtifacts()
      return model.statement
    case .circuits:
      try progress("checking circuits and witnesses")
      return try circuitsStatement(request, workers: workforce.workers).statement
    }
  }

  /// A job with this statement, under the parameters that its request names.
  func job(
    _ statement: JobStatement, _ request: JobRequest, artifacts: ArtifactStore,
    staging: StagingFolder? = nil, judge: KeyJudge? = nil,
    progress: (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> VarunaJob {
    if let fault = statement.fault {
      throw .badJob("the finished document would not verify: \(fault.name): \(fault.detail)")
    }
    try progress("loading the public parameters")
    let domains = statement.circuits.map(\.domains)
    let parameters = try library.load(
      request.options.srs, R: domains.map(\.constraints).max() ?? 1,
      C: domains.map(\.variables).max() ?? 1, K: domains.flatMap(\.nonzeros).max() ?? 2)
    return try VarunaJob(
      statement, version: try version(request), parameters: parameters, artifacts: artifacts,
      staging: staging, judge: judge, threads: threads)
  }

  /// What is wrong with a key, the circuit read from this engine's artifacts.
  func fault(
    _ order: KeyOrder, under parameters: String
  ) throws(CoordinatorError) -> String? {
    let domains = order.domains
    let srs = try library.load(
      parameters, R: domains.constraints, C: domains.variables, K: domains.nonzeros.max() ?? 2
    ).srs
    do {
      let source = try CircuitArtifact(artifacts.read(order.program), 0)
      return KeyCheck.fault(
        order.key, circuit: try IndexedCircuit(source.r1cs, threads: threads), srs: srs,
        threads: threads)
    } catch {
      throw .badJob("the circuit cannot be built: \(error)")
    }
  }

  package func uploads(_ request: JobRequest) throws(CoordinatorError) -> [Digest] {
    guard request.kind == .circuits else { return [] }
    let lists = try CircuitLists(request, artifacts: artifacts)
    return (lists.circuits + lists.witnesses.joined()).map(\.digest)
  }

  package func plan(
    _ request: JobRequest, for workforce: Workforce, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String {
    switch request.kind {
    case .circuits: return try circuitsStatement(request, workers: workforce.workers).planText
    case .model:
      return Store.encode(try report(try planned(request, for: workforce), request))
    }
  }

  private func version(_ request: JobRequest) throws(CoordinatorError) -> VarunaVersion {
    guard let version = request.options.version else {
      throw .badJob("the Varuna version must be 2 or 3, not \(request.options.varunaVersion ?? 0)")
    }
    return version
  }

  private func circuitsStatement(
    _ request: JobRequest, workers: Int
  ) throws(CoordinatorError) -> CircuitsStatement {
    try CircuitsStatement(
      CircuitLists(request, artifacts: artifacts), workers: workers, threads: threads)
  }

  /// Plans a model and evaluates it.
  func modelStatement(
    _ request: JobRequest, for workforce: Workforce,
    progress: (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> ModelStatement {
    try progress("quantising the model and cutting it into chunks")
    let planned = try planned(request, for: workforce)
    let (plan, run) = (planned.plan, planned.run)
    let planText = Store.encode(try report(planned, request))
    try progress("evaluating the model")
    let assignment: PlanAssignment
    do {
      assignment = try PlanAssignment(
        plan: plan, inputs: run.inputValues, parameters: run.parameters.map(\.integers),
        seed: ProverSeed(request.seed), parameterSeed: try parameterSeed(request))
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .badJob("\(error)")
    }
    return ModelStatement(
      plan: plan, assignment: assignment, run: run,
      reference: ProofDocument.ModelReference(
        name: request.modelName, digest: FileDigest(bytes: request.model.bytes)),
      planText: planText, artifacts: artifacts)
  }

  /// The plan as people see it, with its costs on chain.
  ///
  /// - Throws: `badJob` where the plan breaks a limit of its target.
  private func report(
    _ planned: PlannedModel, _ request: JobRequest
  ) throws(CoordinatorError) -> PlanReport {
    let plan = planned.plan
    var report = PlanReport(
      plan, planned.run, reason: planned.reason, digest: Hexadecimal.encode(plan.digest),
      programDigests: plan.circuits.map { Hexadecimal.encode($0.digest) })
    if let target = request.options.target {
      do {
        let program = try program(of: plan, request)
        report.onChain = PlanReport.OnChain(
          target: target, program: program.name, cost: program.cost)
      } catch {
        throw .badJob("the plan does not fit \(target.rawValue): \(error)")
      }
    }
    return report
  }

  func cut(
    _ run: QuantizedRun, _ request: JobRequest, for workforce: Workforce,
    parameters: TensorVisibility?
  ) throws(CoordinatorError) -> Plan {
    let options = request.options
    var limits = PlanLimits(try library.limits(options.srs))
    limits.constraints = min(limits.constraints, options.limits.constraints ?? .max)
    limits.variables = min(limits.variables, options.limits.variables ?? .max)
    limits.nonzeros = min(limits.nonzeros, options.limits.nonzeros ?? .max)
    let workforce = workforce.without(smallerThan: PlanLimits.bytes(ofChunkWithin: 1 << 14))
    if let smallest = workforce.memory?.min() {
      guard let fitting = limits.within(memory: smallest) else {
        throw .badJob("a worker with \(smallest >> 20) MiB of memory cannot hold any chunk")
      }
      limits = fitting
    }
    do {
      return try Plan.make(
        graph: run.model.integerGraph,
        request: PlanRequest(
          workers: workforce.workers, limits: limits, inputVisibility: options.inputVisibility,
          outputVisibility: options.outputVisibility, parameterVisibility: parameters,
          aggregation: options.aggregation, target: options.target, memory: workforce.memory),
        threads: threads)
    } catch {
      throw .badJob(error.description)
    }
  }

  func read(_ digest: Digest) throws(CoordinatorError) -> [UInt8] {
    do { return try artifacts.read(digest) } catch { throw CoordinatorError(error) }
  }
}
