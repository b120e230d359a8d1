import Circuit

/// A model as an integer program, with the translation between real numbers and its integers.
public struct QuantizedModel: Sendable {
  /// A model input or output: real = integer * 2^-scaleBits.
  public struct Port: Hashable, Sendable, Codable {
    /// The name in the model.
    public var name: String
    /// Its shape without dynamic dimensions.
    public var shape: [Int]
    /// Binary digits after the point.
    public var scaleBits: Int
    /// All integers it may take.
    public var range: ClosedRange<Int64>
  }

  /// The program that is proven.
  public let integerGraph: IntegerGraph
  /// What, with the model's bytes, determines the program.
  public let settings: QuantizationSettings
  /// The committed weights, in the order of the program's last inputs; none where they are constants.
  public let parameters: [Parameter]
  /// The tensor that holds each value of the model; -1 for constants that are part of the operations.
  let place: [TensorID]
  /// The model as it is, in floating point.
  package let model: Model

  /// Makes the same program again from a model and settings.
  ///
  /// - Throws: `invalidSettings` for settings of another model, `circuit` if the integers would not fit.
  public init(_ model: Model, settings: QuantizationSettings) throws(ModelError) {
    guard settings.inputShapes == model.inputs.map(\.shape) else {
      throw .invalidSettings(reason: "they were made for inputs of other shapes")
    }
    guard settings.fixedInputs ?? [] == model.fixedInputs else {
      throw .invalidSettings(
        reason: "they were made for other numbers of inputs that shapes depend on: "
          + model.fixedInputs.map(\.name).joined(separator: ", "))
    }
    guard settings.missing ?? [] == model.missing else {
      throw .invalidSettings(reason: "they mark other missing numbers than the inputs have")
    }
    let softmaxes = settings.masked.isEmpty ? [:] : model.graph.softmaxGroups
    guard settings.masked.allSatisfy({ softmaxes[$0] != nil }) else {
      throw .invalidSettings(reason: "they mask a value that something else than a softmax reads")
    }
    guard settings.parameters == nil || model.weights != nil else {
      throw .invalidSettings(reason: "they were made for committed weights (--param-visibility)")
    }
    guard settings.equalised != true || model.weights == nil else {
      throw .invalidSettings(reason: "committed weights are those of the file, not equalised ones")
    }
    let model = settings.equalised == true ? model.equalised() : model
    var settings = settings
    var lowered = try Lowering.lower(model, settings)
    if model.weights != nil, settings.parameters == nil {
      settings.parameters = ParameterFormat.common(
        lowered.demands, weightBits: settings.weightBits, values: model.graph.values.count)
      lowered = try Lowering.lower(model, settings)
    }
    (integerGraph, place) = (lowered.graph, lowered.place)
    parameters = lowered.parameters.map { [graph = lowered.graph] parameter in
      Parameter(port: Self.port(graph.tensors[parameter.tensor]), integers: parameter.values)
    }
    self.settings = settings
    self.model = model
  }

  /// Weights that the program takes as an input.
  public struct Parameter: Hashable, Sendable {
    /// Name, shape, scale and range.
    public var port: Port
    /// The weights.
    public var integers: [Int64]
  }

  /// Predicted constraints, for comparing precisions: the integers of all inputs as bits, and the operations.
  package var predictedCost: Int {
    var cost = integerGraph.inputs.reduce(0) { sum, input in
      sum + integerGraph.tensors[input].range.unsignedBitCount * integerGraph.tensors[input].count
    }
    var decomposed = Set<TensorID>()
    for operation in integerGraph.operations {
      if operation.makesBits(in: integerGraph) { decomposed.insert(operation.output) }
      cost +=
        operation.cost(
          in: integerGraph, bitsAreKnown: decomposed.contains(operation.inputs[0])
        ).constraints
    }
    return cost
  }

  /// The program's inputs in order.
  public var inputs: [Port] {
    integerGraph.inputs.prefix(model.inputs.count).map { Self.port(integerGraph.tensors[$0]) }
  }
  /// The program's outputs in order.
  public var outputs: [Port] { integerGraph.outputs.enumerated().map { output($0.offset) } }

  /// The outputs whose numbers have names in the model.
  public var labelledOutputs: [LabelledOutput] { model.labelledOutputs }

  /// The inputs of texts.
  public var labelledInputs: [LabelledOutput] { model.labelledInputs }

  private static func port(_ tensor: IntegerTensor) -> Port {
    Port(
      name: tensor.name, shape: tensor.shape, scaleBits: tensor.scaleBits, range: tensor.range)
  }

  private func output(_ index: Int) -> Port {
    var port = Self.port(integerGraph.tensors[integerGraph.outputs[index]])
    port.name = model.outputs[index].name
    return port
  }

  /// The integers of inputs: reals rounded to nearest.
  ///
  /// - Throws: `countMismatch`, `invalidInput`, `inputOutOfRange` naming input, element and limits.
  public func quantizeInputs(_ inputs: [Numbers]) throws(ModelError) -> [[Int64]] {
    try model.check(inputs)
    var result: [[Int64]] = []
    for (port, numbers) in zip(self.inputs, inputs) {
      if port.scaleBits == 0, let integers = numbers.integers {
        result.append(try port.integers(integers))
      } else {
        result.append(try port.integers(numbers.reals))
      }
      try check(numbers, result.last!, of: port)
    }
    return result
  }

