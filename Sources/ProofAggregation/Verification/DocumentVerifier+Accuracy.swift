import Model

extension DocumentVerifier {
  /// Whether the inputs and outputs of the document can be put into the float model.
  var showsValues: Bool {
    (document.inputs + document.outputs).allSatisfy { $0.visibility == .public }
  }

  /// Runs the float model on the document's inputs and compares its outputs; nil where values are not public.
  ///
  /// Without it a prover could choose settings that round the model away.
  func accuracyCheck(_ expectation: ModelExpectation) -> (DocumentCheck?, AccuracyJudgement?) {
    guard showsValues else { return (nil, nil) }
    func numbers(_ tensors: [BoundTensor]) -> [Numbers] {
      tensors.map { Numbers($0.integers ?? [], scale: $0.scale) }
    }
    do {
      let judgement = try expectation.model.judge(
        outputs: numbers(document.outputs), ofInputs: numbers(document.inputs), by: pins.accuracy)
      return (
        DocumentCheck(
          "float model", judgement.failures,
          otherwise: "largest error \(judgement.worst), tolerance \(pins.accuracy.tolerance)"),
        judgement
      )
    } catch {
      let isAny = pins.accuracy.tolerance == .infinity
      return (
        DocumentCheck(
          "float model", isAny ? [] : ["it has no result for these inputs: \(error)"],
          otherwise: "it has no result for these inputs, and any accuracy was asked for"), nil
      )
    }
  }
}
