import Model

extension DocumentVerifier {
  /// Runs the float model on the document's inputs and compares its outputs; nil where values are not public.
  ///
  /// Without it a prover could choose settings that round the model away.
  func accuracyChecks(_ expectation: ModelExpectation) -> ([DocumentCheck], AccuracyJudgement?) {
    guard document.showsValues else { return ([], nil) }
    func numbers(_ tensors: [BoundTensor]) -> [Numbers] {
      tensors.map { Numbers($0.integers ?? [], scale: $0.scale) }
    }
    do {
      let judgement = try expectation.model.judge(
        outputs: numbers(document.outputs), ofInputs: numbers(document.inputs), by: pins.accuracy)
      let recorded = document.accuracy?.differences(from: judgement) ?? ["missing"]
      return (
        [
          DocumentCheck(
            "float model", judgement.failures,
            otherwise: "largest error \(judgement.worst), tolerance \(pins.accuracy.tolerance)"),
          DocumentCheck("recorded accuracy", recorded, otherwise: "as computed again"),
        ], judgement
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
}

extension PlanRequest {
  /// Whether documents of this request show all inputs and outputs.
  package var showsValues: Bool { inputVisibility == .public && outputVisibility == .public }
}
