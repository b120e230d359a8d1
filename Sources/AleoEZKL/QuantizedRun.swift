import Model

/// A model quantised for an input, and the input as integers.
struct QuantizedRun: Sendable {
  let model: QuantizedModel
  /// The integers of each input of the model.
  let inputs: [[Int64]]
  /// How far the integer outputs are from the float ones, for this input.
  let accuracy: AccuracyReport
  /// How far they are from what the float model gives for the numbers that the integers of the inputs stand for, which is what whoever
  /// verifies sees; judged by the rule that was asked for.
  let judgement: AccuracyJudgement
  /// What the program decides for this input by less than its numbers are off.
  let decisions: CloseDecisions
}

extension QuantizedRun {
  /// Reads, calibrates and quantises; deterministic.
  ///
  /// - Parameters:
  ///   - files: the model, its input, and what the quantisation comes from.
  ///   - options: how far outputs may be from the float model's, and precisions.
  ///   - request: what the document shows: a refusal names no values that it hides, and where it shows all of them, what whoever
  ///     verifies would refuse is refused.
  ///   - kept: settings that were found for these files before; nil: none are known.
  init(
    _ files: ModelFiles, _ options: RunOptions, _ request: PlanRequest,
    settings kept: QuantizationSettings? = nil
  ) throws(RunError) {
    let committing = request.parameterVisibility != nil
    let settings = if let kept { kept } else { try files.settings() }
    let more = settings == nil ? try files.samples() : []
    do {
      let file = try InputFile(files.input)
      let float = try Model.load(
        files.onnx, input: file, beside: more, settings: settings, choices: options.inputs,
        committing: committing)
      var samples = [try float.numbers(of: file)]
      var remedy: String?
      if let settings {
        guard !committing || settings.parameters != nil else {
          throw RunError.settingsForFixedWeights
        }
        model = try QuantizedModel(float, settings: settings)
        remedy = "calibrate with inputs like this one"
      } else {
        for file in more { samples += try float.samples(of: file) }
        model = try float.quantized(
          calibration: samples.map(Model.doubles), options: options.precision)
        if options.precision.activationBits != nil || options.precision.weightBits != nil {
          remedy = "leave the precision to calibration (no --activation-bits, no --weight-bits)"
        }
      }
      inputs = try model.quantizeInputs(samples[0])
      let values = try float.values(of: file)
      accuracy = try model.accuracy(values)
      decisions = try model.closeDecisions([values])
      let held = model.numbers(ofInputs: inputs)
      judgement = try model.judgement(by: options.accuracy, held)
      for (number, sample) in samples.enumerated() {
        var refusal = try model.refusal(
          by: options.accuracy, sample, showingValues: request.outputVisibility == .public,
          remedy: remedy)
        if number == 0, refusal == nil, request.showsValues {
          refusal = try model.refusal(of: judgement, held, remedy: remedy)
        }
        guard let refusal else { continue }
        let place = number == 0 ? "" : "calibration input \(number - 1): "
        throw RunError.inaccurate(reason: place + refusal)
      }
    } catch let error as RunError {
      throw error
    } catch let error as ModelError {
      throw .model(error)
    } catch {
      throw .inaccurate(reason: "\(error)")
    }
  }
}
