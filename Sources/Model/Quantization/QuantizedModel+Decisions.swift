/// A step whose result jumps, where the float model and the integer program took different sides.
public struct CloseDecision: Hashable, Sendable, Codable {
  /// The ONNX node that the step comes from.
  public var node: String
  /// The element that differs.
  public var element: Int
  /// By how much the float model decided: the distance of its numbers from where the result jumps.
  public var margin: Double
  /// By how much the integer program's numbers for the same differ from the float model's.
  public var error: Double
}

extension QuantizedModel {
  /// The first step, in the order of the data, that decides otherwise than the float model for these inputs: comparisons,
  /// places of largest elements, and roundings to whole numbers; nil where all decide alike.
  /// - Throws: as `run`.
  public func differingDecision(_ values: [[Double]]) throws(ModelError) -> CloseDecision? {
    let graph = model.graph
    let reals = try reals(values)
    let exact = graph.evaluate(values)
    for step in graph.steps {
      guard let margin = step.kind.margin, let found = reals[step.output] else { continue }
      let expected = exact[step.output]
      guard let element = expected.indices.first(where: { expected[$0] != found[$0] }) else {
        continue
      }
      let inputs = step.inputs.map { exact[$0] }
      let own = step.inputs.map { reals[$0] ?? exact[$0] }
      let places = step.kind.places(of: element)
      let errors = zip(inputs, own).flatMap { exact, found in
        (places ?? Array(exact.indices)).lazy.filter { exact.indices.contains($0) }.map {
          abs(exact[$0] - found[$0])
        }
      }
      return CloseDecision(
        node: step.name, element: element, margin: margin(inputs, element),
        error: errors.filter(\.isFinite).max() ?? 0)
    }
    return nil
  }
}

extension Graph.Kind {
  /// For kinds whose results jump: how far the inputs are from where the result of an element does.
  fileprivate var margin: ((_ inputs: [[Double]], _ element: Int) -> Double)? {
    switch self {
    case .compare:
      return { abs($0[0][$1] - $0[1][$1]) }
    case .function(let function) where function.isInteger:
      return { inputs, element in
        let x = inputs[0][element]
        let jumps = function == .round ? x.rounded(.down) + 0.5 : x.rounded()
        return abs(x - jumps)
      }
    case .quotient(.floored), .quotient(.truncated):
      return { inputs, element in
        let quotient = inputs[0][element] / inputs[1][element]
        return abs(quotient - quotient.rounded())
      }
    case .argmax(let groups, _):
      return { inputs, element in
        let sorted = groups[element].map { inputs[0][$0] }.sorted(by: >)
        return sorted.count > 1 ? sorted[0] - sorted[1] : .infinity
      }
    case .order(let groups, let count):
      return { inputs, element in
        let sorted = groups[element / count].map { inputs[0][$0] }.sorted(by: >)
        return zip(sorted, sorted.dropFirst()).map { $0 - $1 }.min() ?? .infinity
      }
    default:
      return nil
    }
  }

  /// The elements of each input that an element of the result depends on.
  fileprivate func places(of element: Int) -> [Int]? {
    switch self {
    case .argmax(let groups, _): groups[element]
    case .order(let groups, let count): groups[element / count]
    default: [element]
    }
  }
}
