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

  /// Inputs, outputs and committed weights as the document names them.
  var parameters: [QuantizedModel.Parameter] { model.parameters }
  var inputs: [QuantizedModel.Port] { model.inputs }
  var outputs: [QuantizedModel.Port] { model.outputs }

  /// Reads, calibrates and quantises; deterministic.
  ///
  /// - Parameter committing: whether weights become inputs of the program.
  init(
    model bytes: [UInt8], input: [UInt8], calibration: [UInt8]?, options: SubmitOptions,
    committing: Bool = false
  ) throws(CoordinatorError) {
    do {
      let file = try InputFile(input)
      let float = try Model.load(bytes, input: file, committing: committing)
      let values = try float.values(of: file)
      var samples = [values]
      var remedy: String?
      if let settings = try calibration.flatMap(Self.settings) {
        guard !committing || settings.parameters != nil else {
          throw CoordinatorError.badJob(
            "the settings are for weights that are fixed in the circuits; calibrate with "
              + "--param-visibility as well")
        }
        model = try QuantizedModel(float, settings: settings)
        remedy = "calibrate with inputs like this one"
      } else {
        for sample in try calibration.map(Self.samples) ?? [] {
          samples.append(try float.values(of: sample))
        }
        model = try Self.quantize(float, samples, options)
        if options.activationBits != nil || options.weightBits != nil {
          remedy = "leave the precision to calibration (no --activation-bits, no --weight-bits)"
        }
      }
      inputValues = try model.quantizeInputs(float.numbers(of: file))
      accuracy = try model.accuracy(values)
      try Self.judge(model, samples, options, remedy: remedy)
    } catch let error as ModelError {
      throw CoordinatorError(error)
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .badJob("\(error)")
    }
  }

  /// Refuses a program that is further from the float model than its user accepts, on any of these inputs.
  private static func judge(
    _ model: QuantizedModel, _ samples: [[[Double]]], _ options: SubmitOptions, remedy: String?
  ) throws {
    for (number, values) in samples.enumerated() {
      guard
        let refusal = try model.refusal(
          by: options.accuracy, values, showingValues: options.outputVisibility == .public,
          remedy: remedy)
      else { continue }
      let place = number == 0 ? "" : "calibration input \(number - 1): "
      throw CoordinatorError.badJob(place + refusal)
    }
  }

  /// Refuses what cannot be read, without calibrating.
  static func check(
    model: [UInt8], input: [UInt8], calibration: [UInt8]?, committing: Bool
  ) throws(CoordinatorError) {
    if let calibration, try settings(calibration) == nil { _ = try samples(calibration) }
    do {
      let file = try InputFile(input)
      let model = try Model.load(model, input: file, committing: committing)
      _ = try model.evaluate(model.numbers(of: file))
    } catch {
      throw CoordinatorError(error)
    }
  }

  /// The settings that a calibration file is; nil where it holds samples.
  static func settings(
    _ file: [UInt8]
  ) throws(CoordinatorError) -> QuantizationSettings? {
    do {
      return try QuantizationSettings.read(file)
    } catch {
      throw .badFile(.calibration, reason: error.description)
    }
  }

  /// The samples of a calibration file.
  static func samples(_ file: [UInt8]) throws(CoordinatorError) -> [InputFile] {
    do {
      return try InputFile.samples(file)
    } catch {
      throw .badFile(.calibration, reason: error.description)
    }
  }

  private static func quantize(
    _ model: Model, _ sets: [[[Double]]], _ options: SubmitOptions
  ) throws(ModelError) -> QuantizedModel {
    var wanted = QuantizationOptions(
      activationBits: options.activationBits, weightBits: options.weightBits)
    if let tolerance = options.tolerance { wanted.tolerance = tolerance }
    return try model.quantized(calibration: sets, options: wanted)
  }
}
