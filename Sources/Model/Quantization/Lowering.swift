import Circuit

/// Turns a fused graph and settings into the integer program; the same on every machine.
///
/// Scales are powers of two per tensor. An exact result keeps the product of its scales, and a rounding step brings it
/// back to the precision of the settings where later steps become cheaper by it. Values that are whole numbers are
/// never rounded.
struct Lowering {
  let graph: Graph
  let settings: QuantizationSettings
  /// Committed weights so far.
  private(set) var parameters: [Parameter] = []
  /// What the formats of committed weights depend on.
  var demands: [ParameterDemand] = []
  private(set) var tensors: [IntegerTensor] = []
  private var operations: [IntegerOperation] = []
  /// The integer tensor of each value; -1 for constants that no step has asked for yet.
  private var place: [TensorID]
  /// Known numbers, which get a tensor at the scale that a step asks for.
  private var constants: [ValueID: [Double]] = [:]
  /// Known integers of which some are beyond 2^53; they have tensors too.
  private(set) var largeIntegers: [ValueID: [Int128]] = [:]
  let consumers: [[Int]]
  /// Values in which calibration saw numbers that a softmax makes vanish.
  let maskedValues: Set<ValueID>
  /// Zeros, one for each row of a softmax of masked numbers, that exist just if the row's largest number is not masked itself.
  var maximumChecks: [ValueID: TensorID] = [:]
  /// Tensors that are what the graph says of the program's inputs, without any rounding.
  private var exact: Set<TensorID> = []
  /// Tensors that are rounded, but were exact before: no negative number becomes of one that is none.
  private var exactUntilRounded: Set<TensorID> = []
  /// Whole numbers that need more than 64 bits: what makes them, for the steps that wrap them.
  var accumulated: [ValueID: Accumulated] = [:]
  /// Graph inputs whose columns lose bits of their own, as layers read them.
  private var columns: [ValueID: Columns] = [:]
  /// The step that is being lowered.
  private var step: Graph.Step

  /// - Throws: `invalidSettings`, or `circuit` where integers would not fit.
  static func lower(
    _ model: Model, _ settings: QuantizationSettings
  ) throws(ModelError) -> Lowering.Result {
    let graph = model.graph
    try settings.check(inputs: graph.inputs.count, values: graph.values.count)
    try settings.check(inputsOf: graph)
    var lowering = Lowering(model, settings)
    do throws(CircuitError) {
      lowering.addInputs()
      for (index, step) in graph.steps.enumerated() {
        lowering.step = step
        if let map = model.weights?.weightedMap(ofStep: index) {
          lowering.place[step.output] = try lowering.weighted(map)
        } else {
          try lowering.addStep()
        }
      }
      var outputs: [TensorID] = []
      for output in graph.outputs { outputs.append(try lowering.tensor(output)) }
      let program = try IntegerGraph(
        tensors: lowering.tensors, operations: lowering.operations,
        inputs: graph.inputs.map { lowering.place[$0] } + lowering.parameters.map(\.tensor),
        outputs: outputs)
      return Result(
        graph: program, place: lowering.place, parameters: lowering.parameters,
        demands: lowering.demands)
    } catch {
      throw .circuit(error)
    }
  }

  /// What a model becomes.
  struct Result {
    var graph: IntegerGraph
    /// The tensor of each value; -1 for constants that are part of operations.
    var place: [TensorID]
    var parameters: [Parameter]
    var demands: [ParameterDemand]
  }

  /// Committed weights: an input of the program and its values.
  struct Parameter {
    var tensor: TensorID
    var values: [Int64]
  }

  private init(_ model: Model, _ settings: QuantizationSettings) {
    graph = model.graph
    self.settings = settings
    place = [TensorID](repeating: -1, count: graph.values.count)
    consumers = graph.consumers
    maskedValues = Set(settings.masked)
    step = Graph.Step(name: "", kind: .relu, inputs: [], output: 0)
  }

  private mutating func addInputs() {
    for (index, input) in graph.inputs.enumerated() {
      tensors.append(
        IntegerTensor(
          name: graph.values[input].name, shape: graph.values[input].shape,
          range: inputRange(graph.values[input].type, width: settings.inputWidths[index]),
          scaleBits: settings.inputScaleBits[index]))
      place[input] = tensors.count - 1
      exact.insert(tensors.count - 1)
    }
  }

