import Circuit
import Model
import ProofAggregation
import Varuna

/// A model for one input, quantised and cut: all that is known before anything is proven.
///
/// Secret as far as inputs are: it holds them.
public struct PlannedRun: Sendable {
  /// The model as an exact integer program.
  public let model: QuantizedModel
  /// How the program is cut into circuits.
  public let plan: Plan
  /// What the document calls the model.
  public let reference: ProofDocument.ModelReference
  /// How far the integer outputs are from the float ones, for this input.
  public let accuracy: AccuracyReport
  /// The same for the numbers that the integers of the inputs stand for, judged by the rule that was asked for; the document
  /// records it.
  public let judgement: AccuracyJudgement
  /// What the program decides for this input by less than its numbers are off.
  public let decisions: CloseDecisions
  /// Why whoever verifies without pinning these settings, and without seeing the values of this run, would refuse the proof: a
  /// line for every output that the settings lose on random inputs.
  public internal(set) var lostOutputs: [String] = []
  /// Why weights are where they are; nil where the request says so.
  public internal(set) var reason: String?
  /// The integers of every input of the model.
  let inputs: [[Int64]]

  /// Quantises a model for an input and plans it, with weights where the request has them.
  ///
  /// - Parameters:
  ///   - files: the model, its input, and what the quantisation comes from.
  ///   - options: how far outputs may be from the float model's, and precisions.
  ///   - request: limits, visibility, and what else a user decides; see `PlanRequest.onOneMachine(powers:)`.
  ///   - threads: width of the search for a plan; it does not change the plan.
  /// - Throws: `RunError.model` for what cannot be read, evaluated or quantised, `calibration`, `inaccurate`, or `plan`.
  public init(
    _ files: ModelFiles, options: RunOptions = RunOptions(), request: PlanRequest, threads: Int = 1
  ) throws(RunError) {
    self = try .tried(files, options) { (options) throws(RunError) in
      try PlannedRun(untried: files, options: options, request: request, threads: threads)
    }
  }

  /// The same without a trial of the settings.
  init(
    untried files: ModelFiles, options: RunOptions, request: PlanRequest, threads: Int
  ) throws(RunError) {
    let run = try QuantizedRun(files, options, request)
    try self.init(run, reference: files.reference, request: request, threads: threads)
  }

  /// The same for files that have no calibration beside them.
  ///
  /// - Parameters:
  ///   - onnx: the ONNX file.
  ///   - name: what the document calls the model; nothing depends on it.
  ///   - input: the input file, JSON or arrays of numpy as `ezkl-coord submit` takes them.
  ///   - rule: how far outputs may be from the float model's.
  ///   - request: limits, visibility, and what else a user decides; see `PlanRequest.onOneMachine(powers:)`.
  ///   - threads: width of the search for a plan; it does not change the plan.
  /// - Throws: as ``init(_:options:request:threads:)``.
  public init(
    onnx: [UInt8], name: String, input: [UInt8], rule: AccuracyRule = .standard,
    request: PlanRequest, threads: Int = 1
  ) throws(RunError) {
    try self.init(
      ModelFiles(name: name, onnx: onnx, input: input), options: RunOptions(accuracy: rule),
      request: request, threads: threads)
  }

  /// Plans a model that is quantised already.
  ///
  /// - Parameters:
  ///   - numbers: those of each input.
  ///   - rule: what the document says was asked for.
  package init(
    _ model: QuantizedModel, reference: ProofDocument.ModelReference, inputs numbers: [Numbers],
    rule: AccuracyRule = .any, request: PlanRequest, threads: Int = 1
  ) throws(RunError) {
    let run: QuantizedRun
    do {
      let integers = try model.quantizeInputs(numbers)
      run = QuantizedRun(
        model: model, inputs: integers,
        accuracy: try model.accuracy(numbers.map(\.reals)),
        judgement: try model.judgement(by: rule, model.numbers(ofInputs: integers)),
        decisions: try model.closeDecisions([numbers.map(\.reals)]))
    } catch {
      throw .model(error)
    }
    try self.init(run, reference: reference, request: request, threads: threads)
  }

  private init(
    _ run: QuantizedRun, reference: ProofDocument.ModelReference, request: PlanRequest, threads: Int
  ) throws(RunError) {
    let plan: Plan
    do {
      plan = try Plan.make(graph: run.model.integerGraph, request: request, threads: threads)
    } catch {
      throw .plan(error)
    }
    self.init(run, reference: reference, plan: plan)
  }

  /// A run under a plan of its program.
  init(_ run: QuantizedRun, reference: ProofDocument.ModelReference, plan: Plan) {
    (model, inputs) = (run.model, run.inputs)
    (accuracy, judgement, decisions) = (run.accuracy, run.judgement, run.decisions)
    self.reference = reference
    self.plan = plan
  }

  /// The largest domain of any circuit: as many powers of tau are needed, a power of two.
  public var largestDomain: Int {
    plan.circuits.flatMap { circuit in
      [circuit.domains.constraints, circuit.domains.variables] + circuit.domains.nonzeros
    }.max() ?? 1
  }
}
