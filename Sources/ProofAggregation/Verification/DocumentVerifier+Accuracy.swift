import Model

extension DocumentVerifier {
  /// Runs the float model on the document's inputs and compares its outputs; nil where inputs are not public.
  ///
  /// Outputs that are not public are those that the program gives for the inputs, which everybody can run: only weights that the
  /// prover alone knows hide them.
  /// Without it a prover could choose settings that round the model away.
  func accuracyChecks(_ expectation: ModelExpectation) -> ([DocumentCheck], AccuracyJudgement?) {
    guard document.showsValues || document.showsWhatIsComputed else { return ([], nil) }
    func numbers(_ tensors: [BoundTensor]) -> [Numbers] {
      tensors.map { Numbers($0.integers ?? [], scale: $0.scale) }
    }
    do {
      let inputs = numbers(document.inputs)
      let judgement =
        document.showsValues
        ? try expectation.model.judge(
          outputs: numbers(document.outputs), ofInputs: inputs, by: pins.accuracy)
        : try expectation.quantized.judgement(by: pins.accuracy, inputs)
      let compared = DocumentCheck(
        "float model", judgement.failures,
        otherwise: "largest error \(judgement.worst), tolerance \(pins.accuracy.tolerance)")
      guard document.showsValues else { return ([compared], judgement) }
      let recorded = document.accuracy?.differences(from: judgement) ?? ["missing"]
      return (
        [compared, DocumentCheck("recorded accuracy", recorded, otherwise: "as computed again")],
        judgement
      )
    } catch {
      let isAny = pins.accuracy.tolerance == .infinity
      return (
        [
          DocumentCheck(
            "float model", isAny ? [] : ["it has no result for these inputs: \(error)"],
            otherwise: "it has no result for these inputs, and any accuracy was asked for")
        ], nil
      )
    }
  }
}

extension ProofDocument {
  /// Whether the inputs and outputs can be put into the float model.
  var showsValues: Bool { (inputs + outputs).allSatisfy { $0.visibility == .public } }

  /// Whether the outputs follow from what is public, be they public or not.
  var showsWhatIsComputed: Bool {
    inputs.allSatisfy { $0.visibility == .public }
      && (parameters ?? []).allSatisfy { $0.visibility != .private }
  }
}

extension PlanRequest {
  /// Whether documents of this request show all inputs and outputs.
  package var showsValues: Bool { inputVisibility == .public && outputVisibility == .public }
}
