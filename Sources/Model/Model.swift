import Circuit
import Varuna

/// An ONNX model that can be proven: its typed graph, ready to run and to quantise.
public struct Model: Sendable {
  /// An input or output as the model names it.
  public struct Port: Hashable, Sendable, Codable {
    /// The name in the model.
    public var name: String
    /// Its shape without dynamic dimensions.
    public var shape: [Int]
    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// SHA-256 of the file's bytes in hexadecimal.
  public let digest: String
  /// The inputs in the order of the file.
  public let inputs: [Port]
  /// The outputs in the order of the file.
  public let outputs: [Port]
  /// The graph with fewer and cheaper steps: affine maps merged, functions composed, divisors shared.
  let graph: Graph
  /// The graph as imported, for comparing with.
  let importedGraph: Graph
  /// Where the model's weights are committed to: the graph beside its twin.
  let weights: WeightedGraph?

  /// Reads a model and fixes all shapes.
  ///
  /// - Parameters:
  ///   - bytes: an ONNX file, operator sets 9 to 21.
  ///   - inputShapes: shapes of all inputs, where a dimension other than the batch is dynamic.
  ///   - inputCounts: element counts of the inputs that will be given, to fix one dynamic dimension each.
  ///   - committing: whether the weights become inputs of the program, instead of constants.
  /// - Throws: `ModelError`; unsupported operators are all listed in one error.
  public static func load(
    _ bytes: [UInt8], inputShapes: [[Int]]? = nil, inputCounts: [Int]? = nil,
    committing: Bool = false
  ) throws(ModelError) -> Model {
    var onnx = try OnnxModel(bytes: bytes)
    var twin: Graph?
    if committing {
      let weights = onnx.weights
      twin = try GraphBuilder.build(
        onnx.withGenericWeights(weights), shapes: inputShapes, counts: inputCounts)
      onnx = onnx.keepingZeros(of: weights)
    }
    let graph = try GraphBuilder.build(onnx, shapes: inputShapes, counts: inputCounts)
    let weights = try twin.map { (twin) throws(ModelError) in
      try WeightedGraph(imported: graph, generic: twin)
    }
    return Model(
      graph, weights, outputNames: onnx.outputs.map(\.name), digest: SHA256.hex(bytes))
  }

  private init(
    _ graph: Graph, _ weights: WeightedGraph?, outputNames: [String], digest: String
  ) {
    self.digest = digest
    self.weights = weights
    importedGraph = graph
    self.graph = weights?.graph ?? graph.fused().composed().withSharedDivisors()
    inputs = graph.inputs.map {
      Port(name: graph.values[$0].name, shape: graph.values[$0].shape)
    }
    outputs = zip(graph.outputs, outputNames).map {
      Port(name: $1, shape: graph.values[$0].shape)
    }
  }

  /// The outputs in double precision, one list per output.
  ///
  /// - Throws: `countMismatch`, and `notFinite` for an input or an output.
  public func evaluate(_ values: [[Double]]) throws(ModelError) -> [[Double]] {
    try check(values)
    let results = importedGraph.evaluate(values)
    let found = importedGraph.outputs.map { results[$0] }
    for (port, list) in zip(outputs, found) {
      if let element = list.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(tensor: port.name, element: element)
      }
    }
    return found
  }

  /// Checks that inputs fit in number and element counts and are finite.
  func check(_ values: [[Double]]) throws(ModelError) {
    guard values.count == inputs.count else {
      throw .countMismatch(what: "inputs", expected: inputs.count, found: values.count)
    }
    for (port, list) in zip(inputs, values) {
      guard list.count == port.count else {
        throw .countMismatch(
          what: "elements of input \(port.name)", expected: port.count, found: list.count)
      }
      if let element = list.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(tensor: port.name, element: element)
      }
    }
  }
}
