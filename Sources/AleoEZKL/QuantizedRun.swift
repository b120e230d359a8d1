import Model

/// A model quantised for an input, and the input as integers.
struct QuantizedRun: Sendable {
  let model: QuantizedModel
  /// The integers of each input of the model.
  let inputs: [[Int64]]
  /// How far the integer outputs are from the float ones, for this input.
  let accuracy: AccuracyReport
  /// The same, judged by the rule that was asked for.
  let judgement: AccuracyJudgement
  /// What the program decides for this input by less than its numbers are off.
  let decisions: CloseDecisions
}

extension QuantizedRun {
  /// Reads, calibrates and quantises; deterministic.
  ///
  /// - Parameters:
  ///   - committing: whether weights become inputs of the program.
  ///   - showingValues: whether a refusal may name values of outputs.
  init(
    _ files: ModelFiles, _ options: RunOptions, committing: Bool, showingValues: Bool
  ) throws(RunError) {
    let settings = try files.settings()
    let more = settings == nil ? try files.samples() : []
    do {
      let file = try InputFile(files.input)
      let float = try Model.load(
        files.onnx, input: file, choices: options.inputs, committing: committing)
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
      judgement = try model.judgement(by: options.accuracy, samples[0])
      for (number, sample) in samples.enumerated() {
        let judged =
          number == 0 ? judgement : try model.judgement(by: options.accuracy, sample)
        let refusal = try model.refusal(
          of: judged, sample, showingValues: showingValues, remedy: remedy)
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
