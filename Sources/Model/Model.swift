import Circuit
import Varuna

/// An ONNX model that can be proven: its typed graph, ready to run and to quantise.
public struct Model: Sendable {
  /// An input or output as the model names it.
  public struct Port: Hashable, Sendable {
    /// The name in the model.
    public var name: String
    /// Its shape without dynamic dimensions.
    public var shape: [Int]
    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
    /// Its element type in the model, such as `float32` or `int64`.
    public var type: String { elementType.word }
    var elementType: ElementType
    /// What its numbers are called, of texts, of an output of labels, or of a ZipMap.
    public var labels: Labels?
  }

  /// SHA-256 of the file's bytes in hexadecimal.
  public let digest: String
  /// All inputs in the order of the file.
  let declaredInputs: [Port]
  /// Those that the program is made for.
  public let fixedInputs: [FixedInput]
  /// The others, in the order of the file: the inputs of the program.
  public let inputs: [Port]
  /// What stands for missing numbers, of inputs that have such.
  public let missing: [MissingMark]
  /// The outputs in the order of the file.
  public let outputs: [Port]
  /// The graph with fewer and cheaper steps: affine maps merged, functions composed, divisors shared.
  private(set) var graph: Graph
  /// Whether the channels of its layers are of one size.
  private(set) var isEqualised = false
  /// The graph as imported, for comparing with.
  let importedGraph: Graph
  /// What its user said about the inputs.
  let choices: InputChoices
  /// Where the model's weights are committed to: the graph beside its twin.
  let weights: WeightedGraph?

