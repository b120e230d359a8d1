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
  /// The integers of every input of the model.
  let inputs: [[Int64]]

  /// Quantises a model for an input and plans it.
  ///
  /// - Parameters:
  ///   - onnx: the ONNX file.
  ///   - name: what the document calls the model; nothing depends on it.
  ///   - input: the input file, JSON as `ezkl-coord submit` takes it.
  ///   - rule: how far outputs may be from the float model's.
  ///   - request: limits, visibility, and what else a user decides; see `PlanRequest.onOneMachine(powers:)`.
  ///   - threads: width of the search for a plan; it does not change the plan.
  /// - Throws: `RunError.model` for what cannot be read, evaluated or quantised, `inaccurate`, or `plan`.
  public init(
    onnx: [UInt8], name: String, input: [UInt8], rule: AccuracyRule = .standard,
    request: PlanRequest, threads: Int = 1
  ) throws(RunError) {
    let isCommitting = request.parameterVisibility != nil
    let quantized: QuantizedModel
    let values: [[Double]]
    do {
      let file = try InputFile(input)
      let float = try Model.load(onnx, input: file, committing: isCommitting)
      values = try float.values(of: file)
      quantized = try float.quantized(
        calibration: [values], options: QuantizationOptions(tolerance: rule.tolerance / 2))
      if let refusal = try quantized.refusal(by: rule, values) {
        throw RunError.inaccurate(reason: refusal)
      }
    } catch let error as RunError {
      throw error
    } catch let error as ModelError {
      throw .model(error)
    } catch {
      throw .inaccurate(reason: "\(error)")
    }
    try self.init(
      quantized,
      reference: ProofDocument.ModelReference(name: name, digest: FileDigest(of: onnx)),
      values: values, request: request, threads: threads)
  }

  /// Plans a model that is quantised already.
  ///
  /// - Parameter values: the reals of each input.
  package init(
    _ model: QuantizedModel, reference: ProofDocument.ModelReference, values: [[Double]],
    request: PlanRequest, threads: Int = 1
  ) throws(RunError) {
    self.model = model
    self.reference = reference
    do {
      inputs = try model.quantizeInputs(values)
    } catch {
      throw .model(error)
    }
    do {
      plan = try Plan.make(graph: model.integerGraph, request: request, threads: threads)
    } catch {
      throw .plan(error)
    }
  }

  /// The largest domain of any circuit: as many powers of tau are needed, a power of two.
  public var largestDomain: Int {
    plan.circuits.flatMap { circuit in
      [circuit.domains.constraints, circuit.domains.variables] + circuit.domains.nonzeros
    }.max() ?? 1
  }
}
