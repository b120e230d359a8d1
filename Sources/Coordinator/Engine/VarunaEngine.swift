import AleoEZKL
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
    case .circuits: try checkSizes(CircuitLists(request, artifacts: artifacts), request)
    case .model:
      if let fault = request.options.fault { throw .badJob(fault) }
      let files = try files(request)
      do {
        try files.check(
          inputs: request.options.inputs ?? InputChoices(),
          committing: request.options.parameterVisibility?.committed != nil)
      } catch {
        throw CoordinatorError(error)
      }
    }
  }

  /// Refuses circuits that are too large for the parameters.
  private func checkSizes(
    _ lists: CircuitLists, _ request: JobRequest
  ) throws(CoordinatorError) {
    var seen: Set<Digest> = []
    for circuit in lists.circuits where seen.insert(circuit.digest).inserted {
      let domains = CostModel.Domains(try lists.circuit(circuit))
      try library.check(
        request.options.srs, R: domains.constraints, C: domains.variables,
        K: domains.nonzeros.max() ?? 2)
    }
  }

  package func prepare(
    _ request: JobRequest, for workforce: Workforce,
    progress: @Sendable (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> any PreparedJob {
    let statement = try statement(request, for: workforce, progress: progress).result
    return try job(statement, request, artifacts: artifacts, progress: progress)
  }

  /// What planning gives, and what of it is new and holds for other jobs as well.
  struct Planned<Result> {
    var result: Result
    /// What is worth keeping; nil where it was kept before, or where nothing is.
    var fresh: (plan: KeptPlan, scope: KeptPlanKey.Scope)?
  }

  /// Plans and evaluates; stores circuits and witnesses in this engine's artifacts.
  ///
  /// - Parameter kept: where a plan may lie that was made before; nil: nowhere.
  func statement(
    _ request: JobRequest, for workforce: Workforce, kept: KeptPlanFiles? = nil,
    progress: (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> Planned<JobStatement> {
    switch request.kind {
    case .model:
      try progress("quantising the model and cutting it into chunks")
      let planned = try planned(request, for: workforce, kept: kept)
      let run = planned.result
      let planText = try planText(planned)
      try progress("evaluating the model")
      let model = try evaluated(run, request)
      try progress("preparing the tasks")
      let statement = JobStatement(model, planText: planText)
      try statement.store(model, in: artifacts)
      return Planned(result: statement, fresh: planned.fresh)
    case .circuits:
      try progress("checking circuits and witnesses")
      return Planned(
        result: try circuitsStatement(request, workers: workforce.workers).statement)
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
    try plan(request, for: workforce, kept: nil).result
  }

  /// The same with plans that were made before.
  func plan(
    _ request: JobRequest, for workforce: Workforce, kept: KeptPlanFiles?
  ) throws(CoordinatorError) -> Planned<String> {
    switch request.kind {
    case .circuits:
      return Planned(
        result: try circuitsStatement(request, workers: workforce.workers).planText)
    case .model:
      let planned = try planned(request, for: workforce, kept: kept)
      return Planned(result: try planText(planned), fresh: planned.fresh)
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

  /// Quantises a job's model and cuts it, unless that was done before.
  private func planned(
    _ request: JobRequest, for workforce: Workforce, kept: KeptPlanFiles?
  ) throws(CoordinatorError) -> Planned<PlannedRun> {
    let files = try files(request)
    let scope: KeptPlanKey.Scope = files.hasSettings ? .anyInput : .thisInput
    if let plan = kept?.read(scope),
      let run = try? PlannedRun(
        plan, files, options: request.options, for: workforce, library: library)
    {
      return Planned(result: run)
    }
    let run = try PlannedRun(
      files, options: request.options, for: workforce, library: library, threads: threads)
    return Planned(result: run, fresh: (KeptPlan(run), scope))
  }

  private func planText(_ planned: Planned<PlannedRun>) throws(CoordinatorError) -> String {
    do {
      var report = try PlanReport(planned.result)
      report.kept = planned.fresh == nil ? true : nil
      return Store.encode(report)
    } catch {
      throw CoordinatorError(error)
    }
  }

  private func evaluated(
    _ run: PlannedRun, _ request: JobRequest
  ) throws(CoordinatorError) -> ModelStatement {
    let weights = try parameterSeed(request)
    do {
      return try ModelStatement(run, salts: ProverSeed(request.seed), weights: weights)
    } catch {
      throw CoordinatorError(error)
    }
  }

  private func files(_ request: JobRequest) throws(CoordinatorError) -> ModelFiles {
    ModelFiles(
      ProofDocument.ModelReference(
        name: request.modelName, digest: FileDigest(bytes: request.model.bytes)),
      onnx: try read(request.model), input: try read(request.input),
      calibration: try request.calibration.map(read))
  }

  /// The bytes of an artifact.
  func read(_ digest: Digest) throws(CoordinatorError) -> [UInt8] {
    do { return try artifacts.read(digest) } catch { throw CoordinatorError(error) }
  }
}