  private mutating func addStep() throws(CircuitError) {
    let output = step.output
    switch step.kind {
    case .constant(let numbers):
      constants[output] = numbers
      return
    case .integers(let numbers):
      largeIntegers[output] = numbers
      place[output] = try integers(numbers)
    case .wrap(let type): place[output] = try wrapped(to: type)
    case .confine(let range): place[output] = try confined(to: range)
    case .special:
      try addSpecial()
    case .affine(let map):
      place[output] = try affine(map)
    case .product, .matmul:
      var (kind, terms) = (IntegerOperation.Kind.product, 1)
      if case .matmul(let batch, let m, let k, let n) = step.kind {
        (kind, terms) = (.matmul(batch: batch, m: m, k: k, n: n), k)
      }
      let inputs = try fitting(step.inputs, terms: terms)
      let scaleBits = inputs.reduce(0) { $0 + tensors[$1].scaleBits }
      place[output] = try emitRounded(kind, inputs, scaleBits: scaleBits)
    case .relu: place[output] = try emitKeepingScale(.relu)
    case .absolute:
      // -2^63 is the only integer whose negative is none.
      let input = try enforced(tensor(step.inputs[0]), (.min + 1)...(.max))
      place[output] = try emit(.absolute, [input], scaleBits: tensors[input].scaleBits)
    case .maximum(let windows): place[output] = try emitKeepingScale(.maximum(windows: windows))
    case .distance(let groups):
      place[output] = try emitKeepingScale(.distance(groups: groups))
      try boundMaxima(groups)
    case .clamp(let low, let high): place[output] = try clamp(low, high)
    case .argmax(let groups, let last):
      place[output] = try emit(
        .argmax(groups: groups, last: last), [tensor(step.inputs[0])], scaleBits: 0)
    case .order(let groups, let count):
      place[output] = try emit(
        .order(groups: groups, count: count, descending: true), [tensor(step.inputs[0])],
        scaleBits: 0)
    case .oneHot(let size):
      let index = try enforced(wholeTensor(step.inputs[0]), 0...Int64(size - 1))
      place[output] = try emit(.oneHot(depth: size), [index], scaleBits: 0)
    case .gather(let picks): place[output] = try gather(picks)
    case .select: place[output] = try select()
    case .compare(let comparison): place[output] = try compare(comparison)
    case .bitwise(let operation, let bits):
      let range = 0...(Int64(1) << Int64(bits)) - 1
      let inputs = [
        try enforced(wholeTensor(step.inputs[0]), range),
        try enforced(wholeTensor(step.inputs[1]), range),
      ]
      place[output] = try emit(.bitwise(operation.integer), inputs, scaleBits: 0)
    case .quotient(let rounding): place[output] = try quotient(rounding)
    case .function(let function): place[output] = try self.function(function)
    }
  }
}

// MARK: - Tensors and operations

extension Lowering {
  /// The step's name and values, for the other files of this type.
  var current: Graph.Step { step }

  /// Binary digits after the point that a rounded value keeps.
  func target(_ value: ValueID) -> Int {
    precision(value) - settings.magnitude(value)
  }

  /// Bits of a rounded value's magnitudes, without headroom.
  func precision(_ value: ValueID) -> Int {
    min(
      max(
        settings.activationBits + settings.extraBits[value] + graph.values[value].guardBits, 2), 40)
  }

  /// The tensor of a value; a constant gets one at the coarsest scale that is exact or has enough bits.
  mutating func tensor(_ value: ValueID) throws(CircuitError) -> TensorID {
    if place[value] >= 0 { return place[value] }
    if let wide = accumulated[value] { throw wide.refusal }
    let numbers = constants[value] ?? []
    place[value] = try constant(
      value, numbers.map { finite($0, value) }, scaleBits: constantScale(value, numbers))
    return place[value]
  }

  /// The coarsest scale at which a constant is exact or has enough bits.
  func constantScale(_ value: ValueID, _ numbers: [Double]) -> Int {
    let largest = numbers.reduce(0) { max($0, $1.isFinite ? abs($1) : 0) }
    let exact = numbers.lazy.filter { $0 != 0 && $0.isFinite }.map { -Self.lowestBit($0) }.max()
    let bits = max(settings.weightBits, precision(value))
    let rounded = bits - QuantizationSettings.magnitude(largest)
    return graph.values[value].isInteger ? exact ?? 0 : min(exact ?? 0, rounded)
  }

  /// The tensor of a value that has one.
  func place(of value: ValueID) -> TensorID? { place[value] >= 0 ? place[value] : nil }

