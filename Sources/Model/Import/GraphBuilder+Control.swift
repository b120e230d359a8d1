/// Control flow and functions become plain steps: branches are chosen or selected, loops unrolled, calls inlined.
extension GraphBuilder {
  /// Rounds of one loop at most.
  static let maximalRounds = 1 << 12

  /// Whether a node runs bodies.
  func isControl(_ node: OnnxModel.Node) -> Bool {
    (node.domain.isEmpty || node.domain == "ai.onnx") && ["If", "Loop", "Scan"].contains(node.op)
      && function(of: node) == nil
  }

  mutating func control(_ node: NodeContext) throws(ModelError) -> [Term] {
    switch node.node.op {
    case "If": try branch(node)
    case "Loop": try loop(node)
    default: try scan(node)
    }
  }

  /// The nodes of a function with the operands and attributes of a call.
  mutating func call(
    _ function: OnnxModel.Function, _ node: NodeContext
  ) throws(ModelError) -> [Term] {
    // Runtimes read an inlined function by the operator set of the model.
    if let opset = function.opset {
      try node.require(
        opset == Int64(node.opset),
        "its function is of operator set \(opset), and is called where operators are those of \(node.opset); convert both "
          + "to one operator set")
    }
    var scope = Scope(path: node.name + "/", opset: node.opset)
    scope.isFunction = true
    for attribute in function.defaults + node.node.attributes {
      scope.attributes[attribute.name] = attribute
    }
    for (name, operand) in zip(function.inputs, node.operands) {
      if let operand { scope.operands[name] = operand }
    }
    // An operand that the call leaves out is left out where the function uses it.
    let absent = Set(function.inputs.filter { scope.operands[$0] == nil })
    var graph = OnnxModel.Graph()
    graph.nodes = function.nodes.map { inner in
      var inner = inner
      inner.inputs = inner.inputs.map { absent.contains($0) ? "" : $0 }
      return inner
    }
    graph.outputs = function.outputs.map { OnnxModel.Value(name: $0) }
    return try run(graph, inputs: [], in: scope)
  }

  /// A body of a node; nodes in it have names that begin with that of the node.
  private func body(
    _ name: String, of node: NodeContext
  ) throws(ModelError) -> OnnxModel.Graph {
    guard let graph = node.attribute(name)?.graph else { throw node.error("it has no \(name)") }
    return graph
  }

  private func scope(_ path: String) -> Scope {
    Scope(path: path, opset: scopes.last!.opset, attributes: scopes.last!.attributes)
  }

  private func requireTruth(_ condition: Term, _ node: NodeContext) throws(ModelError) {
    try node.require(
      condition.count == 1 && condition.missing == nil, "its condition is not one truth value")
  }

  // MARK: - If

  /// The branch that a known condition takes; else both, and a choice of each output.
  private mutating func branch(_ node: NodeContext) throws(ModelError) -> [Term] {
    let condition = try node.operand(0)
    try requireTruth(condition, node)
    let branches = [try body("then_branch", of: node), try body("else_branch", of: node)]
    let names = ["then", "else"]
    func scope(_ index: Int) -> Scope { self.scope("\(node.name)/\(names[index])/") }
    if let known = condition.constant {
      let taken = known[0] != 0 ? 0 : 1
      return try run(branches[taken], inputs: [], in: scope(taken))
    }
    // A number that says how to compute, such as a sampling rate, is part of the program; a truth value is data.
    let sources = recorder.sources(of: condition)
    if sources.allSatisfy({ $0.type.isInteger && $0.type != .bool && $0.count == 1 }) {
      recorder.demand(condition)
      if sources.allSatisfy({ recorder.given.contains($0.name) }) {
        throw node.error("its condition must be constant")
      }
    }
    do throws(ModelError) {
      let first = try run(branches[0], inputs: [], in: scope(0))
      let second = try run(branches[1], inputs: [], in: scope(1))
      recorder.node = node.name
      try node.require(
        first.count == second.count
          && zip(first, second).allSatisfy {
            $0.shape == $1.shape && $0.type == $1.type && $0.labels == $1.labels
          },
        "its branches give other shapes, types or texts, and its condition is not known when the model is "
          + "loaded")
      var results: [Term] = []
      for (a, b) in zip(first, second) { results.append(try node.choice(condition, a, b)) }
      return results
    } catch {
      // Where only one of them can be computed, the condition has to be known.
      recorder.demand(condition)
      throw error
    }
  }