  /// Elements of all tensors that depend on inputs, intermediate ones included: about the work that planning begins with.
  package var elementCount: Int {
    importedGraph.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  /// Reads a model and fixes all shapes.
  ///
  /// - Parameters:
  ///   - bytes: an ONNX file of the supported operator sets.
  ///   - inputShapes: shapes of all inputs, where a dimension other than the batch is dynamic.
  ///   - inputCounts: element counts of the inputs that will be given, to fix one dynamic dimension each.
  ///   - committing: whether the weights become inputs of the program, instead of constants.
  /// - Throws: `ModelError`; unsupported operators are all listed in one error.
  public static func load(
    _ bytes: [UInt8], inputShapes: [[Int]]? = nil, inputCounts: [Int]? = nil,
    committing: Bool = false
  ) throws(ModelError) -> Model {
    let onnx = try OnnxModel(bytes: bytes)
    let names = onnx.inputNames
    for found in [inputShapes?.count, inputCounts?.count] {
      guard found ?? names.count == names.count else {
        throw .countMismatch(what: "inputs", expected: names.count, found: found!)
      }
    }
    let given = names.indices.map {
      (names[$0], GivenInput(shape: inputShapes?[$0], count: inputCounts?[$0]))
    }
    return try load(
      onnx, Dictionary(given) { first, _ in first }, InputChoices(), digest: SHA256.hex(bytes),
      committing: committing)
  }

  /// Reads a model for an input: its lists fix the dynamic dimensions, and its numbers what shapes depend on.
  ///
  /// - Parameters:
  ///   - bytes: the ONNX file.
  ///   - input: nil where only the shapes are known.
  ///   - others: more inputs that the program is for: what stands for missing numbers lies beyond theirs too.
  ///   - settings: settings that are there already: what stands for missing numbers is as they say.
  ///   - choices: what else is known of the inputs.
  ///   - committing: whether weights become inputs of the program.
  ///   - simplifying: false leaves the graph as it was imported, which is all that evaluation needs.
  /// - Throws: as above, `invalidChoice`, and for an input file that does not fit the model's inputs.
  public static func load(
    _ bytes: [UInt8], input: InputFile?, beside others: [InputFile] = [],
    settings: QuantizationSettings? = nil, choices: InputChoices = InputChoices(),
    committing: Bool = false, simplifying: Bool = true
  ) throws(ModelError) -> Model {
    let onnx = try OnnxModel(bytes: bytes)
    let names = onnx.inputNames
    try choices.check(names: names)
    var given = choices.given
    let sample = choices.sample ?? (choices.takesAnySample ? 0 : nil)
    let tensors = try input?.assigned(
      to: names, besides: Set(choices.fixed.keys), sample: sample)
    var isChosen = tensors.map { ($0.count) } != input?.tensors.count
    for value in onnx.inputs where names.contains(value.name) && choices.fixed[value.name] == nil {
      guard let whole = tensors?[value.name] else { continue }
      let size = choices.sampleSize(value)
      let tensor =
        try size.map { (size) throws(ModelError) in
          try whole.sample(sample, ofSize: size, input: value.name)
        } ?? whole
      isChosen = isChosen || tensor.numbers.count != whole.numbers.count
      let shape = choices.shapes[value.name]
      given[value.name] = GivenInput(
        shape: shape ?? tensor.shape, isHint: shape == nil, count: tensor.numbers.count,
        numbers: tensor.isKnown ? tensor.numbers : nil,
        mark: settings?.missing?.first { $0.name.utf8.elementsEqual(value.name.utf8) }?.mark
          ?? MissingMark.beyond(
            ([input].compactMap(\.self) + others).flatMap {
              $0.samples(of: value.name, of: names, besides: Set(choices.fixed.keys))
            }))
    }
    guard isChosen || input == nil || choices.sample ?? 0 == 0 else {
      throw .invalidInputFile(reason: "it has one sample, and --sample asks for another one")
    }
    return try load(
      onnx, given, choices, digest: SHA256.hex(bytes), committing: committing,
      simplifying: simplifying)
  }

  /// Reads a model for the shapes and the fixed inputs of settings.
  ///
  /// - Throws: as above, and `invalidSettings` where they are for other inputs.
  public static func load(
    _ bytes: [UInt8], settings: QuantizationSettings
  ) throws(ModelError) -> Model {
    let onnx = try OnnxModel(bytes: bytes)
    var given: [String: GivenInput] = [:]
    for fixed in settings.fixedInputs ?? [] {
      given[fixed.name] = GivenInput(
        shape: fixed.shape, count: fixed.values.count, numbers: fixed.numbers)
    }
    // Where all inputs are fixed, the first one is an input of the program nevertheless.
    let names = onnx.inputNames.filter { given[$0] == nil }
    guard names.isEmpty || names.count == settings.inputShapes.count else {
      throw .invalidSettings(reason: "they were made for other inputs")
    }
    for (name, shape) in zip(names, settings.inputShapes) {
      given[name] = GivenInput(
        shape: shape, mark: settings.missing?.first { $0.name == name }?.mark)
    }
    // An input may be fixed because the prover wanted it, and nothing depends on it: a verdict names all of them.
    let choices = InputChoices(
      fixed: Dictionary((settings.fixedInputs ?? []).map { ($0.name, $0.values) }) { first, _ in
        first
      })
    let model = try load(
      onnx, given, choices, digest: SHA256.hex(bytes), committing: settings.parameters != nil)
    guard
      model.fixedInputs == settings.fixedInputs ?? [],
      (settings.fixedInputs ?? []).allSatisfy({
        model.fixedInputs.map(\.name).containsBytes(of: $0.name)
      })
    else {
      throw .invalidSettings(reason: "they fix other inputs than the model needs")
    }
    guard
      model.missing == settings.missing ?? [],
      (settings.missing ?? []).allSatisfy({ model.missing.map(\.name).containsBytes(of: $0.name) })
    else {
      throw .invalidSettings(reason: "they mark missing numbers of inputs that the model has not")
    }
    return model
  }

  private static func load(
    _ onnx: OnnxModel, _ given: [String: GivenInput], _ choices: InputChoices, digest: String,
    committing: Bool, simplifying: Bool = true
  ) throws(ModelError) -> Model {
    try onnx.checkDefinitions()
    let fixing = Set(choices.fixed.keys)
    // What is compared with is made from the file as it is, whatever becomes of the program.
    let built = try GraphBuilder.build(onnx, given, fixing: fixing)
    var weights: WeightedGraph?
    if committing {
      weights = try WeightedGraph(built, onnx) { (variant) throws(ModelError) in
        try GraphBuilder.build(variant, given, fixing: fixing)
      }
    }
    return Model(
      built, weights, choices, outputNames: onnx.outputs.map(\.name), digest: digest,
      simplifying: simplifying)
  }

  private init(
    _ built: GraphBuilder.Result, _ weights: WeightedGraph?, _ choices: InputChoices,
    outputNames: [String], digest: String, simplifying: Bool
  ) {
    let graph = built.graph
    self.choices = choices
    self.digest = digest
    declaredInputs = built.inputs
    fixedInputs = built.fixed
    missing = built.marks
    self.weights = weights
    importedGraph = graph
    self.graph =
      weights?.graph
      ?? (simplifying ? graph.fused().composed().withSharedDivisors() : graph)
    inputs = graph.inputs.map { input in
      let value = graph.values[input]
      return Port(
        name: value.name, shape: value.shape, elementType: value.type,
        labels: built.inputs.first { $0.name == value.name }?.labels)
    }
    outputs = graph.outputs.indices.map { index in
      let value = graph.values[graph.outputs[index]]
      return Port(
        name: outputNames[index], shape: value.shape, elementType: value.type,
        labels: built.labels[index])
    }
  }
}

extension Model {
  /// The model with the channels of its layers of one size; itself where weights are committed to, which are those of the file.
  func equalised() -> Model {
    guard !isEqualised, weights == nil else { return self }
    var model = self
    model.graph = graph.equalised()
    model.isEqualised = true
    return model
  }
}