  /// A tensor that every constant can be a map of.
  var firstInput: TensorID { place[graph.inputs[0]] }

  /// Makes a value known.
  mutating func addConstant(_ value: ValueID, _ numbers: [Double]) { constants[value] = numbers }

  /// Makes a tensor that of a value.
  mutating func addPlace(_ value: ValueID, _ tensor: TensorID) { place[value] = tensor }

  /// The numbers of a value that is known.
  func numbers(_ value: ValueID) -> [Double]? { constants[value] }

  /// A tensor of a known value at a scale.
  mutating func constant(
    _ value: ValueID, _ numbers: [Double], scaleBits: Int
  ) throws(CircuitError) -> TensorID {
    let source = place[graph.inputs[0]]
    var map = LinearMap(inputCount: tensors[source].count)
    for number in numbers { map.appendRow([], bias: try integer(number, scaleBits)) }
    return try emit(
      .linear(map), [source], scaleBits: scaleBits, like: value,
      exactly: numbers.allSatisfy { Self.isExact($0, scaleBits) })
  }

  /// Whether a number is a whole number of units of a scale.
  static func isExact(_ number: Double, _ scaleBits: Int) -> Bool {
    number == 0 || number.isFinite && -lowestBit(number) <= scaleBits
  }

  /// Whether a tensor is negative where the model's numbers are, and nowhere else.
  func hasExactSign(_ tensor: TensorID) -> Bool {
    exact.contains(tensor) || exactUntilRounded.contains(tensor)
  }

  /// Infinities stand for what is larger than all numbers of the value, and makes a softmax vanish.
  func finite(_ number: Double, _ value: ValueID) -> Double {
    guard number.isInfinite else { return number }
    if isMasked(value), number < 0 {
      return 2 * (settings.floor(value) - settings.domain(value).upperBound)
    }
    let bound = Double(sign: .plus, exponent: max(settings.magnitude(value), 5), significand: 1)
    return number < 0 ? -bound : bound
  }