  // MARK: - Loop

  private mutating func loop(_ node: NodeContext) throws(ModelError) -> [Term] {
    let body = try body("body", of: node)
    let rounds = node.optional(0) == nil ? nil : try node.scalar(0, "its number of rounds")
    var carried: [Term] = []
    for index in node.operands.indices.dropFirst(2) { carried.append(try node.operand(index)) }
    let count = carried.count
    try node.require(
      body.inputs.count == count + 2 && body.outputs.count > count,
      "its body does not fit its operands")
    var running = node.optional(1) ?? Term(1, type: .bool)
    try requireTruth(running, node)
    var scanned = [[Term]](repeating: [], count: body.outputs.count - count - 1)
    var round = 0
    while rounds.map({ Double(round) < $0 }) ?? true {
      if let known = running.constant, known.first == 0 { break }
      try node.require(
        round < Self.maximalRounds,
        "it runs more than \(Self.maximalRounds) rounds, or without end")
      let path = "\(node.name)[\(round)]"
      try self.count(path)
      let inputs = [Term(Double(round), type: .int64), running] + carried
      let outputs = try run(body, inputs: inputs, in: scope(path + "/"))
      recorder.node = path
      try requireTruth(outputs[0], node)
      var next = Array(outputs[1..<count + 1])
      if running.constant == nil {
        // A round after the last one changes nothing.
        for place in next.indices {
          try node.require(
            next[place].shape == carried[place].shape && next[place].type == carried[place].type
              && next[place].labels == nil && carried[place].labels == nil,
            "its condition is not known when the model is loaded, and a value changes its shape, or is a text"
          )
          next[place] = try node.choice(running, next[place], carried[place])
        }
      }
      for (place, term) in outputs[(count + 1)...].enumerated() { scanned[place].append(term) }
      carried = next
      running = try advanced(running, outputs[0], rounds, scanned.isEmpty, node)
      round += 1
    }
    var results = carried
    for (place, parts) in scanned.enumerated() {
      results.append(
        try stacked(parts, axis: 0, like: body.outputs[count + 1 + place], node))
    }
    return results
  }

  /// Whether a loop goes on after a round.
  private func advanced(
    _ running: Term, _ goesOn: Term, _ rounds: Double?, _ isPlain: Bool, _ node: NodeContext
  ) throws(ModelError) -> Term {
    guard running.constant == nil || goesOn.constant == nil else { return goesOn }
    guard rounds != nil, isPlain else {
      recorder.demand(goesOn)
      throw node.error(
        "how many rounds it takes depends on values; a largest number of rounds and no scan outputs "
          + "make it possible")
    }
    return try node.product(running.reshaped([]), goesOn.reshaped([])).typed(.bool)
  }

  // MARK: - Scan

  private mutating func scan(_ node: NodeContext) throws(ModelError) -> [Term] {
    try node.require(node.opset >= 9, "Scan of operator set 8 is not supported")
    let body = try body("body", of: node)
    let operands = try node.allOperands()
    let count = node.integer("num_scan_inputs", default: 0)
    try node.require(
      (1...operands.count).contains(count) && body.inputs.count == operands.count
        && body.outputs.count >= operands.count - count, "its body does not fit its operands")
    var states = Array(operands.dropLast(count))
    let results = body.outputs.count - states.count
    func list(_ name: String, _ count: Int) throws(ModelError) -> [Int] {
      let list = node.integers(name) ?? [Int](repeating: 0, count: count)
      try node.require(list.count == count, "\(name) has \(list.count) elements, not \(count)")
      return list
    }
    let axes = try list("scan_input_axes", count)
    let directions = try list("scan_input_directions", count)
    let outputAxes = try list("scan_output_axes", results)
    let outputDirections = try list("scan_output_directions", results)
    var sequences: [(term: Term, axis: Int, isReversed: Bool)] = []
    for (place, term) in operands.suffix(count).enumerated() {
      let axis = try node.axis(axes[place], rank: term.shape.count)
      sequences.append((term, axis, directions[place] != 0))
    }
    let rounds = sequences[0].term.shape[sequences[0].axis]
    try node.require(
      sequences.allSatisfy { $0.term.shape[$0.axis] == rounds }, "its sequences differ in length")
    try node.require(
      rounds <= Self.maximalRounds, "it runs \(rounds) rounds, more than \(Self.maximalRounds)")
    var scanned = [[Term]](repeating: [], count: results)
    for round in 0..<rounds {
      let path = "\(node.name)[\(round)]"
      try self.count(path)
      recorder.node = path
      var inputs = states
      for (term, axis, isReversed) in sequences {
        inputs.append(
          try node.part(isReversed ? rounds - 1 - round : round, of: term, axis: axis))
      }
      let outputs = try run(body, inputs: inputs, in: scope(path + "/"))
      states = Array(outputs.prefix(states.count))
      for (place, term) in outputs.dropFirst(states.count).enumerated() {
        scanned[place].append(term)
      }
    }
    recorder.node = node.name
    for (place, parts) in scanned.enumerated() {
      states.append(
        try stacked(
          outputDirections[place] != 0 ? parts.reversed() : parts, axis: outputAxes[place],
          like: body.outputs[operands.count - count + place], node))
    }
    return states
  }

