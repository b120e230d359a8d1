/// A node while it is translated: its operands and attributes, and errors that name it.
struct NodeContext {
  let node: OnnxModel.Node
  /// The node's name in errors and plans.
  let name: String
  let opset: Int
  /// The operands in order; nil for one left out.
  let operands: [Term?]
  /// Takes the steps that the node becomes.
  let recorder: GraphRecorder

  /// Version of the operator set that the node's operator is of.
  var version: Int {
    switch node.domain {
    case "ai.onnx.ml": recorder.classicalOpset
    case "com.microsoft": 1
    default: opset
    }
  }

  func error(_ reason: String) -> ModelError {
    .invalidNode(node: name, op: node.op, reason: reason)
  }

  func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(ModelError) {
    if !condition { throw error(reason()) }
  }

  // MARK: - Operands

  /// The operand at an index, if it is given.
  func optional(_ index: Int) -> Term? {
    index < operands.count ? operands[index] : nil
  }

  func operand(_ index: Int) throws(ModelError) -> Term {
    guard let operand = optional(index) else { throw error("input \(index) is missing") }
    return operand
  }

  /// All operands, of which none may be left out.
  func allOperands() throws(ModelError) -> [Term] {
    var list: [Term] = []
    for index in operands.indices { list.append(try operand(index)) }
    try require(!list.isEmpty, "it has no inputs")
    return list
  }

  /// The numbers of an operand that must be known when the model is loaded.
  func constant(_ index: Int, _ what: String) throws(ModelError) -> [Double] {
    let term = try operand(index)
    return try known(term, what).reals
  }

  /// The numbers of a term that must be known when the model is loaded.
  func known(_ term: Term, _ what: String) throws(ModelError) -> Numbers {
    if let known = term.known { return known }
    recorder.demand(term)
    throw error("\(what) must be constant")
  }

  /// A constant that may be left out.
  func optionalConstant(_ index: Int, _ what: String) throws(ModelError) -> [Double]? {
    optional(index) == nil ? nil : try constant(index, what)
  }

  /// A constant list of integers, clamped to 64 bits.
  func integers(_ index: Int, _ what: String) throws(ModelError) -> [Int] {
    try constant(index, what).map { Int(clamping: $0) }
  }

  /// A constant with one element.
  func scalar(_ index: Int, _ what: String) throws(ModelError) -> Double {
    let term = try operand(index)
    let numbers = try known(term, what)
    try require(numbers.count == 1, "\(what) is not a scalar")
    if case .integers(let list) = numbers, let bounds = term.type.bounds,
      ![bounds.lowerBound, bounds.upperBound].contains(list[0])
    {
      try requireExact([list[0]], what)
    }
    return numbers.reals[0]
  }

  /// Refuses integers that doubles do not hold, where they are taken as such.
  func requireExact(_ integers: some Sequence<some BinaryInteger>, _ what: String)
    throws(ModelError)
  {
    try require(
      integers.allSatisfy { $0.magnitude <= 1 << 53 },
      "\(what): whole numbers beyond 2^53 are not supported here")
  }

  /// Whether the node names an output at an index.
  func wants(output index: Int) -> Bool {
    index < node.outputs.count && !node.outputs[index].isEmpty
  }

  // MARK: - Attributes

  func attribute(_ name: String) -> OnnxModel.Attribute? {
    node.attributes.first { $0.name == name }
  }

  func integer(_ name: String, default value: Int) -> Int {
    attribute(name)?.integer.map(Int.init) ?? value
  }

  /// An attribute that is 0 or 1, as `checkForm` knows.
  func flag(_ name: String, default value: Bool = false) -> Bool {
    integer(name, default: value ? 1 : 0) != 0
  }

  func text(_ name: String, default value: String) -> String {
    attribute(name)?.text ?? value
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

  /// A list of finite floats, or nil where it is left out.
  func floats(_ name: String) throws(ModelError) -> [Double]? {
    let list = attribute(name).map { $0.floats.map(Double.init) }
    try require(list?.allSatisfy(\.isFinite) ?? true, "\(name) holds a number that is not finite")
    return list
  }

  /// A list from an attribute in older operator sets or from an input in newer ones.
  func integers(attribute name: String, orInput index: Int) throws(ModelError) -> [Int]? {
    if let list = integers(name) { return list }
    return optional(index) == nil ? nil : try integers(index, name)
  }

  /// The element type that an attribute names.
  ///
  /// - Parameter acceptsZero: whether 0 stands for the default.
  func type(
    _ name: String, default value: ElementType, acceptsZero: Bool = false
  ) throws(ModelError) -> ElementType {
    guard let given = attribute(name)?.integer, given != 0 || !acceptsZero else { return value }
    guard let type = ElementType(rawValue: given) else {
      throw error("element type \(given) is not supported")
    }
    return type
  }

  // MARK: - Shapes

  /// An axis of a tensor of this rank; negative ones count from the end.
  func axis(_ axis: Int, rank: Int) throws(ModelError) -> Int {
    let resolved = axis < 0 ? axis &+ rank : axis
    try require((0..<rank).contains(resolved), "axis \(axis) is outside a tensor of rank \(rank)")
    return resolved
  }

  /// The axis that attribute `axis` names.
  func axis(default value: Int, rank: Int) throws(ModelError) -> Int {
    try axis(integer("axis", default: value), rank: rank)
  }

  /// Distinct axes of a tensor of this rank, in the order given.
  func axes(_ list: [Int], rank: Int) throws(ModelError) -> [Int] {
    var axes: [Int] = []
    for given in list.prefix(65) { axes.append(try axis(given, rank: rank)) }
    try require(
      list.count <= 64 && Set(axes).count == axes.count, "axes \(list.prefix(8)) are not distinct")
    return axes
  }

  /// Checks that a result is not too large.
  @discardableResult
  func checkedCount(_ shape: [Int]) throws(ModelError) -> Int {
    guard let count = TensorShape.count(shape) else {
      throw error("a result of shape \(shape.prefix(8)) is too large")
    }
    return count
  }

  /// Checks that a map does not get too many entries, before it is made: each of them, or, where rows share patterns and
  /// coefficients, all together.
  func checkEntries(_ rows: Int, _ perRow: Int, shared: Bool = false) throws(ModelError) {
    let limit = shared ? RealMap.maximalEntries : RealMap.maximalSingleEntries
    let (entries, overflow) = rows.multipliedReportingOverflow(by: perRow)
    guard overflow || entries > limit else { return }
    let needed = overflow ? "more than 2^63" : "\(entries)"
    throw error(
      "needs \(needed) multiplications by constants, of the \(limit) that a step may have; "
        + "a smaller input or fewer channels need fewer")
  }

  /// The common shape of tensors under multidirectional broadcasting.
  func broadcast(_ shapes: [[Int]]) throws(ModelError) -> [Int] {
    var common: [Int] = []
    for shape in shapes {
      guard let next = TensorShape.broadcast(common, shape) else {
        throw error("shapes \(shapes) cannot be broadcast")
      }
      common = next
    }
    try checkedCount(common)
    return common
  }
}

extension Int {
  /// The nearest integer of 64 bits towards zero; 0 for what is not a number.
  init(clamping value: Double) {
    self =
      Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : value > 0 ? .max : 0)
  }
}
