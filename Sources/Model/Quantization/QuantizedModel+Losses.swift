import Circuit

/// How much one step of a model loses by being computed on integers.
public struct OperatorLoss: Hashable, Sendable, Codable {
  /// The ONNX node that the step comes from.
  public var node: String
  /// The largest error that the step itself adds: its integer result against its float result on the same inputs.
  public var ownError: Double
  /// The largest change that this error alone makes to an output, relative to outputs above 1.
  public var outputError: Double
}

extension QuantizedModel {
  /// Steps by what they take from the accuracy of the outputs, the worst first.
  ///
  /// The influence of a step is measured by running the float model with the step's error and no other; that is done
  /// for the steps that add most, relative to their values.
  /// - Throws: as `run`.
  public func losses(_ values: [[Double]], atMost count: Int = 8) throws(ModelError)
    -> [OperatorLoss]
  {
    let graph = model.graph
    let reals = try reals(values)
    let exact = graph.evaluate(values)
    let errors = graph.steps.map { step in
      let expected = step.kind.evaluate(step.inputs.map { reals[$0] ?? [] })
      return zip(reals[step.output] ?? [], expected).map { $0 == $1 ? 0 : $0 - $1 }
    }
    func size(_ step: Int) -> Double {
      let largest = errors[step].reduce(0) { max($0, abs($1)) }
      let scale = exact[graph.steps[step].output].reduce(1e-9) {
        $1.isFinite ? max($0, abs($1)) : $0
      }
      return largest.isFinite ? largest / scale : 0
    }
    let candidates = graph.steps.indices.filter { size($0) > 0 }
      .sorted { (size($0), $1) > (size($1), $0) }.prefix(4 * count)
    let found = candidates.map { index in
      let outputs = graph.evaluate(values, adding: errors[index], to: index)
      let report = AccuracyReport(
        model: model, expected: graph.outputs.map { exact[$0] },
        found: graph.outputs.map { outputs[$0] })
      return OperatorLoss(
        node: graph.steps[index].name,
        ownError: errors[index].reduce(0) { max($0, abs($1)) },
        outputError: min(report.worst, Double.greatestFiniteMagnitude))
    }
    return Array(found.sorted { $0.outputError > $1.outputError }.prefix(count))
  }

  /// What each value of the model is in the integer program, as reals; nil for values that are part of other steps.
  func reals(_ values: [[Double]]) throws(ModelError) -> [[Double]?] {
    let integers = try run(values).tensors
    var reals = [[Double]?](repeating: nil, count: model.graph.values.count)
    for value in reals.indices where place[value] >= 0 {
      let scaleBits = integerGraph.tensors[place[value]].scaleBits
      reals[value] = integers[place[value]].map { Self.real($0, scaleBits) }
    }
    for step in model.graph.steps where reals[step.output] == nil {
      if case .constant(let numbers) = step.kind { reals[step.output] = numbers }
    }
    return reals
  }
}
