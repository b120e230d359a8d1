import Circuit

/// Builds small graphs for tests: tensors are named t0, t1, ... and get the derived range unless one is given.
public struct GraphSketch {
  /// The tensors so far.
  public var tensors: [IntegerTensor] = []
  /// The operations so far.
  public var operations: [IntegerOperation] = []
  /// Those of the tensors that are given.
  public var inputs: [TensorID] = []

  /// An empty graph.
  public init() {}

  /// Adds a tensor that is given.
  public mutating func input(_ count: Int, _ range: ClosedRange<Int64>) -> TensorID {
    inputs.append(tensors.count)
    return tensor(count, range)
  }

  /// Adds an operation and its result.
  public mutating func add(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], count: Int,
    range: ClosedRange<Int64>? = nil, name: String? = nil
  ) -> TensorID {
    let derived = try? IntegerOperation.derivedRange(of: kind, inputs: inputs.map { tensors[$0] })
    let output = tensor(count, range ?? derived ?? 0...0)
    operations.append(
      IntegerOperation(
        name: name ?? "\(kind.word)_\(output)", kind: kind, inputs: inputs, output: output))
    return output
  }

  private mutating func tensor(_ count: Int, _ range: ClosedRange<Int64>) -> TensorID {
    tensors.append(
      IntegerTensor(name: "t\(tensors.count)", shape: [count], range: range, scaleBits: 0))
    return tensors.count - 1
  }

  /// The graph with these results.
  public func graph(outputs: [TensorID]) throws -> IntegerGraph {
    try IntegerGraph(tensors: tensors, operations: operations, inputs: inputs, outputs: outputs)
  }

  /// A graph of four inputs that uses every kind of operation.
  public static func everyKind() throws -> IntegerGraph {
    var sketch = GraphSketch()
    let x = sketch.input(4, -8...7)
    var map = LinearMap(inputCount: 8)
    map.appendRow([(0, 3), (5, -2)], bias: 5)
    map.appendRow([(1, 4), (2, -4), (6, 1)])
    map.appendRow([(7, 10)], bias: -1)
    map.appendRow([(3, 1), (4, 7)])
    let s = sketch.add(.rescale(shift: 0), [x], count: 4, range: -5...6)
    let y = sketch.add(.linear(map), [x, s], count: 4)
    let q = sketch.add(.rescale(shift: 2), [y], count: 4, range: -32...31)
    let z = sketch.add(.relu, [q], count: 4)
    let p = sketch.add(.product, [q, y], count: 4)
    let m = sketch.add(.matmul(batch: 1, m: 2, k: 2, n: 2), [x, z], count: 4)
    let w = sketch.add(.maximum(windows: [[0, 1], [2, 3, 0]]), [p], count: 2)
    let a = sketch.add(.argmax(groups: [[0, 1, 3], [3, 1]], last: false), [m], count: 2)
    let b = sketch.add(.argmax(groups: [[0, 1, 3]], last: true), [z], count: 1)
    let more = try sketch.addFurtherKinds(x)
    return try sketch.graph(outputs: [w, a, b] + more)
  }

  /// The kinds beyond the first seven, on four elements of [-8, 7]; tensors that nothing else reads.
  private mutating func addFurtherKinds(_ x: TensorID) throws -> [TensorID] {
    let d = add(.divide(by: 3, rounding: .halfEven), [x], count: 4)
    let n = add(.absolute, [x], count: 4)
    let c = add(.clamp(1...5), [x], count: 4)
    let quotient = add(.quotient(shift: 2, rounding: .towardZero), [x, c], count: 4)
    let root = add(.squareRoot, [n], count: 4)
    let negative = add(.isNegative, [d], count: 4)
    let zero = add(.isZero, [d], count: 4)
    let chosen = add(.select, [zero, x, quotient], count: 4)
    let both = add(.bitwise(.and), [n, c], count: 4)
    let either = add(.bitwise(.or), [both, root], count: 4)
    let one = add(.bitwise(.xor), [either, negative], count: 4)
    let length = add(.bitLength, [one], count: 4)
    let square = add(.table(FunctionTable(over: -8...7) { $0 * $0 - 3 }), [x], count: 4)
    let segments = SegmentTable(
      lowest: -8, lowBits: 2, intercepts: [5, -1, 7, 0], slopes: [1, -2, 3, 4])
    let curve = add(.interpolate(segments), [x], count: 4)
    let bent = SegmentTable(
      lowest: -8, lowBits: 3, intercepts: [5, -1], slopes: [1, -2], curvatures: [3, -1],
      coarseBits: 1)
    let parabolas = add(.interpolate(bent), [x], count: 4)
    let distances = add(.distance(groups: [[0, 1], [3, 2]]), [x], count: 4)
    let places = add(.order(groups: [[0, 1, 2, 3]], count: 2, descending: true), [x], count: 2)
    let picks = [0, 1].map { Pick(index: $0, start: 3, stride: -1, count: 4) }
    let picked = add(.gather(picks: picks), [curve, places], count: 2)
    let hot = add(.oneHot(depth: 4), [places], count: 8)
    return [chosen, length, square, parabolas, distances, picked, hot]
  }
}
