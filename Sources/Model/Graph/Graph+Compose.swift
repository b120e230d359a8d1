extension Graph {
  /// Replaces chains of smooth steps that depend on one variable alone, element by element, by one function each.
  ///
  /// Exporters spell out activations: x / (1 + exp(-x)), or the seven steps of a GELU. Each step would be rounded; a
  /// function is read from one table, whatever it is made of.
  ///
  /// - Parameter weighted: values whose maps hold weights, which no table may depend on.
  func composed(weighted: Set<ValueID> = []) -> Graph {
    var graph = self
    let chains = Chains(self, weighted)
    var absorbed = Set<Int>()
    for index in steps.indices.reversed() where !absorbed.contains(index) {
      guard let (root, expression, interior) = chains.chain(endingAt: index) else { continue }
      graph.steps[index] = Step(
        name: steps[index].name, kind: .function(.formula(expression)), inputs: [root],
        output: steps[index].output)
      absorbed.formUnion(interior)
    }
    return absorbed.isEmpty ? self : graph.pruned()
  }
}

/// Finds steps that compute a function of one earlier value, element by element.
private struct Chains {
  let graph: Graph
  private let producers: [Int?]
  private let consumers: [[Int]]
  /// The value that each value is a smooth function of; itself where it is no function of one other value.
  private var root: [ValueID]

  init(_ graph: Graph, _ weighted: Set<ValueID>) {
    self.graph = graph
    producers = graph.producers
    consumers = graph.consumers
    root = Array(graph.values.indices)
    for step in graph.steps where isSmooth(step) && !weighted.contains(step.output) {
      let roots = Set(step.inputs.filter { constant($0) == nil }.map { root[$0] })
      let count = graph.values[step.output].count
      if let only = roots.first, roots.count == 1, graph.values[only].count == count {
        root[step.output] = only
      }
    }
  }

  /// The formula of a step's result, and the steps that serve nothing else; nil unless a table is cheaper than these.
  func chain(
    endingAt index: Int
  ) -> (root: ValueID, expression: RealExpression, interior: Set<Int>)? {
    let step = graph.steps[index]
    let root = root[step.output]
    guard root != step.output, !graph.values[step.output].isInteger else { return nil }
    var interior = Set<Int>()
    var pending = [index]
    while let next = pending.popLast() {
      for input in graph.steps[next].inputs where input != root && constant(input) == nil {
        let producer = producers[input]!
        if interior.insert(producer).inserted { pending.append(producer) }
      }
    }
    let isClosed = interior.allSatisfy { inner in
      let output = graph.steps[inner].output
      return !graph.outputs.contains(output)
        && consumers[output].allSatisfy { $0 == index || interior.contains($0) }
    }
    guard isClosed, isWorthwhile(interior.union([index])) else { return nil }
    return (root, expression(interior.sorted() + [index], root: root), interior)
  }

  /// Single functions and short polynomials stay what they are.
  private func isWorthwhile(_ steps: Set<Int>) -> Bool {
    var (functions, others) = (0, 0)
    for step in steps {
      switch graph.steps[step].kind {
      case .function, .quotient: functions += 1
      case .product: others += 1
      default: break
      }
    }
    return functions + others >= (functions > 0 ? 2 : 3)
  }

  private func isSmooth(_ step: Graph.Step) -> Bool {
    switch step.kind {
    case .function(.log), .function(.squareRoot), .function(.power): isPositive(step.inputs[0])
    case .function(let function): function.isSmooth
    case .product: true
    case .quotient(.exact): isPositive(step.inputs[1])
    case .affine(let map): summands(step, map) != nil
    default: false
    }
  }

  /// Whether a value is something that is not negative plus positive constants.
  private func isPositive(_ value: ValueID) -> Bool {
    guard graph.values[value].isNonnegative, let producer = producers[value],
      case .affine(let map) = graph.steps[producer].kind
    else { return false }
    return map.biases.allSatisfy { $0 > 0 } && map.coefficients.allSatisfy { $0 >= 0 }
  }

  /// The number that all elements of a constant are.
  private func constant(_ value: ValueID) -> Double? {
    guard let producer = producers[value], case .constant(let numbers) = graph.steps[producer].kind,
      let first = numbers.first, numbers.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }

  /// One factor per input and a bias, if the map does the same with each element.
  private func summands(_ step: Graph.Step, _ map: RealMap) -> (factors: [Double], bias: Double)? {
    let count = map.outputCount
    guard count > 0, map.inputCount == step.inputs.count * count,
      step.inputs.allSatisfy({ graph.values[$0].count == count }),
      map.entryCount <= map.inputCount, map.biases.allSatisfy({ $0 == map.biases[0] })
    else { return nil }
    var first: [Double]?
    for row in 0..<count {
      var factors = [Double](repeating: 0, count: step.inputs.count)
      for (column, coefficient, _) in map.entries(row) {
        guard column % count == row else { return nil }
        factors[column / count] = coefficient
      }
      if let first, first != factors { return nil }
      first = factors
    }
    return first.map { ($0, map.biases[0]) }
  }

  private func expression(_ steps: [Int], root: ValueID) -> RealExpression {
    var nodes: [RealExpression.Node] = [.argument]
    var place: [ValueID: Int] = [root: 0]
    func node(_ value: ValueID) -> Int {
      if let known = place[value] { return known }
      nodes.append(.constant(constant(value)!))
      place[value] = nodes.count - 1
      return nodes.count - 1
    }
    for index in steps {
      let step = graph.steps[index]
      let operands = step.inputs.map(node)
      switch step.kind {
      case .function(let function): nodes.append(.function(function, operands[0]))
      case .product: nodes.append(.product(operands[0], operands[1]))
      case .quotient: nodes.append(.quotient(operands[0], operands[1]))
      case .affine(let map):
        let (factors, bias) = summands(step, map)!
        nodes.append(
          .sum(
            zip(operands, factors).map { RealExpression.Summand(node: $0, factor: $1) },
            plus: bias))
      default: preconditionFailure("only smooth steps are part of a chain")
      }
      place[step.output] = nodes.count - 1
    }
    return RealExpression(nodes: nodes)
  }
}