  /// Checks that no number of an input is read as a missing one because it was rounded.
  private func check(
    _ numbers: Numbers, _ integers: [Int64], of port: Port
  ) throws(ModelError) {
    guard let mark = model.missing.first(where: { $0.name == port.name }),
      let integer = mark.integer(
        scale: Double(sign: .plus, exponent: port.scaleBits, significand: 1))
    else { return }
    let reals = numbers.reals
    for element in integers.indices
    where integers[element] == integer && reals[element] != mark.mark {
      throw .invalidInput(
        input: port.name, element: element, value: "\(reals[element])",
        allowed: "from \(-mark.limit) to \(mark.limit), where \(mark.mark) is a missing number")
    }
  }

  /// What integers of inputs stand for.
  package func numbers(ofInputs integers: [[Int64]]) -> [Numbers] {
    zip(inputs, integers).map { port, list in
      Numbers(list, scale: Double(sign: .plus, exponent: port.scaleBits, significand: 1))
    }
  }

  /// The same for doubles.
  public func quantizeInputs(_ values: [[Double]]) throws(ModelError) -> [[Int64]] {
    try quantizeInputs(values.map(Numbers.reals))
  }

  /// The integer that stands for a real, as a real again.
  static func real(_ integer: Int64, _ scaleBits: Int) -> Double {
    Double(sign: .plus, exponent: -scaleBits, significand: Double(integer))
  }

  /// The reals of integer outputs, one list per output in order.
  public func dequantizeOutputs(_ integers: [[Int64]]) -> [[Double]] {
    zip(integerGraph.outputs, integers).map { tensor, list in
      let scaleBits = integerGraph.tensors[tensor].scaleBits
      return list.map { Self.real($0, scaleBits) }
    }
  }

  /// Runs the program: the values of all tensors, and the outputs as reals.
  ///
  /// - Throws: as `quantizeInputs`, and `valueOutOfRange` naming operator, value and range.
  public func run(
    _ inputs: [Numbers]
  ) throws(ModelError) -> (tensors: [[Int64]], outputs: [[Double]]) {
    let integers = try quantizeInputs(inputs)
    do throws(CircuitError) {
      let tensors = try integerGraph.evaluate(inputs: integers + parameters.map(\.integers))
      return (tensors, dequantizeOutputs(integerGraph.outputs.map { tensors[$0] }))
    } catch {
      throw inReals(error)
    }
  }

  /// The same for doubles.
  public func run(
    _ values: [[Double]]
  ) throws(ModelError) -> (tensors: [[Int64]], outputs: [[Double]]) {
    try run(values.map(Numbers.reals))
  }

  /// An error of the integer program in terms of the model's numbers.
  private func inReals(_ error: CircuitError) -> ModelError {
    guard case .valueOutOfRange(let node, let name, let element, let value, let range) = error,
      let tensor = integerGraph.tensors.first(where: { $0.name == name && $0.range == range })
    else { return .circuit(error) }
    return .valueOutOfRange(
      node: node, tensor: name, element: element, value: Self.real(value, tensor.scaleBits),
      lowest: Self.real(range.lowerBound, tensor.scaleBits),
      highest: Self.real(range.upperBound, tensor.scaleBits))
  }

  /// How far the program's outputs are from the float result for these inputs.
  public func accuracy(_ values: [[Double]]) throws(ModelError) -> AccuracyReport {
    AccuracyReport(
      model: model, expected: try model.evaluate(values), found: try run(values).outputs)
  }

  /// The program's outputs for these inputs beside the float model's.
  /// - Throws: as `run` and `Model.evaluate`.
  public func judgement(
    by rule: AccuracyRule, _ inputs: [Numbers]
  ) throws(ModelError) -> AccuracyJudgement {
    let tensors = try run(inputs).tensors
    let outputs = integerGraph.outputs.map { tensor in
      let scaleBits = integerGraph.tensors[tensor].scaleBits
      return Numbers(
        tensors[tensor], scale: Double(sign: .plus, exponent: scaleBits, significand: 1))
    }
    return try model.judge(outputs: outputs, ofInputs: inputs, by: rule)
  }
}

extension QuantizedModel.Port {
  /// The port's integers for reals, rounded to nearest.
  fileprivate func integers(_ reals: [Double]) throws(ModelError) -> [Int64] {
    var integers: [Int64] = []
    integers.reserveCapacity(reals.count)
    for (element, value) in reals.enumerated() {
      let scaled = Double(sign: .plus, exponent: scaleBits, significand: value).rounded()
      guard let integer = Int64(exactly: scaled), range.contains(integer) else {
        throw outOfRange(element, value)
      }
      integers.append(integer)
    }
    return integers
  }

  /// The same for whole numbers where one unit is 1.
  fileprivate func integers(_ exact: [Int128]) throws(ModelError) -> [Int64] {
    var integers: [Int64] = []
    integers.reserveCapacity(exact.count)
    for (element, value) in exact.enumerated() {
      guard let integer = Int64(exactly: value), range.contains(integer) else {
        throw outOfRange(element, Double(value))
      }
      integers.append(integer)
    }
    return integers
  }

  private func outOfRange(_ element: Int, _ value: Double) -> ModelError {
    .inputOutOfRange(
      input: name, element: element, value: value,
      lowest: QuantizedModel.real(range.lowerBound, scaleBits),
      highest: QuantizedModel.real(range.upperBound, scaleBits))
  }
}