  /// Appends an operation; without a range its result has the derived one.
  ///
  /// - Parameter exactly: whether its constants are those of the graph, not rounded ones.
  mutating func emit(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], scaleBits: Int,
    range: ClosedRange<Int64>? = nil, like value: ValueID? = nil, suffix: String = "",
    shape: [Int]? = nil, exactly: Bool = true
  ) throws(CircuitError) -> TensorID {
    let value = value ?? step.output
    let operands = inputs.map { tensors[$0] }
    let derived = try IntegerOperation.derivedRange(of: kind, inputs: operands, name: step.name)
    let isWhole = suffix.isEmpty
    let shape = shape ?? (isWhole ? graph.values[value].shape : operands[0].shape)
    tensors.append(
      IntegerTensor(
        name: graph.values[value].name + suffix, shape: shape, range: range ?? derived,
        scaleBits: scaleBits))
    operations.append(
      IntegerOperation(name: step.name, kind: kind, inputs: inputs, output: tensors.count - 1))
    note(kind, inputs, exactly)
    return tensors.count - 1
  }

  /// Notes whether the newest tensor is exact.
  private mutating func note(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], _ exactly: Bool
  ) {
    guard exactly, inputs.allSatisfy(hasExactSign) else { return }
    let isExact = inputs.allSatisfy(exact.contains)
    switch kind {
    case .rescale(shift: 0), .relu, .maximum:
      if isExact { exact.insert(tensors.count - 1) }
      exactUntilRounded.insert(tensors.count - 1)
    case .rescale: exactUntilRounded.insert(tensors.count - 1)
    case .linear, .product, .matmul, .absolute, .distance, .select, .gather, .isZero, .isNegative,
      .bitwise, .oneHot, .argmax, .order:
      if isExact { exact.insert(tensors.count - 1) }
    default: break
    }
  }

  /// Appends a tensor of weights as an input of the program.
  mutating func addParameter(_ tensor: IntegerTensor, _ values: [Int64]) -> TensorID {
    tensors.append(tensor)
    parameters.append(Parameter(tensor: tensors.count - 1, values: values))
    return tensors.count - 1
  }

  /// An operation of one input whose result has the input's scale.
  private mutating func emitKeepingScale(
    _ kind: IntegerOperation.Kind
  ) throws(CircuitError) -> TensorID {
    let input = try tensor(step.inputs[0])
    return try emit(kind, [input], scaleBits: tensors[input].scaleBits)
  }

  /// An operation whose exact result may be rounded to the precision of its value.
  mutating func emitRounded(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], scaleBits: Int, exactly: Bool = true
  ) throws(CircuitError) -> TensorID {
    var exact: TensorID
    do throws(CircuitError) {
      exact = try emit(kind, inputs, scaleBits: scaleBits, exactly: exactly)
    } catch {
      return try narrowed(kind, inputs, scaleBits: scaleBits, refusal: error)
    }
    exact = try floored(exact)
    guard needsRounding(scaleBits: scaleBits) else { return exact }
    tensors[exact].name += ".exact"
    return try rounded(exact, shift: scaleBits - target(step.output))
  }

  /// A graph input as layers read it: columns with equally many dropped bits together.
  struct Columns {
    var tensors: [TensorID]
    /// The tensor of each element, as an index into `tensors`.
    var tensor: [Int32]
    /// The element's place among the elements of all tensors.
    var place: [UInt32]
  }

  /// The columns of a graph input that loses bits by column; nil for all other values.
  mutating func columns(of value: ValueID) throws(CircuitError) -> Columns? {
    if let known = columns[value] { return known }
    guard let input = graph.inputs.firstIndex(of: value) else { return nil }
    let dropped = settings.droppedInputBits[input]
    guard dropped.contains(where: { $0 > 0 }) else { return nil }
    let (count, scaleBits) = (graph.values[value].count, settings.inputScaleBits[input])
    var result = Columns(
      tensors: [], tensor: [Int32](repeating: 0, count: count),
      place: [UInt32](repeating: 0, count: count))
    var start = 0
    let width = QuantizationSettings.columnBits + settings.headroomBits
    for bits in Set(dropped).sorted() {
      let elements = (0..<count).filter { dropped[$0 % dropped.count] == bits }
      for (place, element) in elements.enumerated() {
        result.tensor[element] = Int32(result.tensors.count)
        result.place[element] = UInt32(start + place)
      }
      start += elements.count
      let selected = try emit(
        .linear(.selecting(elements, of: count)), [place[value]], scaleBits: scaleBits,
        like: value, suffix: ".columns\(bits)", shape: [elements.count])
      let bound = Int64(1) << Int64(width)
      result.tensors.append(
        try emit(
          .rescale(shift: bits), [selected], scaleBits: scaleBits - bits,
          range: -bound...bound - 1, like: value, suffix: ".columns\(bits).rounded",
          shape: [elements.count]))
    }
    columns[value] = result
    return result
  }

  /// A tensor times 2^bits.
  mutating func scaledUp(_ tensor: TensorID, by bits: Int) throws(CircuitError) -> TensorID {
    guard bits > 0 else { return tensor }
    let count = tensors[tensor].count
    guard bits < 62 else { throw tooWide("2^\(bits)") }
    var map = LinearMap(inputCount: count)
    map.reserve(rows: count)
    for element in 0..<count { map.appendRow([(element, 1 << Int64(bits))]) }
    return try emit(
      .linear(map), [tensor], scaleBits: tensors[tensor].scaleBits + bits, suffix: ".scaled")
  }

  /// A tensor at another scale: exact where it gets finer, rounded where it gets coarser.
  mutating func atScale(_ scaleBits: Int, _ tensor: TensorID) throws(CircuitError) -> TensorID {
    let given = tensors[tensor].scaleBits
    let shift = given - scaleBits
    if shift <= 0 { return try scaledUp(tensor, by: -shift) }
    // What one rescale cannot drop, two can.
    if shift > 62 { return try atScale(scaleBits, atScale(given - 62, tensor)) }
    return try emit(.rescale(shift: shift), [tensor], scaleBits: scaleBits, suffix: ".coarse")
  }

  /// A tensor whose range is made to lie inside another one; outside values are errors when the program runs.
  mutating func enforced(
    _ tensor: TensorID, _ range: ClosedRange<Int64>
  ) throws(CircuitError) -> TensorID {
    guard !range.covers(tensors[tensor].range) else { return tensor }
    return try emit(
      .rescale(shift: 0), [tensor], scaleBits: tensors[tensor].scaleBits, range: range,
      suffix: ".bounded")
  }

  func tooWide(_ number: String) -> CircuitError {
    .rangeTooWide(operation: step.name, lowest: number, highest: number, declared: nil)
  }
}

extension Graph.Bitwise {
  fileprivate var integer: IntegerOperation.BitOperation {
    switch self {
    case .and: .and
    case .or: .or
    case .xor: .xor
    }
  }
}