  /// Tensors of one shape along a new axis.
  private func stacked(
    _ parts: [Term], axis: Int, like output: OnnxModel.Value, _ node: NodeContext
  ) throws(ModelError) -> Term {
    recorder.node = node.name
    guard let first = parts.first else {
      // No round: the declaration says what would have come of one.
      let declared = (output.shape ?? [nil]).compactMap { $0.map { Int(clamping: $0) } }
      guard let type = ElementType(rawValue: output.elementType),
        declared.count == output.shape?.count
      else { throw node.error("it takes no rounds, and its outputs declare no shapes") }
      var shape = declared
      shape.insert(0, at: try node.axis(axis, rank: shape.count + 1))
      try node.require(TensorShape.count(shape) != nil, "an output declares an unusable shape")
      return Term([], shape: shape, type: type)
    }
    let axis = try node.axis(axis, rank: first.shape.count + 1)
    try node.require(
      parts.allSatisfy { $0.shape == first.shape && $0.labels == nil },
      "a round gives another shape than the first one, or texts")
    var shape = first.shape
    shape.insert(1, at: axis)
    return try node.moved(parts) { (parts) throws(ModelError) in
      try node.concatenated(parts.map { $0.reshaped(shape) }, axis: axis).typed(parts[0].type)
    }
  }
}

extension NodeContext {
  /// The elements at a place along an axis, without that axis.
  fileprivate func part(_ place: Int, of term: Term, axis: Int) throws(ModelError) -> Term {
    let strides = TensorShape.strides(term.shape)
    var (shape, steps) = (term.shape, strides)
    shape.remove(at: axis)
    steps.remove(at: axis)
    let elements = TensorShape.elements(
      shape: shape, strides: steps, base: place * strides[axis])
    return try moved([term]) { (terms) throws(ModelError) in
      try picking(elements, of: terms[0], shape: shape)
    }
  }
}

extension ModelError {
  /// A call of a function in whose place runtimes run their own operator, or may in a later release.
  static func shadow(of node: OnnxModel.Node, named name: String) -> ModelError {
    .invalidNode(
      node: name, op: node.op,
      reason: "the model defines a function of this name in the domain "
        + "\(node.domain.isEmpty ? "ai.onnx" : node.domain), whose operators runtimes have of their own; give the function a "
        + "domain of its own, or remove it")
  }
}

extension OnnxModel.Node {
  /// Whether its domain is one that runtimes have operators of.
  var isInDomainOfRuntimes: Bool {
    ["", "ai.onnx", "com.microsoft"].contains(domain)
      || ["ai.onnx.", "com.microsoft.", "com.ms."].contains { domain.hasPrefix($0) }
  }

  /// The node with the numbers of a call in place of references to a function's attributes.
  func resolving(_ attributes: [String: OnnxModel.Attribute]) -> OnnxModel.Node {
    guard self.attributes.contains(where: { $0.reference != nil }) else { return self }
    var node = self
    node.attributes = self.attributes.compactMap { attribute in
      guard let reference = attribute.reference else { return attribute }
      var value = attributes[reference]
      value?.name = attribute.name
      return value
    }
    return node
  }
}
