/// An operand of a node: a constant, or a value that depends on the model's inputs.
struct Operand: Sendable {
  var shape: [Int]
  var isInteger: Bool
  /// The numbers, where they are known when the model is loaded.
  var constant: OnnxTensor?
  /// The value, where they are not.
  var value: ValueID?

  var count: Int { shape.reduce(1, *) }
}

/// What a node computes: a chain of steps on its operands and on the results of earlier steps of the chain.
struct Translation {
  /// Where an input of a step comes from.
  enum Source {
    /// The node's operand of this index.
    case operand(Int)
    /// The result of an earlier step of this chain.
    case step(Int)
  }

  var steps: [(kind: Graph.Kind, inputs: [Source], shape: [Int])] = []

  init() {}

  init(_ kind: Graph.Kind, _ inputs: [Source], shape: [Int]) {
    steps = [(kind, inputs, shape)]
  }

  /// Appends a step and gives its place as a source.
  mutating func then(_ kind: Graph.Kind, _ inputs: [Source], shape: [Int]) -> Source {
    steps.append((kind, inputs, shape))
    return .step(steps.count - 1)
  }
}

/// A node while it is translated: its operands and attributes, and errors that name it.
struct NodeContext {
  let node: OnnxModel.Node
  /// The node's name in errors and plans.
  let name: String
  let opset: Int
  /// The operands in order; nil for one left out.
  let operands: [Operand?]
  /// Whether all operands are constants, so that the result is folded.
  let isFolding: Bool

  func error(_ reason: String) -> ModelError {
    .invalidNode(node: name, op: node.op, reason: reason)
  }

  func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(ModelError) {
    if !condition { throw error(reason()) }
  }

  /// The operand at an index, if it is given.
  func optional(_ index: Int) -> Operand? {
    index < operands.count ? operands[index] : nil
  }

  func operand(_ index: Int) throws(ModelError) -> Operand {
    guard let operand = optional(index) else { throw error("input \(index) is missing") }
    return operand
  }

  /// The numbers of an operand that are merged into coefficients; nil for variables and while folding.
  func coefficients(_ index: Int) throws(ModelError) -> [Double]? {
    isFolding ? nil : try operand(index).constant?.values
  }

  /// The constant at an index; anything else is an error.
  func constant(_ index: Int, _ what: String) throws(ModelError) -> OnnxTensor {
    guard let constant = try operand(index).constant else {
      throw error("\(what) must be constant")
    }
    return constant
  }

  /// A constant that may be left out.
  func optionalConstant(_ index: Int, _ what: String) throws(ModelError) -> OnnxTensor? {
    optional(index) == nil ? nil : try constant(index, what)
  }

  func attribute(_ name: String) -> OnnxModel.Attribute? {
    node.attributes.first { $0.name == name }
  }

  func integer(_ name: String, default value: Int) -> Int {
    attribute(name)?.integer.map(Int.init) ?? value
  }

  func float(_ name: String, default value: Double) throws(ModelError) -> Double {
    let found = attribute(name)?.float.map(Double.init) ?? value
    try require(found.isFinite, "\(name) is not a finite number")
    return found
  }

  /// A list attribute, or nil where it is left out.
  func integers(_ name: String) -> [Int]? {
    attribute(name).map { $0.integers.map(Int.init) }
  }

  /// A list from an attribute in older operator sets or from an input in newer ones.
  func integers(attribute name: String, orInput index: Int) throws(ModelError) -> [Int]? {
    if let list = integers(name) { return list }
    return try optionalConstant(index, name)?.integers
  }

  /// An axis of a tensor of this rank; negative ones count from the end.
  func axis(_ axis: Int, rank: Int) throws(ModelError) -> Int {
    let resolved = axis < 0 ? axis &+ rank : axis
    try require((0..<rank).contains(resolved), "axis \(axis) is outside a tensor of rank \(rank)")
    return resolved
  }

  /// Checks that a result is neither empty nor too large.
  @discardableResult
  func checkedCount(_ shape: [Int]) throws(ModelError) -> Int {
    guard let count = TensorShape.count(shape) else {
      throw error("a result of shape \(shape) is too large")
    }
    try require(count > 0 || isFolding, "a result of shape \(shape) has no elements")
    return count
  }

  /// Checks that a map does not get too many entries.
  func checkEntries(_ rows: Int, _ perRow: Int) throws(ModelError) {
    let (entries, overflow) = rows.multipliedReportingOverflow(by: perRow)
    try require(
      !overflow && entries <= RealMap.maximalEntries, "needs too many multiplications by constants")
  }
}
