import Foundation

/// A step whose result jumps, and an element of it that the program's numbers are too coarse to be sure of.
public struct CloseDecision: Hashable, Sendable, Codable {
  /// The ONNX node that the step comes from.
  public var node: String
  /// The element of its result.
  public var element: Int
  /// By how much the float model decides: the distance of its numbers from where the result jumps.
  public var margin: Double
  /// By how much the integer program's numbers for the same differ from the float model's, or could differ.
  public var error: Double
  /// Whether the program decides otherwise than the float model.
  public var differs: Bool
  /// How many more elements of the node's results are as close.
  public var others = 0
}

/// The decisions of a program that another precision might take otherwise.
public struct CloseDecisions: Hashable, Sendable, Codable {
  /// The closest one of each node, the worst nodes first; not of all nodes where there are many.
  public var first: [CloseDecision]
  /// How many nodes have any.
  public var nodes: Int

  /// One line for each node, and one for those that are left out.
  public var lines: [String] {
    var lines = first.map(\.text)
    if nodes > first.count { lines.append("\(nodes - first.count) more nodes decide as closely") }
    return lines
  }
}

extension QuantizedModel {
  /// The first step, in the order of the data, that decides otherwise than the float model for these inputs: comparisons,
  /// places of largest elements, and roundings to whole numbers; nil where all decide alike.
  /// - Throws: as `run`.
  func differingDecision(_ values: [[Double]]) throws(ModelError) -> CloseDecision? {
    try decisions(values) { $0.differs }.first?.first
  }

  /// Decisions whose margin in the float model is smaller than the error of the program's numbers, whatever side the program
  /// takes.
  ///
  /// - Parameters:
  ///   - samples: the reals of each input, of one or more runs.
  ///   - count: of how many nodes one is shown.
  /// - Throws: as `run`.
  public func closeDecisions(
    _ samples: [[[Double]]], atMost count: Int = 8
  ) throws(ModelError) -> CloseDecisions {
    guard model.graph.steps.contains(where: { $0.kind.decides }) else {
      return CloseDecisions(first: [], nodes: 0)
    }
    var nodes: [String: CloseDecision] = [:]
    for values in samples {
      for step in try decisions(values, where: { $0.differs || $0.margin < $0.error }) {
        guard var worst = step.min(by: { $0.isCloser(than: $1) }) else { continue }
        worst.others = step.count - 1
        guard let known = nodes[worst.node] else {
          nodes[worst.node] = worst
          continue
        }
        let others = known.others + step.count
        if worst.isCloser(than: known) { nodes[worst.node] = worst }
        nodes[worst.node]?.others = others
      }
    }
    let sorted = nodes.values.sorted {
      $0.isCloser(than: $1) || !$1.isCloser(than: $0) && $0.node < $1.node
    }
    return CloseDecisions(first: Array(sorted.prefix(count)), nodes: sorted.count)
  }

  /// For every step with such decisions, in the order of the data, those that a condition holds for.
  private func decisions(
    _ values: [[Double]], where isWanted: (CloseDecision) -> Bool
  ) throws(ModelError) -> [[CloseDecision]] {
    let graph = model.graph
    let reals = try reals(values)
    let exact = graph.evaluate(values)
    var result: [[CloseDecision]] = []
    for step in graph.steps where step.kind.decides {
      guard let found = reals[step.output] else { continue }
      let expected = exact[step.output]
      let inputs = step.inputs.map { exact[$0] }
      let margins = step.kind.margins(inputs)
      let errors = step.kind.spread(
        step.inputs.map { deviations(of: $0, exact: exact[$0], found: reals[$0]) },
        count: expected.count)
      var wanted: [CloseDecision] = []
      for element in expected.indices {
        // Finite, as JSON wants it; what is no number decides nothing.
        let margin = margins[element].isNaN ? 0 : min(margins[element], .greatestFiniteMagnitude)
        let decision = CloseDecision(
          node: step.name, element: element, margin: margin, error: errors[element],
          differs: expected[element] != found[element])
        if isWanted(decision) { wanted.append(decision) }
      }
      if !wanted.isEmpty { result.append(wanted) }
    }
    return result
  }

  /// How far the program's numbers for a value are from the float model's: where they differ, by half a unit at least, for
  /// that one of them is nearer is chance.
  private func deviations(of value: Int, exact: [Double], found: [Double]?) -> [Double] {
    guard let found, found != exact, place[value] >= 0 else {
      return [Double](repeating: 0, count: exact.count)
    }
    let unit = Self.real(1, integerGraph.tensors[place[value]].scaleBits + 1)
    return zip(exact, found).map { exact, found in
      guard exact != found, exact.isFinite, found.isFinite else { return 0 }
      return max(abs(exact - found), unit)
    }
  }
}

extension CloseDecision {
  /// Whether this one is less sure than another.
  fileprivate func isCloser(than other: CloseDecision) -> Bool {
    if differs != other.differs { return differs }
    return margin * other.error < other.margin * error
  }

  /// One line that names node, element, margin and error.
  public var text: String {
    var text = differs ? "\(node) decides otherwise than the float model: element \(element)" : node
    text += differs ? " is" : " decides element \(element)"
    text += differs ? " decided there by a margin of " : " by a margin of "
    text += String(format: "%.6g", margin) + ", and its numbers are off by "
    text += String(format: "%.6g", error)
    return others > 0 ? text + " (\(others) more elements are as close)" : text
  }
}

extension Graph.Kind {
  /// Whether results jump where inputs change by little.
  fileprivate var decides: Bool {
    switch self {
    case .compare, .argmax, .order, .quotient(.floored), .quotient(.truncated): true
    case .function(let function): function.isInteger
    default: false
    }
  }

  /// For kinds whose results jump: how far the inputs are from where each element of the result does.
  fileprivate func margins(_ inputs: [[Double]]) -> [Double] {
    func distance(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) }
    switch self {
    case .compare: return zip(inputs[0], inputs[1]).map(distance)
    case .function(let function):
      return inputs[0].map { x in
        distance(x, function == .round ? x.rounded(.down) + 0.5 : x.rounded())
      }
    case .quotient:
      return zip(inputs[0], inputs[1]).map { dividend, divisor in
        let quotient = dividend / divisor
        return distance(quotient, quotient.rounded()) * abs(divisor)
      }
    case .argmax(let groups, _):
      return groups.map { group in
        let sorted = group.map { inputs[0][$0] }.sorted(by: >)
        return sorted.count > 1 ? distance(sorted[0], sorted[1]) : .infinity
      }
    case .order(let groups, let count):
      return groups.flatMap { group in
        let sorted = group.map { inputs[0][$0] }.sorted(by: >)
        // Between each and the next, from before the first to behind the last.
        let gaps = [.infinity] + zip(sorted, sorted.dropFirst()).map(distance) + [.infinity]
        return (0..<count).map { $0 < sorted.count ? min(gaps[$0], gaps[$0 + 1]) : .infinity }
      }
    default: return []
    }
  }

  /// The largest of the numbers that belong to the inputs of each element of the result.
  fileprivate func spread(_ errors: [[Double]], count: Int) -> [Double] {
    func largest(_ group: [Int]) -> Double { group.reduce(0) { max($0, errors[0][$1]) } }
    switch self {
    case .argmax(let groups, _): return groups.map(largest)
    case .order(let groups, let count):
      return groups.flatMap { [Double](repeating: largest($0), count: count) }
    default:
      return (0..<count).map { element in errors.reduce(0) { max($0, $1[element]) } }
    }
  }
}
