import Circuit
import Foundation
import Model
import ProofAggregation
import Varuna

/// A model quantised for a job's input, and the input as integers.
struct QuantizedRun: Sendable {
  let model: QuantizedModel
  /// The integers of each input of the model.
  let inputValues: [[Int64]]
  /// How far the integer outputs are from the float ones, for this input.
  let accuracy: AccuracyReport

  /// Inputs and outputs as the document names them.
  var inputs: [QuantizedModel.Port] { model.inputs }
  var outputs: [QuantizedModel.Port] { model.outputs }

  /// Reads, calibrates and quantises; deterministic.
  init(
    model bytes: [UInt8], input: [UInt8], calibration: [UInt8]?, options: SubmitOptions
  ) throws(CoordinatorError) {
    do {
      let values = try InputFile(input).values
      let float = try Model.load(bytes, inputCounts: values.map(\.count))
      let sets = try [values] + (calibration.map { try Self.calibration($0) } ?? [])
      model = try Self.quantize(float, sets, options)
      inputValues = try model.quantizeInputs(values)
      accuracy = try model.accuracy(values)
    } catch let error as ModelError {
      throw .badJob(error.description)
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .badJob("\(error)")
    }
    if let tolerance = options.tolerance, accuracy.worst > tolerance {
      throw .badJob(
        "the outputs differ from the float result by \(accuracy.worst), more than \(tolerance)")
    }
  }

  /// Refuses what cannot be read, without calibrating.
  static func check(model: [UInt8], input: [UInt8]) throws(CoordinatorError) {
    do {
      let values = try InputFile(input).values
      _ = try Model.load(model, inputCounts: values.map(\.count)).evaluate(values)
    } catch {
      throw .badJob(error.description)
    }
  }

  /// What is needed to make the plan again from the model.
  func recipe(_ request: PlanRequest) -> String {
    Recipe(settings: model.settings, request: request).json
  }

  private static func quantize(
    _ model: Model, _ sets: [[[Double]]], _ options: SubmitOptions
  ) throws(ModelError) -> QuantizedModel {
    var wanted = QuantizationOptions(
      activationBits: options.activationBits, weightBits: options.weightBits)
    if let tolerance = options.tolerance { wanted.tolerance = tolerance }
    do {
      return try model.quantized(calibration: sets, options: wanted)
    } catch .toleranceNotReached(_, let best) where options.tolerance == nil && best.isFinite {
      // Nobody asked for a bound: take the best there is, and let the report say how good it is.
      wanted.tolerance = best.nextUp
      return try model.quantized(calibration: sets, options: wanted)
    }
  }

  /// A calibration file: one input file, or a JSON list of such.
  private static func calibration(_ bytes: [UInt8]) throws -> [[[Double]]] {
    guard let list = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [Any] else {
      return [try InputFile(bytes).values]
    }
    return try list.map { entry in
      guard JSONSerialization.isValidJSONObject(entry) else {
        throw ModelError.invalidInputFile(reason: "a calibration entry is not an object")
      }
      return try InputFile([UInt8](JSONSerialization.data(withJSONObject: entry))).values
    }
  }
}
